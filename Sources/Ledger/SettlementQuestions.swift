public import RefundPolicy
public import Storage

/// What the processor says of a payment that only a person can settle.
public struct SettlementQuestion: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// Another amount or coin than was locked.
    case differs
    /// A payment that had been taken back.
    case takenBack = "taken_back"
    /// A second transaction for a payment that is paid.
    case paidBefore = "paid_before"
  }

  /// Counted from 1; 0 for one that is not written down yet.
  public var number: Int64 = 0
  public var payment: PaymentID
  public var kind: Kind
  public var result: ProcessorResult
  /// Decimal text and code as the processor wrote them; nil where it did not.
  public var amount: String?
  public var coin: String?
  /// A person's answer; nil while it is open.
  public var answer: SettlementAnswer?

  public init(payment: PaymentID, kind: Kind, result: ProcessorResult, amount: String?, coin: String?) {
    (self.payment, self.kind, self.result, self.amount, self.coin) = (payment, kind, result, amount, coin)
  }

  /// One plain clause.
  ///
  /// - Parameter locked: The amount and the coin of the payment, where they are at hand: `29.99 USDT`.
  public func words(locked: String? = nil) -> String {
    switch kind {
    case .differs:
      "the processor says that it paid \(amount ?? "the amount")\(coin.map { " \($0)" } ?? "") with \(result.txid), "
        + (locked.map { "where \($0) was locked" } ?? "which is not what was locked")
    case .takenBack: "the processor says that it paid it with \(result.txid), although it was taken back"
    case .paidBefore: "the processor says that it paid it a second time, with \(result.txid)"
    }
  }
}

/// What a person says of a ``SettlementQuestion``.
public enum SettlementAnswer: String, Hashable, Sendable {
  /// The processor's word is true: what it paid counts as paid.
  case accept
  /// It is not, or is settled otherwise: nothing moves.
  case dismiss
}

extension PayoutDesk {
  /// Keeps what the processor says for a person; nothing of the payment's items is prepared again before an answer.
  public func ask(_ question: SettlementQuestion) throws {
    let insert = try connection.prepare(
      """
      INSERT INTO settlement_questions (act_id, batch_id, payment_no, kind, txid, settled_at, fee_cents, amount, coin)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """)
    try insert.bind(1, act)
    try insert.bind(2, question.payment.batch.number)
    try insert.bind(3, question.payment.number)
    try insert.bind(4, question.kind.rawValue)
    try insert.bind(5, question.result.txid)
    try insert.bind(6, question.result.settledAt.seconds)
    try insert.bind(7, question.result.fee?.count)
    try insert.bind(8, question.amount)
    try insert.bind(9, question.coin)
    try insert.run()
  }

  /// Notes a person's answer.
  public func answer(_ question: SettlementQuestion, _ answer: SettlementAnswer, note: String) throws {
    let insert = try connection.prepare("INSERT INTO settlement_answers (question_id, act_id, answer, note) VALUES (?1, ?2, ?3, ?4)")
    try insert.bind(1, question.number)
    try insert.bind(2, act)
    try insert.bind(3, answer.rawValue)
    try insert.bind(4, note)
    try insert.run()
  }
}

extension Connection {
  /// What the processor said of a payment, or of every payment where none is named, oldest first; those answered too.
  public func settlementQuestions(of payment: PaymentID? = nil) throws -> [SettlementQuestion] {
    let rows = try prepare(
      """
      SELECT \(SettlementQuestion.columns) FROM settlement_questions AS q LEFT JOIN settlement_answers AS w USING (question_id)
      WHERE ?1 IS NULL OR (q.batch_id = ?1 AND q.payment_no = ?2) ORDER BY q.question_id
      """)
    try rows.bind(1, payment?.batch.number)
    try rows.bind(2, payment?.number)
    var questions: [SettlementQuestion] = []
    while try rows.step() { questions.append(try rows.settlementQuestion()) }
    return questions
  }

  /// The first open question about a payment of an item; nil for none.
  public func openQuestion(of item: ItemID) throws -> SettlementQuestion? {
    if try integer("SELECT \(PayoutGuards.hasOpenQuestion("?1"))", item.number) == 0 { return nil }
    for payment in try payments(of: item) {
      if let open = try settlementQuestions(of: payment).first(where: { $0.answer == nil }) { return open }
    }
    return nil
  }
}

extension SettlementQuestion {
  /// Of `settlement_questions` as `q`, and the answers as `w`.
  static let columns = """
    q.question_id, q.batch_id, q.payment_no, q.kind, q.txid, q.settled_at, q.fee_cents, q.amount, q.coin, w.answer
    """
}

extension RawStatement {
  /// The ``SettlementQuestion/columns`` of a row.
  func settlementQuestion() throws -> SettlementQuestion {
    guard let kind = SettlementQuestion.Kind(rawValue: text(3)) else {
      throw StorageError.refused(why: "settlement question \(int(0)) is of an unknown kind")
    }
    let result = ProcessorResult(txid: text(4), settledAt: instant(5), fee: optionalInt(6).map { Cents($0) })
    var question = SettlementQuestion(
      payment: PaymentID(BatchID(int(1)), int(2)), kind: kind, result: result, amount: optionalText(7), coin: optionalText(8))
    question.number = int(0)
    question.answer = optionalText(9).flatMap(SettlementAnswer.init)
    return question
  }
}
