import Coins
import Ledger
public import RefundPolicy
import Reports
public import Storage

/// What became of what the rows of a file say of one payment.
public enum SettlementOutcome: Hashable, Sendable {
  case paid
  /// The processor could not pay it: its refunds are approved again, for the next batch.
  case failed
  /// It was taken before.
  case unchanged
  /// The row is of an earlier batch, or may be; nothing was changed by it.
  case stale(what: String, hint: String)
  /// It is written down for a person, who accepts or dismisses it; nothing moved.
  case kept(what: String, hint: String)
  case refused(what: String, hint: String)
}

/// Takes the processor's results into the ledger, in one transaction.
public struct Settling {
  private let connection: Connection
  private let now: Instant

  /// - Returns: What became of each payment that the file names, by the line that counted; rows that agree with an earlier one say nothing more.
  /// - Throws: ``StorageError``; then nothing is kept.
  public static func take(
    _ file: SettlementFile, by actor: String, at now: Instant, on store: Store, holding lock: borrowing RunLock
  ) throws -> [(line: Int, outcome: SettlementOutcome)] {
    try store.transaction { connection in
      let desk = try PayoutDesk(.settle, by: actor, at: now, on: connection)
      let outcomes = try Settling(connection: connection, now: now).take(file, desk)
      let changes = try connection.integer(
        """
        SELECT (SELECT count(*) FROM payout_moves WHERE act_id = ?1) + (SELECT count(*) FROM settlement_questions WHERE act_id = ?1)
        """, desk.number)
      if changes == 0 { return (.rollback, outcomes) }
      try desk.finish()
      return (.commit, outcomes)
    }
  }

  private func take(_ file: SettlementFile, _ desk: PayoutDesk) throws -> [(line: Int, outcome: SettlementOutcome)] {
    var outcomes: [(line: Int, outcome: SettlementOutcome)] = []
    var claims: [PaymentID: [Claim]] = [:]
    var order: [PaymentID] = []
    for row in file.rows {
      switch try find(row) {
      case .failure(let outcome): outcomes.append((row.line, outcome.outcome))
      case .success(let claim):
        if claims[claim.payment.id] == nil { order.append(claim.payment.id) }
        claims[claim.payment.id, default: []].append(claim)
      }
    }
    for id in order {
      guard let all = claims[id], var first = all.first else { continue }
      if let other = all.first(where: { !$0.agrees(with: first) }) {
        for claim in all {
          let line = claim.row.line == other.row.line ? first.row.line : other.row.line
          outcomes.append(
            (
              claim.row.line,
              .refused(
                what: "payment \(id) stands in line \(line) too, where it is told otherwise",
                hint: "Ask the processor which is right, and keep that one; none of them was taken.")
            ))
        }
        continue
      }
      // The fee may stand in one of the rows only.
      first.fee = all.compactMap(\.fee).first
      let differing = try all.first { try differs($0) } ?? first
      outcomes.append((first.row.line, try settle(first, differing, desk)))
    }
    return outcomes.sorted { $0.line < $1.line }
  }

  /// A row and the payment that it is about.
  private struct Claim {
    var row: SettlementFile.Row
    var payment: Payment
    var preparedAt: Instant
    /// The batch that the row's item went into later; nil where the row is about the last one, or names the payment.
    var later: PaymentID?
    var fee: Cents?

    func agrees(with other: Claim) -> Bool {
      switch (row.result, other.row.result) {
      case (.paid(let mine), .paid(let theirs)):
        TransactionID(mine.txid) == TransactionID(theirs.txid) && mine.settledAt == theirs.settledAt
          && (fee == nil || other.fee == nil || fee == other.fee)
      case (.failed, .failed): true
      case (.paid, .failed), (.failed, .paid): false
      }
    }
  }

  private struct Unusable: Error {
    let outcome: SettlementOutcome

    init(_ outcome: SettlementOutcome) { self.outcome = outcome }
    init(_ what: String, _ hint: String) { outcome = .refused(what: what, hint: hint) }
  }

  // The payment of a row.

  private func find(_ row: SettlementFile.Row) throws -> Result<Claim, Unusable> {
    guard let id = row.payment else { return try row.item.map { try find(row, of: $0) } ?? .failure(Unusable("the row names no payment", "")) }
    guard let payment = try connection.payment(id), let batch = try connection.batch(id.batch) else {
      return .failure(Unusable("there is no payment \(id)", "Take it from payout-processor.csv."))
    }
    if let item = row.item, !payment.payouts.contains(where: { $0.item == item }) {
      return .failure(Unusable("\(item) is not in payment \(id)", "Take both from one row of payout-processor.csv."))
    }
    if payment.payouts.first?.route != .processor {
      return .failure(Unusable("payment \(id) is not for the processor", "The wallet pays it; see 'makegood payout list'."))
    }
    let claim = Claim(row: row, payment: payment, preparedAt: batch.preparedAt, fee: row.fee)
    if let settledAt = row.settledAt, settledAt < batch.preparedAt { return .failure(Settling.tooEarly(settledAt, batch)) }
    return .success(claim)
  }

  /// A row that names an item is about the batch that was the item's last one when the row was settled: it belongs to no later one.
  private func find(_ row: SettlementFile.Row, of item: ItemID) throws -> Result<Claim, Unusable> {
    guard try connection.item(item) != nil else {
      return .failure(Unusable("there is no item \(item)", "Take the item from payout-processor.csv."))
    }
    var claims: [(claim: Claim, batch: Batch)] = []
    for id in try connection.payments(of: item) {
      guard let payment = try connection.payment(id), payment.payouts.first?.route == .processor, let batch = try connection.batch(id.batch)
      else { continue }
      claims.append((Claim(row: row, payment: payment, preparedAt: batch.preparedAt, fee: row.fee), batch))
    }
    guard let first = claims.first, let last = claims.last else {
      return .failure(Unusable("\(item) is in no batch for the processor", "See 'makegood payout list'."))
    }
    if let settledAt = row.settledAt {
      guard var (claim, _) = claims.last(where: { $0.batch.preparedAt <= settledAt }) else {
        return .failure(Settling.tooEarly(settledAt, first.batch))
      }
      if claim.payment.id != last.claim.payment.id { claim.later = last.claim.payment.id }
      return .success(claim)
    }
    if claims.count == 1 { return .success(last.claim) }
    let what = "the row does not say which batch it is about: \(item) is in \(claims.map { "\($0.claim.payment.id)" }.joined(separator: " and "))"
    let hint = "Name the payment in a column payment_id, or give settled_at."
    // A failed row that was taken for an earlier batch, given again.
    let wasTaken = try connection.integer(
      """
      SELECT EXISTS (SELECT 1 FROM payout_moves JOIN payout_acts USING (act_id)
                     WHERE item_id = ?1 AND act = 'settle' AND state_before = 'prepared' AND state_after = 'approved')
      """, item.number)
    return .failure(Unusable(wasTaken == 1 ? .stale(what: "\(what); one failed before", hint: hint) : .refused(what: what, hint: hint)))
  }

  private static func tooEarly(_ settledAt: Instant, _ batch: Batch) -> Unusable {
    Unusable(
      "the row is stale: settled_at \(settledAt) is before \(batch.id) was prepared, \(batch.preparedAt)",
      "Correct the time, with its offset or Z, or leave the row out.")
  }

  // What is done about it.

  private func settle(_ claim: Claim, _ differing: Claim, _ desk: PayoutDesk) throws -> SettlementOutcome {
    let id = claim.payment.id
    let standing = try connection.standing(of: claim.payment)
    let unchanged =
      claim.later.map { later in
        SettlementOutcome.stale(
          what: "the row is of \(id), which was settled before; its refund is in \(later) now", hint: "Nothing was changed by it.")
      } ?? .unchanged
    switch claim.row.result {
    case .failed(_, let note):
      switch standing {
      case .prepared:
        try desk.move(claim.payment, from: .prepared, to: .approved, note: note)
        return .failed
      case .paid, .sent:
        return .refused(
          what: "payment \(id) was settled as paid before, and is told to have failed now", hint: "Ask the processor which is true.")
      case .takenBack: return unchanged
      }
    case .paid(var result):
      result.fee = claim.fee
      if case .paid(let txid) = standing, TransactionID(txid) == TransactionID(result.txid) { return unchanged }
      let day: Int64 = 86_400
      if result.settledAt.seconds > now.seconds + day {
        return .refused(what: "settled_at \(result.settledAt) is still to come", hint: "Correct the time; it is taken with its offset or Z.")
      }
      let questions = try connection.settlementQuestions(of: id)
      if let known = questions.first(where: { same($0, result, differing.row) }) {
        return known.answer == nil ? kept(known, claim.payment) : unchanged
      }
      var question = SettlementQuestion(
        payment: id, kind: .differs, result: result, amount: differing.row.amount, coin: differing.row.coin)
      switch standing {
      case .prepared:
        if let open = questions.first(where: { $0.answer == nil }) { return kept(open, claim.payment) }
        guard try differs(differing) else {
          try desk.move(claim.payment, from: .prepared, to: .paid, settlement: result)
          return .paid
        }
      case .paid: question.kind = .paidBefore
      case .takenBack, .sent: question.kind = .takenBack
      }
      try desk.ask(question)
      return kept(question, claim.payment)
    }
  }

  private func same(_ question: SettlementQuestion, _ result: ProcessorResult, _ row: SettlementFile.Row) -> Bool {
    TransactionID(question.result.txid) == TransactionID(result.txid)
      && (question.kind != .differs || (question.amount == row.amount && question.coin == row.coin))
  }

  private func kept(_ question: SettlementQuestion, _ payment: Payment) -> SettlementOutcome {
    let locked = "\(payment.amount.brief) \(payment.payouts.first?.coin ?? "")"
    return .kept(
      what: "payment \(payment.id) waits for a person: \(question.words(locked: locked))",
      hint: """
        Ask the processor; then 'makegood payout settle --accept \(payment.id) --by NAME --note TEXT' takes it as true, and --dismiss puts it aside.
        """)
  }

  /// Whether a row tells of another amount or another coin than was locked. A template rounds down to its decimals, and a row that names an
  /// item may tell of its part.
  private func differs(_ claim: Claim) throws -> Bool {
    guard let first = claim.payment.payouts.first, let upload = UploadRow(claim.payment, decimals: .max) else { return false }
    if let coin = claim.row.coin?.uppercased() {
      let names = [first.coin] + PayoutProfile.allCases.map { $0.currency(of: upload) }
      if !names.contains(where: { $0.uppercased() == coin }) { return true }
    }
    guard let told = claim.row.amount else { return false }
    guard let amount = CoinAmount(told, decimals: first.amount.decimals) else { return true }
    var right = [claim.payment.amount]
    if let item = claim.row.item { right += claim.payment.payouts.filter { $0.item == item }.map(\.amount) }
    for profile in try connection.batch(claim.payment.id.batch)?.profiles.compactMap(PayoutProfile.init) ?? [] {
      right.append(claim.payment.amount.truncated(to: profile.mostDecimals))
    }
    return !right.contains { CoinAmount($0.description, decimals: first.amount.decimals) == amount }
  }
}

extension SettlementFile.Row {
  fileprivate var settledAt: Instant? {
    switch result {
    case .paid(let result): result.settledAt
    case .failed(let at, _): at
    }
  }

  fileprivate var fee: Cents? {
    switch result {
    case .paid(let result): result.fee
    case .failed: nil
    }
  }
}
