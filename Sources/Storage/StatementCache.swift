import CSQLite
import Synchronization

/// Prepared statements that are not in use, by their SQL: a catch-up of many nights would else spend a quarter of its time on preparing the same
/// ones again.
@safe final class StatementCache: Sendable {
  @safe private struct Shelf: @unchecked Sendable {
    var statements: [String: [OpaquePointer]] = unsafe [:]
    var count = 0
    var isClosed = false
  }

  private let shelf = Mutex(Shelf())
  /// So many are kept; there are some two hundred different ones.
  private static let most = 512

  func take(_ sql: String) -> OpaquePointer? {
    unsafe shelf.withLock { shelf in
      guard let statement = unsafe shelf.statements[sql]?.popLast() else { return nil }
      shelf.count -= 1
      return unsafe statement
    }
  }

  /// Puts a statement away, or ends it where there is no room.
  func give(_ sql: String, _ statement: OpaquePointer) {
    let given = unsafe Given(statement)
    shelf.withLock { shelf in
      if shelf.isClosed || shelf.count >= StatementCache.most {
        unsafe sqlite3_finalize(given.statement)
      } else {
        unsafe sqlite3_reset(given.statement)
        unsafe sqlite3_clear_bindings(given.statement)
        unsafe shelf.statements[sql, default: []].append(given.statement)
        shelf.count += 1
      }
    }
  }

  /// Ends all of them: the connection is about to be closed.
  func close() {
    shelf.withLock { shelf in
      unsafe shelf.statements.values.joined().forEach { unsafe sqlite3_finalize($0) }
      unsafe shelf.statements = [:]
      (shelf.count, shelf.isClosed) = (0, true)
    }
  }

  @safe private struct Given: @unchecked Sendable {
    let statement: OpaquePointer
    init(_ statement: OpaquePointer) { unsafe self.statement = statement }
  }
}
