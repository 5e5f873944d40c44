// One POST over HTTP or HTTPS with libcurl, whose options are variadic and so out of Swift's reach.
#ifndef CURL_POST_H
#define CURL_POST_H

#include <stddef.h>

enum curl_post_outcome {
  CURL_POST_ANSWERED = 0,
  CURL_POST_TIMED_OUT,
  CURL_POST_UNREACHABLE,
  CURL_POST_TOO_LONG,
};

struct curl_post_answer {
  enum curl_post_outcome outcome;
  /// The HTTP status, where there is an answer.
  long status;
  /// The body: `length` bytes, freed with `curl_post_free`.
  unsigned char *body;
  size_t length;
  /// What failed, in libcurl's words; empty when nothing did.
  char reason[256];
};

/// Sends `body` as JSON to `url` and waits for the whole answer.
///
/// No redirect is followed and no proxy of the environment is used: what is sent reaches the place that was named, or nobody.
///
/// - user, password: for a digest login, used only when the other side asks for one; NULL for none.
/// - seconds: how long the whole call may take.
/// - most: how many bytes of an answer are taken.
struct curl_post_answer curl_post(
    const char *url, const void *body, size_t length, const char *user, const char *password, long seconds, size_t most);

void curl_post_free(struct curl_post_answer answer);

#endif
