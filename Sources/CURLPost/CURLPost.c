#include "CURLPost.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct collected {
  struct curl_post_answer *answer;
  size_t most;
};

static size_t collect(char *data, size_t size, size_t count, void *context) {
  struct collected *collected = context;
  struct curl_post_answer *answer = collected->answer;
  size_t bytes = size * count;
  if (bytes > collected->most - answer->length) {
    answer->outcome = CURL_POST_TOO_LONG;
    return 0;
  }
  unsigned char *grown = realloc(answer->body, answer->length + bytes + 1);
  if (grown == NULL) return 0;
  memcpy(grown + answer->length, data, bytes);
  answer->body = grown;
  answer->length += bytes;
  return bytes;
}

static void drop_body(struct curl_post_answer *answer) {
  free(answer->body);
  answer->body = NULL;
  answer->length = 0;
}

/// One exchange; a second one on the same handle goes over the same connection where the other side keeps it.
static CURLcode exchange(CURL *handle, struct curl_post_answer *answer) {
  drop_body(answer);
  CURLcode code = curl_easy_perform(handle);
  if (code == CURLE_OK) curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
  return code;
}

struct curl_post_answer curl_post(
    const char *url, const void *body, size_t length, const char *user, const char *password, long seconds, size_t most) {
  struct curl_post_answer answer = {.outcome = CURL_POST_UNREACHABLE};
  CURL *handle = curl_easy_init();
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  if (headers != NULL) {
    // A wallet answers at once; waiting for "100 Continue" would lose a second on a long body.
    struct curl_slist *longer = curl_slist_append(headers, "Expect:");
    if (longer == NULL) curl_slist_free_all(headers);
    headers = longer;
  }
  if (handle == NULL || headers == NULL) {
    strcpy(answer.reason, "out of memory");
    curl_slist_free_all(headers);
    curl_easy_cleanup(handle);
    return answer;
  }
  struct collected collected = {.answer = &answer, .most = most};
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, answer.reason);
  curl_easy_setopt(handle, CURLOPT_URL, url);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, seconds);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, seconds < 10 ? seconds : 10L);
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &collected);

  CURLcode code = exchange(handle, &answer);
  if (code == CURLE_OK && answer.status == 401 && user != NULL) {
    curl_easy_setopt(handle, CURLOPT_HTTPAUTH, (long)CURLAUTH_DIGEST);
    curl_easy_setopt(handle, CURLOPT_USERNAME, user);
    curl_easy_setopt(handle, CURLOPT_PASSWORD, password);
    code = exchange(handle, &answer);
  }
  if (code == CURLE_OK) {
    answer.outcome = CURL_POST_ANSWERED;
  } else {
    if (answer.outcome != CURL_POST_TOO_LONG && code == CURLE_OPERATION_TIMEDOUT) answer.outcome = CURL_POST_TIMED_OUT;
    if (answer.reason[0] == '\0') strncpy(answer.reason, curl_easy_strerror(code), sizeof answer.reason - 1);
    drop_body(&answer);
  }
  curl_slist_free_all(headers);
  curl_easy_cleanup(handle);
  return answer;
}

void curl_post_free(struct curl_post_answer answer) { free(answer.body); }
