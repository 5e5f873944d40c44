import CSQLite
import Glibc

/// One connection to a database file, for one thread at a time: whoever calls while another thread is inside ``use(_:)`` waits.
@safe final class Database: @unchecked Sendable {
  /// How a file is opened.
  enum Mode {
    case readOnly
    /// The file must exist.
    case readWrite
    /// The file is made where there is none.
    case creating

    fileprivate var flags: CInt {
      switch self {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE
      case .creating: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    }
  }

  private(set) var handle: OpaquePointer?
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  /// How long a statement waits for another process's lock, in milliseconds.
  private static let patience: CInt = 5_000

  private static let setup = csqlite_setup()

  /// - Parameter path: A file, or `:memory:`.
  /// - Throws: ``SQLiteError``.
  init(path: String, _ mode: Mode) throws(SQLiteError) {
    // Where SQLite was in use already it works as ever, only slower.
    _ = Database.setup
    unsafe pthread_mutex_init(mutex, nil)
    var opened: OpaquePointer?
    // The mutex above does what SQLite's own at every call would do.
    let code = unsafe sqlite3_open_v2(path, &opened, mode.flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK else {
      let error = unsafe Database.error(code, on: opened)
      unsafe sqlite3_close_v2(opened)
      unsafe pthread_mutex_destroy(mutex)
      unsafe mutex.deallocate()
      throw error
    }
    unsafe handle = opened
    unsafe sqlite3_busy_timeout(opened, Database.patience)
  }

  deinit {
    unsafe sqlite3_close_v2(handle)
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  /// Closes the file; statements that still exist keep it open until they end.
  ///
  /// - Throws: ``SQLiteError``.
  func close() throws(SQLiteError) {
    let code = unsafe sqlite3_close(handle)
    guard code == SQLITE_OK else { throw unsafe Database.error(code, on: handle) }
    unsafe handle = nil
  }

  /// Runs `body` while no other thread uses the connection. Not to be called inside another call of it.
  func use<Result>(_ body: () throws -> Result) rethrows -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Runs statements that give no rows, separated by semicolons.
  ///
  /// - Throws: ``SQLiteError``.
  func execute(_ sql: String) throws(SQLiteError) {
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw unsafe Database.error(code, on: handle, sql: sql) }
  }

  /// The first column of the first row of a query; nil where there is no row or it is NULL.
  func text(_ sql: String) throws -> String? {
    let row = try statement(sql)
    return try row.step() ? row.optionalText(0) : nil
  }

  /// The first column of the first row of a query; nil where there is no row or it is NULL.
  func integer(_ sql: String) throws -> Int64? {
    let row = try statement(sql)
    return try row.step() ? row.optionalInt(0) : nil
  }

  /// A statement that is not kept for later.
  func statement(_ sql: String) throws -> RawStatement {
    guard let handle = unsafe handle else { throw SQLiteError(code: SQLITE_MISUSE, message: "the connection is closed", sql: sql) }
    return unsafe try RawStatement(sql, on: handle)
  }

  /// Reads in one transaction: what others commit meanwhile is not seen.
  func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
    try use {
      try execute("BEGIN")
      do {
        let result = try body()
        try execute("COMMIT")
        return result
      } catch {
        if isInTransaction { try? execute("ROLLBACK") }
        throw error
      }
    }
  }

  /// Takes the steps of a schema from number `first` on, each in a transaction of its own.
  ///
  /// - Parameter header: The header of the file in which a log of it may begin; empty where there is none.
  func migrate(_ migrations: [Store.Migration], from first: Int, on header: [UInt8] = []) throws(SQLiteError) {
    for (number, migration) in migrations.enumerated().dropFirst(first) {
      do {
        let version = WriteAheadLog.mark(of: header, schema: Int64(number + 1))
        try execute("BEGIN IMMEDIATE;\n" + migration.sql + ";\nPRAGMA user_version = \(version); COMMIT")
      } catch {
        if isInTransaction { try? execute("ROLLBACK") }
        throw error
      }
    }
  }

  /// Whether a transaction is open. SQLite ends one by itself after some failures of memory or disk.
  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  static func error(_ code: CInt, on handle: OpaquePointer?, sql: String? = nil) -> SQLiteError {
    let message = unsafe handle.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
    let extended = unsafe handle.map { unsafe sqlite3_extended_errcode($0) } ?? code
    return SQLiteError(code: extended & 0xFF == code & 0xFF ? extended : code, message: message, sql: sql)
  }
}
