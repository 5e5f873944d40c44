public import AuditLog
public import RefundPolicy
public import Storage

/// Checks rows of facts against what imports sealed.
public final class FactCheck {
  private let connection: Connection
  private let blocks: OrderBlocks
  private let request, requestsOfOrder: RawStatement
  private var trees: [String: DigestTree] = [:]
  /// Buckets that were found whole.
  private var whole: [String: Set<Int64>] = [:]

  public init(_ connection: Connection) throws {
    self.connection = connection
    blocks = try OrderBlocks(connection)
    request = try connection.prepare(
      "SELECT \(FactLeaves.columns(of: .requests)), bucket FROM requests WHERE request_id = ?1")
    requestsOfOrder = try connection.prepare(
      "SELECT request_id, bucket, txid IS NULL AND voided = 0, requested_at FROM requests WHERE order_id = ?1 ORDER BY request_id")
  }

  /// What is wrong with the tables of shared records, which decide about every order: each row, and their number.
  public func sharedRecords() throws -> [Finding] {
    try FactTable.all.filter { !$0.isPacked && !$0.hasBuckets }.flatMap(all)
  }

  /// What is wrong with a table's rows.
  func all(of table: FactTable) throws -> [Finding] {
    guard let tree = StateTree(table: table.name) else { return [] }
    do {
      let leaves = try DigestTree(tree, on: connection)
      let rows = try table.allRows(on: connection)
      var findings: [Finding] = []
      var buckets = Set(rows.keys)
      try leaves.each { bucket, _ in buckets.insert(bucket) }
      for bucket in buckets.sorted() {
        let found = rows[bucket] ?? []
        if try FactLeaves.leaf(found.map(\.digest)) != leaves.digest(at: bucket) {
          findings.append(FactTable.finding(table, found.map(\.key)))
        }
      }
      let count = Int64(rows.values.reduce(0) { $0 + $1.count })
      if count != leaves.rowCount { findings.append(Finding(table.name, "\(count) rows are there, imports made \(leaves.rowCount)")) }
      if table.hasBuckets { findings += try misplaced(table) }
      return findings
    } catch let damage as Damage {
      return damage.findings
    }
  }

  /// Rows that stand in another bucket than their values say.
  private func misplaced(_ table: FactTable) throws -> [Finding] {
    let rows = try connection.prepare("SELECT \(FactLeaves.columns(of: table)), bucket FROM \(table.name)")
    var findings: [Finding] = []
    while try rows.step() {
      if rows.int(table.columns.count + 2) != FactBuckets(table).bucket(of: FactLeaves.values(rows, of: table)) {
        findings.append(FactCheck.misplaced(rows, of: table))
      }
    }
    return findings
  }

  /// What is wrong with any request.
  public func allRequests() throws -> [Finding] { try all(of: .requests) }

  /// What is wrong with a request; nothing where there is none.
  public func request(_ id: String) throws -> [Finding] {
    try request.bind(1, id)
    defer { request.reset() }
    return try request.step() ? check(request, of: .requests) : []
  }

  /// What is wrong with the requests that name an order, and with what a run made of them: none of them may be missing there.
  ///
  /// - Parameters:
  ///   - matched: The ids of those that it matched to the order.
  ///   - cut: It knew what was requested before.
  public func requests(ofOrder orderID: String, matched: Set<String>, before cut: Instant) throws -> [Finding] {
    let number = FactBuckets.bucket(ofOrder: orderID)
    var findings = try bucket(number, of: .requests)
    try requestsOfOrder.bind(1, orderID)
    defer { requestsOfOrder.reset() }
    while try requestsOfOrder.step() {
      let id = requestsOfOrder.text(0)
      if requestsOfOrder.int(1) != number {
        findings.append(Finding("requests \(id)", "its bucket is not the one of its values"))
      } else if requestsOfOrder.int(2) == 1, requestsOfOrder.int(3) < cut.seconds, !matched.contains(id) {
        // One that names a transaction too may be of no order (Q1).
        findings.append(Finding("matched_requests \(id)", "it is missing"))
      }
    }
    return findings
  }

  /// A request as a run matched it to an order (Q1).
  public struct Matched: Hashable, Sendable {
    public var requestID: String
    public var orderID: String
    public var requestedAt: Instant
    public var address: String?
    public var network: String?
    public var tag: String?

    public init(requestID: String, orderID: String, requestedAt: Instant, address: String?, network: String?, tag: String?) {
      (self.requestID, self.orderID, self.requestedAt) = (requestID, orderID, requestedAt)
      (self.address, self.network, self.tag) = (address, network, tag)
    }
  }

  /// What is wrong with a request or with what a run made of it: it says of the customer what the request says, and is of an order that this names.
  ///
  /// - Parameter importID: What came or changed with later imports is not matched yet, and not compared.
  public func matched(_ matched: Matched, knownTo importID: Int64 = .max) throws -> [Finding] {
    let place = "requests \(matched.requestID)"
    try request.bind(1, matched.requestID)
    defer { request.reset() }
    guard try request.step() else { return [Finding(place, "it is missing")] }
    let findings = try check(request, of: .requests)
    if !findings.isEmpty || request.int(FactTable.requests.columns.count + 1) > importID { return findings }
    let (orderID, transaction) = (request.optionalText(1), request.optionalText(2))
    let told = Matched(
      requestID: request.text(0), orderID: matched.orderID, requestedAt: Instant(seconds: request.int(3)), address: request.optionalText(5),
      network: request.optionalText(6), tag: request.optionalText(7))
    if told != matched { return [Finding("matched_requests \(matched.requestID)", "it is not what the request says")] }
    let isOfOrder =
      try orderID.map { $0 == matched.orderID }
      ?? transaction.map { try blocks.orders(with: FactKey($0), .transaction).contains(matched.orderID) } ?? false
    return isOfOrder ? [] : [Finding("matched_requests \(matched.requestID)", "the request is not one of order '\(matched.orderID)'")]
  }

  /// What is wrong with the rates of a coin that were quoted from one day through another.
  public func rates(of coin: String, from first: ServiceDay, through last: ServiceDay) throws -> [Finding] {
    var findings: [Finding] = []
    var buckets: Set<Int64> = []
    for ordinal in first.ordinal...max(first.ordinal, last.ordinal) {
      let number = FactBuckets.bucket(ofRates: coin, on: ServiceDay(ordinal: ordinal))
      if buckets.insert(number).inserted { findings += try bucket(number, of: .rates) }
    }
    let rows = try connection.prepare(
      "SELECT \(FactLeaves.columns(of: .rates)), bucket FROM rates WHERE coin = ?1 AND quoted_at >= ?2 AND quoted_at < ?3")
    try rows.bind(1, coin)
    try rows.bind(2, first.start.seconds)
    try rows.bind(3, last.end.seconds)
    while try rows.step() { findings += try check(rows, of: .rates) }
    return findings
  }

  /// What is wrong with a row, of ``FactLeaves/columns(of:)`` and its bucket.
  private func check(_ row: RawStatement, of table: FactTable) throws -> [Finding] {
    let number = FactBuckets(table).bucket(of: FactLeaves.values(row, of: table))
    if row.int(table.columns.count + 2) != number { return [FactCheck.misplaced(row, of: table)] }
    return try bucket(number, of: table)
  }

  private static func misplaced(_ row: RawStatement, of table: FactTable) -> Finding {
    Finding("\(table.name) \(table.known(row).key)", "its bucket is not the one of its values")
  }

  private func bucket(_ bucket: Int64, of table: FactTable) throws -> [Finding] {
    if whole[table.name]?.contains(bucket) ?? false { return [] }
    do {
      guard let name = StateTree(table: table.name) else { return [] }
      let tree = try trees[table.name] ?? DigestTree(name, on: connection)
      trees[table.name] = tree
      let rows = try connection.prepare("SELECT \(FactLeaves.columns(of: table)) FROM \(table.name) WHERE bucket = ?1")
      try rows.bind(1, bucket)
      var found: [FactTable.KnownRow] = []
      while try rows.step() { found.append(table.known(rows)) }
      guard try FactLeaves.leaf(found.map(\.digest)) == tree.digest(at: bucket) else {
        return [FactTable.finding(table, found.map(\.key))]
      }
      whole[table.name, default: []].insert(bucket)
      return []
    } catch let damage as Damage {
      return damage.findings
    }
  }
}
