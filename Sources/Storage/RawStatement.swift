import CSQLite

/// What statements can be prepared on.
public protocol StatementSource {
  func prepare(_ sql: String) throws -> RawStatement
}

/// A prepared statement on the bare C interface, for whatever touches every row.
///
/// Reading a row this way costs about 0.3 us and writing one about 1.2 us; a library's records cost three to ten times that.
/// Not for use outside the `Connection` it was made by.
@safe public final class RawStatement {
  /// Nil until it is used: a night makes more statements than it comes to use, and to prepare one takes longer than most rows.
  private var handle: OpaquePointer?
  private let database: OpaquePointer
  private let sql: String
  private let cache: StatementCache?

  /// Prepares the statement when it is used first; what is wrong with it is told then.
  ///
  /// - Parameter cache: Where it is taken from and put away when nobody uses it any more.
  init(_ sql: String, on database: OpaquePointer, cache: StatementCache) {
    unsafe (self.sql, self.database, self.cache) = (sql, database, cache)
  }

  /// Prepares the statement.
  init(_ sql: String, on database: OpaquePointer) throws {
    unsafe (self.sql, self.database, cache) = (sql, database, nil)
    unsafe try prepare()
  }

  deinit {
    guard let handle = unsafe handle else { return }
    if let cache { unsafe cache.give(sql, handle) } else { unsafe sqlite3_finalize(handle) }
  }

  @inline(__always) private func ready() throws -> OpaquePointer {
    if let handle = unsafe handle { return unsafe handle }
    return unsafe try prepare()
  }

  @discardableResult private func prepare() throws -> OpaquePointer {
    var prepared = unsafe cache?.take(sql)
    if unsafe prepared == nil {
      let code = unsafe sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
      if code != SQLITE_OK { throw unsafe Database.error(code, on: database, sql: sql) }
    }
    guard let prepared = unsafe prepared else { throw SQLiteError(code: SQLITE_MISUSE, message: "no statement", sql: sql) }
    unsafe handle = prepared
    return unsafe prepared
  }

  private func check(_ code: CInt) throws {
    guard code == SQLITE_OK else { throw unsafe Database.error(code, on: database) }
  }

  // Parameters count from 1, as in SQL.

  public func bind(_ index: Int, _ value: Int64) throws { unsafe try check(sqlite3_bind_int64(ready(), CInt(index), value)) }
  public func bindNull(_ index: Int) throws { unsafe try check(sqlite3_bind_null(ready(), CInt(index))) }

  public func bind(_ index: Int, _ value: Int64?) throws {
    if let value { try bind(index, value) } else { try bindNull(index) }
  }

  /// Binds UTF-8 text that SQLite copies before this returns.
  public func bind(_ index: Int, bytes: UnsafeBufferPointer<UInt8>) throws {
    let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let base = unsafe UnsafeRawPointer(bytes.baseAddress ?? RawStatement.nothing.utf8Start)
    unsafe try check(sqlite3_bind_text(ready(), CInt(index), base.assumingMemoryBound(to: CChar.self), CInt(bytes.count), transient))
  }

  /// Binds text that stays where it is until the statement is stepped and reset: nothing is copied.
  public func bind(_ index: Int, unchanging bytes: UnsafeBufferPointer<UInt8>) throws {
    let base = unsafe UnsafeRawPointer(bytes.baseAddress ?? RawStatement.nothing.utf8Start)
    unsafe try check(sqlite3_bind_text(ready(), CInt(index), base.assumingMemoryBound(to: CChar.self), CInt(bytes.count), nil))
  }

  public func bind(_ index: Int, _ text: String) throws {
    var text = text
    try text.withUTF8 { unsafe try bind(index, bytes: $0) }
  }

  public func bind(_ index: Int, _ text: String?) throws {
    if let text { try bind(index, text) } else { try bindNull(index) }
  }

  public func bind(_ index: Int, blob: [UInt8]) throws {
    let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    unsafe try check(sqlite3_bind_blob(ready(), CInt(index), blob, CInt(blob.count), transient))
  }

  /// Binds bytes that stay where they are until the statement is stepped and reset: nothing is copied.
  public func bind(_ index: Int, blobBytes bytes: UnsafeBufferPointer<UInt8>) throws {
    let base = unsafe UnsafeRawPointer(bytes.baseAddress ?? RawStatement.nothing.utf8Start)
    unsafe try check(sqlite3_bind_blob(ready(), CInt(index), base, CInt(bytes.count), nil))
  }

  /// Goes to the next row.
  ///
  /// - Returns: Whether there is one.
  public func step() throws -> Bool {
    let handle = unsafe try ready()
    let code = unsafe sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let error = unsafe Database.error(code, on: database, sql: String(cString: sqlite3_sql(handle)))
      unsafe sqlite3_reset(handle)
      throw error
    }
  }

  public func reset() { unsafe sqlite3_reset(handle) }

  /// Steps a statement that gives no row, and makes it ready for the next.
  public func run() throws {
    _ = try step()
    unsafe sqlite3_reset(handle)
  }

  /// Rows the last insert, update or delete on this connection changed.
  public var changes: Int { unsafe Int(sqlite3_changes(database)) }

  // Columns count from 0, as in SQLite.

  public func isNull(_ column: Int) -> Bool { unsafe sqlite3_column_type(handle, CInt(column)) == SQLITE_NULL }
  public func int(_ column: Int) -> Int64 { unsafe sqlite3_column_int64(handle, CInt(column)) }
  public func optionalInt(_ column: Int) -> Int64? { isNull(column) ? nil : int(column) }

  /// The column's UTF-8 bytes, good until the next step; empty for NULL.
  public func bytes(_ column: Int) -> UnsafeBufferPointer<UInt8> {
    let text = unsafe sqlite3_column_text(handle, CInt(column))
    return unsafe UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(handle, CInt(column))))
  }

  public func text(_ column: Int) -> String { unsafe String(decoding: bytes(column), as: UTF8.self) }
  public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

  public func blob(_ column: Int) -> [UInt8] {
    guard let start = unsafe sqlite3_column_blob(handle, CInt(column)) else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, CInt(column)))))
  }

  /// The column's bytes as they lie in the database, good until the next step.
  public func blobBytes(_ column: Int) -> UnsafeBufferPointer<UInt8> {
    guard let start = unsafe sqlite3_column_blob(handle, CInt(column)) else { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeBufferPointer(
      start: start.assumingMemoryBound(to: UInt8.self), count: Int(sqlite3_column_bytes(handle, CInt(column))))
  }

  /// The column's type as SQLite holds it in this row.
  public enum StoredType: Sendable { case integer, real, text, blob, null }

  public func type(_ column: Int) -> StoredType {
    switch unsafe sqlite3_column_type(handle, CInt(column)) {
    case SQLITE_INTEGER: .integer
    case SQLITE_FLOAT: .real
    case SQLITE_TEXT: .text
    case SQLITE_BLOB: .blob
    default: .null
    }
  }

  public var columnCount: Int { unsafe Int(sqlite3_column_count(handle)) }
  public func columnName(_ column: Int) -> String { unsafe sqlite3_column_name(handle, CInt(column)).map { unsafe String(cString: $0) } ?? "" }

  /// Something to point at where a text is empty: a null pointer would bind NULL.
  private static let nothing: StaticString = ""
}
