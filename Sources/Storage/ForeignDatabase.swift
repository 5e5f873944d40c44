import GRDB
import GRDBSQLite

/// Somebody else's SQLite database, opened to be read and nothing more.
package final class ForeignDatabase {
  package let path: String
  private let handle: OpaquePointer

  /// - Throws: ``StorageError`` when the file is missing or no database.
  package init(path: String) throws {
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil)
    guard code == SQLITE_OK, let handle else {
      sqlite3_close_v2(handle)
      throw StorageError(DatabaseError(resultCode: ResultCode(rawValue: code)), path: path)
    }
    sqlite3_busy_timeout(handle, 5000)
    self.handle = handle
    self.path = path
  }

  deinit { sqlite3_close_v2(handle) }

  package func prepare(_ sql: String) throws -> RawStatement {
    do { return try RawStatement(sql, on: handle) } catch let error as DatabaseError { throw StorageError(error, path: path) }
  }

  /// The names of its tables and views.
  package func tableNames() throws -> [String] {
    let rows = try prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name")
    var names: [String] = []
    while try rows.step() { names.append(rows.text(0)) }
    return names
  }
}
