import Ledger
public import RefundPolicy
public import Storage

/// A request as it was imported, whatever its state, and what nights said of it.
public struct RequestRecord: Sendable {
  public let id: String
  /// What the customer named; the order that it was matched to may be another one.
  public let orderID: String?
  public let transaction: String?
  public let requestedAt: Instant
  public let channel: String
  public let address: String?
  public let network: String?
  public let tag: String?
  public let isVoided: Bool
  /// What it was told, oldest first; empty while no night has decided it.
  public let told: [OrderDossier.Told]

  public var isDecided: Bool { !told.isEmpty }

  /// The business date whose night decides a request that none has decided.
  ///
  /// - Parameter closed: The last closed date.
  public func decidingDay(after closed: ServiceDay) -> ServiceDay { max(requestedAt.day, closed.advanced(by: 1)) }

  static let columns = "request_id, order_id, txid, requested_at, channel, address, network, tag, voided"

  /// - Parameter row: Of ``columns``.
  init(_ row: RawStatement, on connection: Connection) throws {
    (id, orderID, transaction) = (row.text(0), row.optionalText(1), row.optionalText(2))
    (requestedAt, channel) = (row.instant(3), row.text(4))
    (address, network, tag) = (row.optionalText(5), row.optionalText(6), row.optionalText(7))
    isVoided = row.int(8) != 0
    told = try connection.decisions(ofRequest: id).map { OrderDossier.Told(businessDay: $0.day, decision: $0.decision) }
  }
}

extension Connection {
  /// A request by its id; nil where there is none.
  public func request(_ requestID: String) throws -> RequestRecord? {
    let row = try prepare("SELECT \(RequestRecord.columns) FROM requests WHERE request_id = ?1")
    try row.bind(1, requestID)
    return try row.step() ? try RequestRecord(row, on: self) : nil
  }

  /// The requests that no night has decided yet: those made after the last closed date, and those that came since.
  ///
  /// - Parameter isOf: Whether a request of this order id and transaction id is one of those that are looked for.
  func undecidedRequests(after closed: ServiceDay, _ isOf: (_ orderID: String?, _ transaction: String?) -> Bool) throws -> [RequestRecord] {
    let rows = try prepare(
      """
      SELECT \(RequestRecord.columns) FROM requests WHERE requested_at >= ?1
      UNION SELECT \(RequestRecord.columns) FROM requests
        WHERE import_id > (SELECT coalesce(max(import_id), 0) FROM runs WHERE kind = 'nightly')
      ORDER BY requested_at, request_id
      """)
    try rows.bind(1, closed.end.seconds)
    var found: [RequestRecord] = []
    while try rows.step() {
      guard rows.int(8) == 0, isOf(rows.optionalText(1), rows.optionalText(2)) else { continue }
      let request = try RequestRecord(rows, on: self)
      if !request.isDecided { found.append(request) }
    }
    return found
  }
}
