#ifndef HOST_H
#define HOST_H

#include <stddef.h>

/// The process as the system started it. Before anything else runs, standard input, output and error are looked at: where one is closed, something
/// that can be neither read nor written takes its place. Else the next file that is opened would get its number, and what is printed would end
/// up in the database.

/// The number of arguments, the program's name included, as the system passed them: Swift reads them from /proc, and sees none where that is missing.
int host_argument_count(void);

/// An argument's bytes, ended by a NUL; NULL where there is none of the number.
const char *host_argument(int index);

/// Has a write to a pipe that nobody reads fail, in place of ending the process: what is being done must not depend on who reads along.
void host_ignore_broken_pipes(void);

/// A mapped file that may shrink while it is read. Touching a page that is gone is a signal (SIGBUS); for ranges that are watched it becomes zeros
/// in the rest of the range, and a mark that the reader asks for.
typedef struct host_mapping host_mapping;

/// Watches a range; NULL where there is no memory for that, or the signal cannot be caught.
host_mapping *host_watch(const void *start, size_t size);

/// Whether a part of the range could not be read.
int host_is_broken(const host_mapping *mapping);

/// Ends it, before the range is unmapped.
void host_unwatch(host_mapping *mapping);

#endif
