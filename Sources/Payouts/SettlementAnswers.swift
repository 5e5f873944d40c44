public import Ledger
public import RefundPolicy
public import Storage

/// Why a person's answer is refused; then nothing is kept.
public enum AnswerRefusal: Error, Hashable, Sendable {
  case noSuchPayment(PaymentID)
  /// Nothing about the payment waits for a person.
  case nothingKept(PaymentID)
  /// What was taken back cannot count as paid while its refund is in this state.
  case wrongState(PaymentID, ItemID, ItemState)
  /// The refund is worth something else now than the batch paid for it.
  case otherAmount(PaymentID, ItemID, paid: Cents, now: Cents)
}

/// A person's answers to what the processor said and settling kept.
public enum SettlementAnswers {
  /// Answers everything that is open about a payment.
  ///
  /// An accepted payment counts as paid by the first transaction that was kept: also where its refunds had been taken back, as long as they are
  /// approved and worth the same. Where it was paid before, nothing moves. A dismissed one stays as it is, and may be prepared again.
  ///
  /// - Returns: Whether the payment is paid by it now.
  /// - Throws: ``AnswerRefusal`` and ``StorageError``; then nothing is kept.
  public static func answer(
    _ id: PaymentID, _ answer: SettlementAnswer, note: String, by actor: String, at now: Instant, on store: Store,
    holding lock: borrowing RunLock
  ) throws -> Bool {
    try store.transaction { connection in
      guard let payment = try connection.payment(id) else { throw AnswerRefusal.noSuchPayment(id) }
      let open = try connection.settlementQuestions(of: id).filter { $0.answer == nil }
      guard let first = open.first else { throw AnswerRefusal.nothingKept(id) }
      let desk = try PayoutDesk(.settle, by: actor, at: now, on: connection)
      for question in open { try desk.answer(question, answer, note: note) }
      let isPaid = try answer == .accept && pay(payment, first.result, note: note, desk, connection)
      try desk.finish()
      return (.commit, isPaid)
    }
  }

  private static func pay(
    _ payment: Payment, _ result: ProcessorResult, note: String, _ desk: PayoutDesk, _ connection: Connection
  ) throws -> Bool {
    switch try connection.standing(of: payment) {
    case .paid, .sent: return false
    case .prepared:
      try desk.move(payment, from: .prepared, to: .paid, settlement: result, note: note)
      return true
    case .takenBack:
      for payout in payment.payouts {
        guard let item = try connection.item(payout.item) else { continue }
        if item.state != .approved { throw AnswerRefusal.wrongState(payment.id, item.id, item.state) }
        if item.amount != payout.usd {
          throw AnswerRefusal.otherAmount(payment.id, item.id, paid: payout.usd, now: item.amount)
        }
      }
      try desk.move(payment, from: .approved, to: .paid, settlement: result, note: note)
      return true
    }
  }
}
