import GRDB
import GRDBSQLite

/// What is wrong with somebody else's SQLite database (65): it is damaged, or a view of it does not work.
public struct ForeignDatabaseError: Error, Hashable, Sendable {
  public var path: String
  public var why: String
}

/// Somebody else's SQLite database, opened to be read and nothing more.
@safe public final class ForeignDatabase: StatementSource {
  public let path: String
  private let handle: OpaquePointer

  /// - Throws: ``StorageError`` when the file is missing or no database.
  public init(path: String) throws {
    var handle: OpaquePointer?
    // One thread at a time reads: SQLite need not lock at every column.
    let code = unsafe sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let handle = unsafe handle else {
      unsafe sqlite3_close_v2(handle)
      throw ForeignDatabase.error(DatabaseError(resultCode: ResultCode(rawValue: code)), path)
    }
    unsafe sqlite3_busy_timeout(handle, 5000)
    unsafe self.handle = handle
    self.path = path
  }

  deinit { unsafe sqlite3_close_v2(handle) }

  public func prepare(_ sql: String) throws -> RawStatement {
    try mapped { unsafe try RawStatement(sql, on: handle) }
  }

  /// Goes to the next row of a statement of this database.
  public func step(_ rows: RawStatement) throws -> Bool { try mapped { try rows.step() } }

  private func mapped<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as DatabaseError { throw ForeignDatabase.error(error, path) }
  }

  private static func error(_ error: DatabaseError, _ path: String) -> any Error {
    let storage = StorageError(error, path: path)
    return switch storage {
    case .busy, .inputOutput, .missing: storage
    case .notOurs(_, let why), .damaged(_, let why): ForeignDatabaseError(path: path, why: why)
    case .refused, .occupied, .severalNames: ForeignDatabaseError(path: path, why: error.message ?? error.resultCode.description)
    }
  }

  /// The names of its tables and views.
  public func tableNames() throws -> [String] {
    let rows = try prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name")
    var names: [String] = []
    while try step(rows) { names.append(rows.text(0)) }
    return names
  }
}
