#define _GNU_SOURCE
#include "Host.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct host_mapping {
  _Atomic uintptr_t start;
  /// 0 where nothing is watched: it is free for the next range.
  _Atomic size_t size;
  _Atomic int is_broken;
  struct host_mapping *next;
};

/// Only ever added to: the handler walks along it at any moment.
static _Atomic(struct host_mapping *) first = NULL;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int is_installed = 0;
static struct sigaction before;
static uintptr_t page_size;

static void on_bus_error(int signal_number, siginfo_t *information, void *context) {
  (void)context;
  int saved = errno;
  uintptr_t address = (uintptr_t)information->si_addr;
  for (struct host_mapping *mapping = atomic_load(&first); mapping != NULL; mapping = mapping->next) {
    size_t size = atomic_load(&mapping->size);
    uintptr_t start = atomic_load(&mapping->start);
    if (size == 0 || address < start || address >= start + size) continue;
    // Marked first: whoever sees zeros also sees the mark.
    atomic_store(&mapping->is_broken, 1);
    uintptr_t page = address & ~(page_size - 1);
    uintptr_t end = (start + size + page_size - 1) & ~(page_size - 1);
    void *zeros = mmap((void *)page, end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    if (zeros == MAP_FAILED) break;
    errno = saved;
    return;
  }
  // None of ours: the same instruction meets whoever was there before.
  sigaction(signal_number, &before, NULL);
  errno = saved;
}

/// Under the lock.
static int install(void) {
  if (is_installed) return 1;
  page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  struct sigaction action = {0};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  sigemptyset(&action.sa_mask);
  is_installed = sigaction(SIGBUS, &action, &before) == 0;
  return is_installed;
}

host_mapping *host_watch(const void *start, size_t size) {
  pthread_mutex_lock(&lock);
  struct host_mapping *mapping = NULL;
  if (install()) {
    for (mapping = atomic_load(&first); mapping != NULL; mapping = mapping->next) {
      if (atomic_load(&mapping->size) == 0) break;
    }
    if (mapping == NULL && (mapping = calloc(1, sizeof *mapping)) != NULL) {
      mapping->next = atomic_load(&first);
      atomic_store(&first, mapping);
    }
  }
  if (mapping != NULL) {
    atomic_store(&mapping->is_broken, 0);
    atomic_store(&mapping->start, (uintptr_t)start);
    atomic_store(&mapping->size, size);
  }
  pthread_mutex_unlock(&lock);
  return mapping;
}

int host_is_broken(const host_mapping *mapping) { return atomic_load(&((host_mapping *)mapping)->is_broken); }

void host_unwatch(host_mapping *mapping) {
  pthread_mutex_lock(&lock);
  atomic_store(&mapping->size, 0);
  pthread_mutex_unlock(&lock);
}
