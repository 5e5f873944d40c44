import AuditLog
import RefundPolicy
public import Storage

/// Sums over the hashes of all rows of the tables that hold money or where it goes: in any order, so that an import adds and takes away only
/// what it changes, and yet no bit of a row can change without changing the sum.
public enum FactSums {
  static func hash(_ values: [FactValue], voided: Bool, _ importID: Int64) -> UInt64 {
    var fingerprint = Fingerprint()
    for value in values {
      switch value {
      case .null: fingerprint.addNull()
      case .int(let number): fingerprint.add(number)
      case .bytes(let bytes): unsafe fingerprint.add(bytes: bytes)
      case .text(let text): fingerprint.add(text)
      }
    }
    fingerprint.add(Int64(voided ? 1 : 0))
    fingerprint.add(importID)
    return fingerprint.number()
  }

  static func record(_ table: FactTable, added: Int64, _ sum: UInt64, by importID: Int64, on connection: Connection) throws {
    try record(table.name, added: added, sum, by: importID, on: connection)
  }

  private static func record(_ table: String, added: Int64, _ sum: UInt64, by importID: Int64, on connection: Connection) throws {
    let last = try latest(table, on: connection)
    let insert = try connection.prepare("INSERT INTO import_sums (import_id, table_name, row_count, sum) VALUES (?1, ?2, ?3, ?4)")
    try insert.bind(1, importID)
    try insert.bind(2, table)
    try insert.bind(3, last.rows + added)
    try insert.bind(4, Int64(bitPattern: last.sum &+ sum))
    try insert.run()
  }

  /// The name under which the sum over the blocks of orders and the patches over them is kept; its row count is the number of orders.
  static let blocks = "order_blocks"

  static func recordBlocks(added: Int64, _ sum: UInt64, by importID: Int64, on connection: Connection) throws {
    try record(blocks, added: added, sum, by: importID, on: connection)
  }

  /// How many orders there are.
  public static func orderCount(on connection: Connection) throws -> Int64 { try latest(blocks, on: connection).rows }

  private static func latest(_ table: String, on connection: Connection) throws -> (rows: Int64, sum: UInt64) {
    let row = try connection.prepare("SELECT row_count, sum FROM import_sums WHERE table_name = ?1 ORDER BY import_id DESC LIMIT 1")
    try row.bind(1, table)
    return try row.step() ? (row.int(0), UInt64(bitPattern: row.int(1))) : (0, 0)
  }

  /// One sentence for each table whose rows are not what imports made of them.
  public static func faults(on connection: Connection) throws -> [String] {
    try BlockCheck(connection).faults(expecting: latest(blocks, on: connection))
      + FactTable.all.filter(\.isSummed).compactMap { table in
        let rows = try connection.prepare("SELECT \(table.columns.map(\.stored).joined(separator: ", ")), voided, import_id FROM \(table.name)")
        var (count, sum): (Int64, UInt64) = (0, 0)
        while try rows.step() {
          var fingerprint = Fingerprint()
          fingerprint.add(row: rows)
          sum &+= fingerprint.number()
          count += 1
        }
        let expected = try latest(table.name, on: connection)
        if count != expected.rows { return "\(table.name): \(count) rows are there, imports made \(expected.rows)" }
        return sum == expected.sum ? nil : "\(table.name): a row is not as imports made it"
      }
  }
}
