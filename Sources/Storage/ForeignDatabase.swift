import GRDB
import GRDBSQLite

/// Somebody else's SQLite database, opened to be read and nothing more.
@safe package final class ForeignDatabase: StatementSource {
  package let path: String
  private let handle: OpaquePointer

  /// - Throws: ``StorageError`` when the file is missing or no database.
  package init(path: String) throws {
    var handle: OpaquePointer?
    let code = unsafe sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil)
    guard code == SQLITE_OK, let handle = unsafe handle else {
      unsafe sqlite3_close_v2(handle)
      throw StorageError(DatabaseError(resultCode: ResultCode(rawValue: code)), path: path)
    }
    unsafe sqlite3_busy_timeout(handle, 5000)
    unsafe self.handle = handle
    self.path = path
  }

  deinit { unsafe sqlite3_close_v2(handle) }

  package func prepare(_ sql: String) throws -> RawStatement {
    do { return unsafe try RawStatement(sql, on: handle) } catch let error as DatabaseError { throw StorageError(error, path: path) }
  }

  /// The names of its tables and views.
  package func tableNames() throws -> [String] {
    let rows = try prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name")
    var names: [String] = []
    while try rows.step() { names.append(rows.text(0)) }
    return names
  }
}
