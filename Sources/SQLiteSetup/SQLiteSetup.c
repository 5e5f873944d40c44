#include "SQLiteSetup.h"
#include <sqlite3.h>

int sqlite_setup(void) {
  int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  if (code == SQLITE_OK) code = sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, 1 << 20);
  return code;
}
