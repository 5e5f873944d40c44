import Facts
import Storage

/// A walk through a table in key order beside the walk through the orders: it stays where it is until the orders have come up to it.
///
/// Where orders in between need nothing it jumps with one search instead of reading what it passes.
final class FactCursor {
  private let rows: RawStatement
  private var isStarted = false
  /// The order id of the row that it stands on, good until the next step; nil past the last row.
  private var key: ByteText?

  /// - Parameter sql: Rows whose first column is the order id, at or after the parameter `?1`, ascending.
  init(_ sql: String, on connection: Connection) throws { rows = try connection.prepare(sql) }

  /// Calls `body` with each row of the order; orders must be asked for in ascending order.
  func each(of orderID: ByteText, _ body: (RawStatement) throws -> Void) throws {
    try advance(to: orderID)
    while let key, key == orderID {
      try body(rows)
      try step()
    }
  }

  /// Whether a row of the order is there; nothing is consumed.
  func has(_ orderID: ByteText) throws -> Bool {
    try advance(to: orderID)
    return key.map { $0 == orderID } ?? false
  }

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
