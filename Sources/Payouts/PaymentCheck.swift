import AuditLog
import Coins
import Facts
import Ledger
import RefundPolicy
import Storage

/// Checks what is about to be paid: nothing is, that is not as the program left it.
final class PaymentCheck {
  private let connection: Connection
  private let proof: PaymentProof
  private let facts: FactCheck
  private let requestsOfOrder: RawStatement
  /// The last import that runs know of.
  private let lastImport: Int64

  /// - Throws: ``Damage`` where that on which every payment depends is not as the program left it.
  init(_ connection: Connection) throws {
    self.connection = connection
    proof = try PaymentProof(connection, ActCheck(connection) { try ImportContent.add($0, from: connection, to: &$1) })
    facts = try FactCheck(connection)
    requestsOfOrder = try connection.prepare(
      "SELECT request_id, requested_at, address, network, tag FROM matched_requests WHERE order_id = ?1")
    lastImport = try connection.integer("SELECT coalesce(max(import_id), 0) FROM runs")
    try proof.groundFindings().mustBeEmpty()
  }

  /// Checks an item with the requests of its order.
  ///
  /// - Throws: ``Damage``.
  func check(_ item: ItemID, ofOrder orderID: String) throws {
    var findings = try proof.findings(of: item)
    var matched: [FactCheck.Matched] = []
    try requestsOfOrder.bind(1, orderID)
    while try requestsOfOrder.step() {
      matched.append(
        FactCheck.Matched(
          requestID: requestsOfOrder.text(0), orderID: orderID, requestedAt: requestsOfOrder.instant(1),
          address: requestsOfOrder.optionalText(2), network: requestsOfOrder.optionalText(3), tag: requestsOfOrder.optionalText(4)))
    }
    requestsOfOrder.reset()
    try findings.add {
      try matched.flatMap { try facts.matched($0, knownTo: lastImport) }
        + facts.requests(ofOrder: orderID, matched: Set(matched.map(\.requestID)), before: Instant(seconds: .min))
    }
    try findings.mustBeEmpty()
  }

  /// Checks a payment as it was prepared, and every refund in it.
  ///
  /// - Throws: ``Damage``.
  func check(_ payment: PaymentID) throws {
    try checkPrepared(payment)
    guard let whole = try connection.payment(payment) else { throw Damage("payment \(payment)", "it is missing") }
    for payout in whole.payouts { try check(payout.item, ofOrder: payout.orderID) }
  }

  /// Checks a payment as it was prepared, alone.
  ///
  /// - Throws: ``Damage``.
  func checkPrepared(_ payment: PaymentID) throws { if let finding = try proof.finding(of: payment) { throw Damage([finding]) } }

  /// Checks what was done since batches were prepared.
  ///
  /// - Throws: ``Damage``.
  func check(since batches: [BatchID]) throws { try proof.findings(ofActsSince: batches).mustBeEmpty() }

  /// Checks the quotes of a coin that say whether a rate may be used: those of the 30 days before it (G6), and those that came after it.
  ///
  /// - Throws: ``Damage``.
  func checkRates(of coin: String, quotedAt: Instant, now: Instant) throws {
    let first = quotedAt.advanced(bySeconds: -RateYardstick.window).day
    try facts.rates(of: coin, from: first, through: max(quotedAt, now).day).mustBeEmpty()
  }

  /// Checks what a person said of a rate, or what was prepared at one.
  ///
  /// - Throws: ``Damage``.
  func check(act: Int64) throws { if let finding = try proof.finding(ofAct: act) { throw Damage([finding]) } }
}
