#include "Host.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int argument_count = 0;
static char **arguments = NULL;

/// glibc passes the arguments to constructors.
__attribute__((constructor)) static void start(int count, char **values) {
  argument_count = count;
  arguments = values;
  for (int descriptor = 0; descriptor <= 2; descriptor++) {
    if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is the one that is missing. Opened the wrong way round: reading, or writing, is an error as it would have been.
    int mode = descriptor == 0 ? O_WRONLY : O_RDONLY;
    if (open("/dev/null", mode) == descriptor || open("/", O_RDONLY | O_DIRECTORY) == descriptor) continue;
    _exit(74);
  }
}

int host_argument_count(void) { return argument_count; }

const char *host_argument(int index) {
  return index >= 0 && index < argument_count ? arguments[index] : NULL;
}

void host_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }
