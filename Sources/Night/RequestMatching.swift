import Ledger
import RefundPolicy
import Storage

/// Names the order of every request known as of a date (Q1), into the temporary table `matched_requests`; the rest are exceptions for a person.
struct RequestMatching {
  private let connection: Connection
  private let cut: Instant

  init(_ connection: Connection, asOf cut: Instant) {
    (self.connection, self.cut) = (connection, cut)
  }

  /// - Parameter unmatched: Called with each request that no order can be named for.
  func match(unmatched: (_ requestID: String, _ requestedAt: Instant, RequestDecision.MatchFailure) throws -> Void) throws {
    try connection.execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS matched_requests (
        order_id TEXT NOT NULL, request_id TEXT NOT NULL, requested_at INTEGER NOT NULL, address TEXT, network TEXT, tag TEXT,
        PRIMARY KEY (order_id, request_id)) STRICT, WITHOUT ROWID;
      DELETE FROM matched_requests;
      """)
    let paidOrders = try ordersPaid()
    let requests = try connection.prepare(
      """
      SELECT r.request_id, r.order_id, r.txid, r.requested_at, r.address, r.network, r.tag, o.voided
      FROM requests AS r LEFT JOIN orders AS o ON o.order_id = r.order_id
      WHERE r.voided = 0 AND r.requested_at < ?1 ORDER BY r.request_id
      """)
    let insert = try connection.prepare("INSERT INTO matched_requests VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    try requests.bind(1, cut.seconds)
    while try requests.step() {
      let transaction = requests.optionalText(2)
      let named: MatchFacts.NamedOrder =
        if let orderID = requests.optionalText(1) {
          if let voided = requests.optionalInt(7) { voided == 1 ? .voided(orderID) : .known(orderID) } else { .unknown(orderID) }
        } else {
          .none
        }
      let facts = MatchFacts(
        named: named, transaction: transaction, paidOrders: transaction.flatMap { paidOrders[TransactionID($0)] } ?? [])
      switch facts.match() {
      case .success(let orderID):
        try insert.bind(1, orderID)
        try insert.bind(2, requests.text(0))
        try insert.bind(3, requests.int(3))
        for column in 4...6 { try insert.bind(column, requests.optionalText(column)) }
        try insert.run()
      case .failure(let unmatchedRequest):
        try unmatched(requests.text(0), requests.instant(3), unmatchedRequest.failure)
      }
    }
  }

  /// The orders paid for by each transaction that a request names: one pass over the periods, and only where a request names one.
  private func ordersPaid() throws -> [TransactionID: [String]] {
    var paid: [TransactionID: [String]] = [:]
    let named = try connection.prepare("SELECT txid FROM requests WHERE voided = 0 AND requested_at < ?1 AND txid IS NOT NULL")
    try named.bind(1, cut.seconds)
    while try named.step() { paid[TransactionID(named.text(0))] = [] }
    if paid.isEmpty { return paid }
    let hashes = Set(paid.keys.map { RequestMatching.hash(Array($0.canonical.utf8)) })
    let periods = try connection.prepare(
      """
      SELECT p.txid, p.order_id FROM periods AS p
      WHERE p.voided = 0 AND p.paid_at < ?1 AND p.txid IS NOT NULL
        AND EXISTS (SELECT 1 FROM orders AS o WHERE o.order_id = p.order_id AND o.voided = 0)
      """)
    try periods.bind(1, cut.seconds)
    while try periods.step() {
      guard hashes.contains(RequestMatching.hash(periods.bytes(0))) else { continue }
      let transaction = TransactionID(periods.text(0))
      let orderID = periods.text(1)
      if let orders = paid[transaction], !orders.contains(orderID) { paid[transaction] = orders + [orderID] }
    }
    return paid
  }

  /// The same for every spelling of one transaction id, so that most periods are passed by without making a string.
  private static func hash(_ bytes: some Collection<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let isPrefixed = bytes.count > 2 && bytes.first == UInt8(ascii: "0") && (bytes.dropFirst().first ?? 0) | 0x20 == UInt8(ascii: "x")
    for byte in isPrefixed ? bytes.dropFirst(2) : bytes.dropFirst(0) { hash = (hash ^ UInt64(byte | 0x20)) &* 0x100_0000_01b3 }
    return hash
  }
}
