#ifndef CSQLITE_H
#define CSQLITE_H

#include <sqlite3.h>

/// Sets how SQLite uses memory in this process; to be called before anything else of it. The function that does so takes any number of arguments,
/// which Swift cannot call.
///
/// Nobody asks how much memory SQLite takes in all, so it does not count: threads would wait for each other at every allocation. And what it keeps of
/// the pages that a statement changes, for the case that it fails, stays in memory up to some hundred pages: most statements of a night change five,
/// and would write them into a file.
///
/// Returns SQLite's result code: 0, or 21 where it was in use already.
int csqlite_setup(void);

/// Gives a file or folder another name in one step that fails where anything has that name; 0, or -1 with errno.
int rename_to_new(const char *from, const char *to);

/// Gives a file or folder another name in one step that fails where anything has that name; 0, or -1 with errno.
int rename_to_new(const char *from, const char *to);

#endif
