import Facts
import Storage

/// A walk through a table in key order beside the walk through the orders: it stays where it is until the orders have come up to it.
///
/// Where orders in between need nothing it jumps with one search instead of reading what it passes.
final class FactCursor {
  private let rows: RawStatement
  /// The order of the row that it stands on; nil at the end.
  private var key: ByteText?
  private var isStarted = false

  /// - Parameter sql: Rows whose first column is the order id, at or after the parameter `?1`, ascending.
  init(_ sql: String, on connection: Connection) throws { rows = try connection.prepare(sql) }

  /// Calls `body` with each row of the order; orders must be asked for in ascending order.
  func each(of orderID: ByteText, _ body: (RawStatement) throws -> Void) throws {
    while try has(orderID) {
      try body(rows)
      try step()
    }
  }

  /// Whether a row of the order is there; nothing is consumed.
  func has(_ orderID: ByteText) throws -> Bool {
    // Most often it has not come to the orders that are asked for, or there is nothing in the whole table.
    if isStarted {
      guard let key else { return false }
      let order = ByteText.compare(key, orderID)
      if order >= 0 { return order == 0 }
    }
    try advance(to: orderID)
    return key.map { $0 == orderID } ?? false
  }

  /// Whether there are rows from one order on and before another; nil is the end of all.
  func has(from first: ByteText, before end: ByteText?) throws -> Bool {
    if !isStarted || key.map({ $0 < first }) ?? false { try advance(to: first) }
    guard let key else { return false }
    return end.map { key < $0 } ?? true
  }

  /// The order of the first row from one on and before another; nil is the end of all. Good until something else is asked.
  func first(from first: ByteText, before end: ByteText?) throws -> ByteText? { try has(from: first, before: end) ? key : nil }

  /// Goes on from an order's rows, where it stands on them.
  func pass(_ orderID: ByteText) throws { while key.map({ $0 == orderID }) ?? false { try step() } }

  /// A number of the row that it stands on.
  func int(_ column: Int) -> Int64 { rows.int(column) }

  /// Rows read past before a search is cheaper.
  private static let patience = 8

  private func advance(to orderID: ByteText) throws {
    if isStarted {
      for _ in 0..<FactCursor.patience {
        guard let key, key < orderID else { return }
        try step()
      }
      guard let key, key < orderID else { return }
    }
    isStarted = true
    rows.reset()
    unsafe try rows.bind(1, bytes: orderID.bytes)
    try step()
  }

  private func step() throws { key = try rows.step() ? ByteText(rows, 0) : nil }
}

extension ByteText {
  /// A text column, good until the row's next step.
  init(_ row: RawStatement, _ column: Int) { unsafe self.init(row.bytes(column)) }
}
