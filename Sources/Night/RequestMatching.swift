import AuditLog
import Facts
import Ledger
import RefundPolicy
import Storage

/// Names the order of every request known as of a date (Q1), into the table `matched_requests`; the rest are exceptions for a person.
///
/// What was matched stays until the request or an order it could be matched to changes.
final class RequestMatching {
  private let connection: Connection
  private let cut: Instant
  private let blocks: OrderBlocks
  private let facts: FactCheck
  private let request, former, forget, insert: RawStatement
  private let sum: RowSum
  /// The last import that runs know of: what it and those before it brought was matched.
  private let lastImport: Int64
  private let reader = BlockReader()
  private var file = OrderRows()
  /// When a period that was paid with the transaction at hand becomes known, the first of those that are not.
  private var due: Int64?

  /// Called with each request that counts no more: it is voided, or not known yet.
  private let gone: (String) throws -> Void

  /// The table that runs match requests into, and a connection's own for the requests of one order as they are now.
  static let ofAll = "matched_requests"
  static let ofOne = "temp.requests_of_one"

  init(
    _ connection: Connection, asOf cut: Instant, into table: String = RequestMatching.ofAll, gone: @escaping (String) throws -> Void = { _ in }
  ) throws {
    (self.connection, self.cut, self.gone) = (connection, cut, gone)
    (blocks, facts) = (try OrderBlocks(connection), try FactCheck(connection))
    lastImport = try connection.integer("SELECT coalesce(max(import_id), 0) FROM runs")
    request = try connection.prepare(
      "SELECT \(RequestMatching.columns) FROM requests WHERE request_id = ?1")
    sum = try RowSum(.matchedRequests, on: connection)
    former = try connection.prepare("SELECT \(MatchedRequests.columns) FROM \(table) WHERE request_id = ?1")
    forget = try connection.prepare("DELETE FROM \(table) WHERE request_id = ?1")
    insert = try connection.prepare("INSERT INTO \(table) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
  }

  private static let columns = "request_id, order_id, txid, requested_at, address, network, tag, voided"

  /// Notes what the table comes to now, for the seal that ends the run.
  func seal() throws { try sum.finish() }

  typealias Unmatched = (_ requestID: String, _ requestedAt: Instant, RequestDecision.MatchFailure) throws -> Void

  /// Matches every request anew.
  ///
  /// - Parameter unmatched: Called with each request that no order can be named for.
  /// - Throws: ``Damage`` where a request is not as an import made it.
  func matchAll(unmatched: Unmatched) throws {
    try facts.allRequests().mustBeEmpty()
    try connection.execute("DELETE FROM matched_requests")
    sum.clear()
    let rows = try connection.prepare(
      "SELECT \(RequestMatching.columns) FROM requests WHERE voided = 0 AND requested_at < ?1 ORDER BY request_id")
    try rows.bind(1, cut.seconds)
    while try rows.step() { _ = try match(rows, unmatched) }
  }

  /// Matches one request anew.
  ///
  /// - Returns: The orders to decide again: the one it was matched to before, and the one it is matched to now.
  /// - Throws: ``Damage`` where it is not as an import made it, or was not matched as the last run left it.
  func match(_ requestID: String, isNew: Bool = false, unmatched: Unmatched) throws -> [String] {
    var orders: [String] = []
    try facts.request(requestID).mustBeEmpty()
    if !isNew {
      try former.bind(1, requestID)
      while try former.step() {
        orders.append(former.text(0))
        let matched = FactCheck.Matched(
          requestID: former.text(1), orderID: former.text(0), requestedAt: former.instant(2), address: former.optionalText(3),
          network: former.optionalText(4), tag: former.optionalText(5))
        try facts.matched(matched, knownTo: lastImport).mustBeEmpty()
        var row = Fingerprint()
        row.add(row: former)
        sum.remove(row)
      }
      former.reset()
      try forget.bind(1, requestID)
      try forget.run()
    }
    try request.bind(1, requestID)
    defer { request.reset() }
    guard try request.step(), request.int(7) == 0, request.int(3) < cut.seconds else {
      try gone(requestID)
      return orders
    }
    if let orderID = try match(request, unmatched) { orders.append(orderID) }
    return orders
  }

  /// Matches the request that a row stands on, which has no match yet.
  ///
  /// - Returns: The order.
  private func match(_ request: RawStatement, _ unmatched: Unmatched) throws -> String? {
    due = nil
    switch try facts(orderID: request.optionalText(1), transaction: request.optionalText(2)).match() {
    case .success(let orderID):
      try insert.bind(1, orderID)
      try insert.bind(2, request.text(0))
      try insert.bind(3, request.int(3))
      for column in 4...6 { try insert.bind(column, request.optionalText(column)) }
      try insert.bind(7, due)
      try insert.run()
      var row = Fingerprint()
      row.add(orderID)
      row.add(request.text(0))
      row.add(request.int(3))
      for column in 4...6 { row.add(request.optionalText(column)) }
      row.add(due)
      sum.add(row)
      return orderID
    case .failure(let failure):
      try unmatched(request.text(0), request.instant(3), failure.failure)
      return nil
    }
  }

  private func facts(orderID: String?, transaction: String?) throws -> MatchFacts {
    var named = MatchFacts.NamedOrder.none
    if let orderID {
      named = .unknown(orderID)
      _ = try blocks.find(orderID, reader) { named = $0.order.isVoided ? .voided(orderID) : .known(orderID) }
    }
    return MatchFacts(named: named, transaction: transaction, paidOrders: try transaction.map(ordersPaid) ?? [])
  }

  /// The orders, none voided, of which a period known as of the date was paid with the transaction.
  private func ordersPaid(with transaction: String) throws -> [String] {
    let wanted = TransactionID(transaction)
    return try blocks.orders(with: FactKey(transaction), .transaction).filter { orderID in
      var isPaid = false
      _ = try blocks.find(orderID, reader) { reader in
        if reader.order.isVoided { return }
        reader.read(into: &file)
        for period in file.periods where !period.isVoided && !period.txid.isEmpty && TransactionID(period.txid.string) == wanted {
          if period.paidAt < cut.seconds { isPaid = true } else { due = min(due ?? .max, period.paidAt) }
        }
      }
      return isPaid
    }
  }
}

extension RequestMatching {
  /// Matches what may be a request of one order from what is known now into ``ofOne``; nothing of the database changes.
  static func matchForOne(_ orderID: String, asOf cut: Instant, on connection: Connection) throws {
    try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS \(ofOne) (
        order_id TEXT NOT NULL, request_id TEXT NOT NULL, requested_at INTEGER NOT NULL, address TEXT, network TEXT, tag TEXT, due INTEGER,
        PRIMARY KEY (order_id, request_id)) STRICT, WITHOUT ROWID;
      DELETE FROM \(ofOne);
      """)
    let matching = try RequestMatching(connection, asOf: cut, into: ofOne)
    let requests = try connection.prepare("SELECT request_id, order_id, txid FROM requests")
    let paid = Set(try transactions(ofOrder: orderID, on: connection))
    try requests.eachRow { row in
      let isNamed = row.optionalText(1) == orderID
      guard isNamed || row.optionalText(2).map({ paid.contains(FactKey($0).transactionHash) }) ?? false else { return }
      _ = try matching.match(row.text(0), isNew: true) { _, _, _ in }
    }
  }

  /// Hashes of the transactions that paid for an order.
  static func transactions(ofOrder orderID: String, on connection: Connection) throws -> [UInt64] {
    let reader = BlockReader()
    var file = OrderRows()
    var found: [UInt64] = []
    _ = try OrderBlocks(connection).find(orderID, reader) { reader in
      reader.read(into: &file)
      found = file.transactions
    }
    return found
  }
}

extension RawStatement {
  fileprivate func eachRow(_ body: (RawStatement) throws -> Void) throws { while try step() { try body(self) } }
}
