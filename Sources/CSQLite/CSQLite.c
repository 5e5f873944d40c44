#define _GNU_SOURCE
#include "CSQLite.h"
#include <fcntl.h>
#include <stdio.h>

int csqlite_setup(void) {
  int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  if (code == SQLITE_OK) code = sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, 1 << 20);
  return code;
}

int rename_to_new(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}
