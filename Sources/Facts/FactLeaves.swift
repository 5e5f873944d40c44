public import AuditLog
import RefundPolicy
public import Storage

/// How the rows of a fact table are shared out among the leaves of its ``DigestTree``: each row is in one bucket, and the leaf of a bucket is
/// over all of its rows. So what belongs to one order, or to one day of rates, is checked by reading it alone, and nothing can be missing there.
struct FactBuckets {
  /// Buckets of tables that are checked as a whole: most hold one row, so that a changed one can be named.
  static let ofSmall: Int64 = 1 << 12
  static let ofLarge: Int64 = 1 << 14

  private let table: FactTable

  init(_ table: FactTable) { self.table = table }

  var count: Int64 { table.hasBuckets ? FactBuckets.ofLarge : FactBuckets.ofSmall }

  /// The bucket of a row by its values, in the order of the table's columns.
  func bucket(of values: [FactValue]) -> Int64 {
    switch table.name {
    case "requests":
      if let order = values[1].text { FactBuckets.bucket(ofOrder: order) } else { FactBuckets.bucket(ofTransaction: values[2].text ?? "") }
    case "rates": FactBuckets.bucket(ofRates: values[0].text ?? "", on: Instant(seconds: values[1].int ?? 0).day)
    default: FactBuckets.bucket(of: table.key.map { values[$0].text ?? "" }.joined(separator: " "), count)
    }
  }

  /// Of the requests that name an order.
  static func bucket(ofOrder orderID: String) -> Int64 { bucket(of: orderID, ofLarge) }

  /// Of the requests that name no order, but a transaction.
  static func bucket(ofTransaction transaction: String) -> Int64 {
    Int64((FactKey(transaction).transactionHash >> 8) % UInt64(ofLarge))
  }

  static func bucket(ofRates coin: String, on day: ServiceDay) -> Int64 { bucket(of: "\(coin) \(day.ordinal)", ofLarge) }

  private static func bucket(of text: String, _ count: Int64) -> Int64 {
    Int64((FactKey(text).hash(.period) >> 8) % UInt64(count))
  }
}

extension FactValue {
  fileprivate var text: String? {
    switch self {
    case .text(let text): text
    case .bytes(let bytes): unsafe String(decoding: bytes, as: UTF8.self)
    case .int(let number): String(number)
    case .null: nil
    }
  }
}

/// The rows of a bucket, or of a table, and the digests of them.
enum FactLeaves {
  /// What is read of each row: its columns, then whether it is voided, and its import.
  static func columns(of table: FactTable) -> String {
    table.columns.map(\.stored).joined(separator: ", ") + ", voided, import_id"
  }

  /// The digest of a row of ``columns(of:)``.
  static func digest(_ row: RawStatement, of table: FactTable) -> [UInt8] {
    var digest = Fingerprint()
    digest.add(row: row, columns: 0..<table.columns.count + 2)
    return digest.short()
  }

  /// The same of values that are not in a row any more.
  static func digest(_ values: [FactValue], voided: Bool, _ importID: Int64) -> [UInt8] {
    var digest = Fingerprint()
    for value in values {
      switch value {
      case .null: digest.addNull()
      case .int(let number): digest.add(number)
      case .bytes(let bytes): unsafe digest.add(bytes: bytes)
      case .text(let text): digest.add(text)
      }
    }
    digest.add(Int64(voided ? 1 : 0))
    digest.add(importID)
    return digest.short()
  }

  /// The leaf of rows with these digests, in whatever order; nil for no rows.
  static func leaf(_ rows: [[UInt8]]) -> [UInt8]? {
    if rows.isEmpty { return nil }
    var digest = Fingerprint()
    for row in rows.sorted(by: { $0.lexicographicallyPrecedes($1) }) { digest.add(blob: row) }
    return digest.short()
  }

  /// The values of a row of ``columns(of:)``.
  static func values(_ row: RawStatement, of table: FactTable) -> [FactValue] { table.columns.indices.map { FactValue(row, $0) } }
}

/// What an import changed of one table, bucket by bucket.
struct ChangedBuckets {
  /// By bucket the digests of the rows that stood there before and do not any more.
  private(set) var former: [Int64: [[UInt8]]] = [:]

  mutating func add(_ bucket: Int64) { former[bucket, default: []] += [] }
  mutating func add(_ bucket: Int64, former digest: [UInt8]) { former[bucket, default: []].append(digest) }
}

extension FactTable {
  /// Brings the leaves of changed buckets up to date, at the end of an import.
  ///
  /// - Parameter new: The number of rows that came, and of rows that were changed.
  /// - Throws: ``Damage`` where a bucket was not as the imports before left it: nothing may be sealed over it.
  func seal(_ changed: ChangedBuckets, new: Int64, changed changedRows: Int64, by importID: Int64, on connection: Connection) throws {
    guard let tree = StateTree(table: name), new + changedRows > 0 else { return }
    let leaves = try DigestTree(tree, on: connection)
    let buckets = try hasBuckets ? rowsByBucket(changed, on: connection) : allRows(on: connection)
    var own: Int64 = 0
    for bucket in Set(buckets.keys).union(changed.former.keys).sorted() {
      let rows = buckets[bucket] ?? []
      let former = rows.filter { $0.importID != importID }.map(\.digest) + (changed.former[bucket] ?? [])
      own += Int64(rows.count { $0.importID == importID })
      if try FactLeaves.leaf(former) != leaves.digest(at: bucket) {
        throw Damage([FactTable.finding(self, rows.filter { $0.importID != importID }.map(\.key))])
      }
      if changed.former[bucket] != nil { try leaves.set(FactLeaves.leaf(rows.map(\.digest)), at: bucket) }
    }
    // A row with this import's number that it did not write would be sealed with it.
    if own != new + changedRows { throw Damage(name, "\(own - new - changedRows) rows more than were imported are of import \(importID)") }
    leaves.rowCount += new
    if !hasBuckets, try connection.count("SELECT count(*) FROM \(name)") != leaves.rowCount {
      throw Damage(name, "rows were added or removed")
    }
    try leaves.finish()
  }

  struct KnownRow {
    var key: String
    var importID: Int64
    var digest: [UInt8]
  }

  func known(_ row: RawStatement) -> KnownRow {
    KnownRow(
      key: key.map { columns[$0].kind.text(FactValue(row, $0)) ?? "" }.joined(separator: " "), importID: row.int(columns.count + 1),
      digest: FactLeaves.digest(row, of: self))
  }

  private func rowsByBucket(_ changed: ChangedBuckets, on connection: Connection) throws -> [Int64: [KnownRow]] {
    let rows = try connection.prepare("SELECT \(FactLeaves.columns(of: self)) FROM \(name) WHERE bucket = ?1")
    var found: [Int64: [KnownRow]] = [:]
    for bucket in changed.former.keys {
      try rows.bind(1, bucket)
      while try rows.step() { found[bucket, default: []].append(known(rows)) }
      rows.reset()
    }
    return found
  }

  func allRows(on connection: Connection) throws -> [Int64: [KnownRow]] {
    let buckets = FactBuckets(self)
    let rows = try connection.prepare("SELECT \(FactLeaves.columns(of: self)) FROM \(name)")
    var found: [Int64: [KnownRow]] = [:]
    while try rows.step() {
      found[buckets.bucket(of: FactLeaves.values(rows, of: self)), default: []].append(known(rows))
    }
    return found
  }

  /// What is wrong with a bucket, by the keys of the rows that are in it.
  static func finding(_ table: FactTable, _ keys: [String]) -> Finding {
    switch keys.count {
    case 0: Finding(table.name, "a record is missing")
    case 1: Finding("\(table.name) \(keys[0])", "it is not as an import made it")
    default:
      Finding(
        "\(table.name) \(keys.prefix(3).joined(separator: ", "))\(keys.count > 3 ? " …" : "")",
        "one of these, or one that is missing, is not as an import made it")
    }
  }
}

/// What imports left, as a whole: for `verify`, and for the start of a run.
public enum FactState {
  private static func imports(on connection: Connection) throws -> [Finding] {
    try RowChain.findings(.imports, "SELECT * FROM imports ORDER BY import_id", on: connection)
      + RowChain.findings(.importTables, "SELECT * FROM import_tables ORDER BY import_id, table_name", on: connection)
  }

  /// How many orders there are.
  public static func orderCount(on connection: Connection) throws -> Int64 { try connection.root(of: .orderBlocks).rowCount }

  /// What a run must know to be whole before it decides anything: the shared records, the imports, and the numbers of requests and blocks. Requests,
  /// rates and blocks are checked one by one where they are read.
  public static func findings(beforeRunOn connection: Connection) throws -> [Finding] {
    var findings = try FactCheck(connection).sharedRecords() + imports(on: connection) + BlockProof.countFindings(on: connection)
    let requests = try connection.count("SELECT count(*) FROM requests")
    let expected = try connection.root(of: .requests).rowCount
    if requests != expected { findings.append(Finding("requests", "\(requests) rows are there, imports made \(expected)")) }
    return findings
  }

  /// Everything, row by row.
  public static func findings(on connection: Connection) throws -> [Finding] {
    let check = try FactCheck(connection)
    return try BlockCheck(connection).findings() + FactTable.all.filter { !$0.isPacked }.flatMap(check.all)
      + imports(on: connection)
  }
}
