public import Storage

/// The facts as they are known, as files that could be imported again: rows of one table in the contract's columns, `voided` the last.
public struct FactListing {
  private let connection: Connection
  private let table: FactTable

  /// - Parameter table: The name of a file of facts, without `.csv`.
  /// - Returns: Nil where there is no such table.
  public init?(_ table: String, on connection: Connection) {
    guard let table = FactTable.named(table) else { return nil }
    (self.connection, self.table) = (connection, table)
  }

  public static var tables: [String] { FactTable.all.map(\.name) }

  public var header: [String] { table.columns.map(\.name) + ["voided"] }

  /// Calls `body` with the fields of each row; those of orders in the order of their ids.
  ///
  /// - Parameter order: Only what belongs to this order; nil takes all.
  public func each(of order: String?, _ body: ([String]) throws -> Void) throws {
    func give(_ texts: [String?], _ isVoided: Bool) throws { try body(texts.map { $0 ?? "" } + [isVoided ? "true" : "false"]) }
    guard table.isPacked else { return try eachUnpacked(of: order, give) }
    if let order {
      _ = try OrderBlocks(connection).find(order, BlockReader()) { reader in
        var file = OrderRows()
        reader.read(into: &file)
        try rows(of: file, give)
      }
      return
    }
    try OrderBlocks.each(on: connection) { try rows(of: $0, give) }
  }

  private func rows(of file: OrderRows, _ row: ([String?], Bool) throws -> Void) throws {
    switch table.name {
    case "orders": try row(file.order.texts, file.order.isVoided)
    case "periods": for period in file.periods { try row(period.texts(file.order.id), period.isVoided) }
    case "addons": for addon in file.addons { try row(addon.texts(file.periods[addon.period].id), addon.isVoided) }
    case "usage": for usage in file.usage { try row(usage.texts(file.order.id), usage.isVoided) }
    default: for ticket in file.tickets { try row(ticket.texts(file.order.id), ticket.isVoided) }
    }
  }

  private func eachUnpacked(of order: String?, _ row: ([String?], Bool) throws -> Void) throws {
    if order != nil, table.order == nil { return }
    let condition = order == nil ? "" : "WHERE order_id = ?1"
    let key = table.key.map { table.columns[$0].stored }.joined(separator: ", ")
    let rows = try connection.prepare(
      "SELECT \(table.columns.map(\.stored).joined(separator: ", ")), voided FROM \(table.name) \(condition) ORDER BY \(key)")
    if let order { try rows.bind(1, order) }
    while try rows.step() {
      try row(table.columns.indices.map { table.columns[$0].kind.text(FactValue(rows, $0)) }, rows.int(table.columns.count) == 1)
    }
  }

  /// A row as RFC 4180 writes it, with its line feed.
  public static func line(_ fields: [String]) -> [UInt8] {
    Array(fields.map { CSVText.quoted(Array($0.utf8)) }.joined(separator: [UInt8(ascii: ",")])) + [10]
  }
}
