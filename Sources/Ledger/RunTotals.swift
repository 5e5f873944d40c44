import RefundPolicy
import Storage

/// What a run opens with, and what it closes with.
extension Connection {
  /// What the run before closed with, and what people and payouts did since: it counts in this run.
  func totals(before run: RunID) throws -> ControlTotals {
    var totals = ControlTotals()
    let last = try prepare(
      """
      SELECT closing_count, closing_cents, closing_unpaid_count, closing_unpaid_cents, paid_to_date_count, paid_to_date_cents FROM runs
      ORDER BY run_id DESC LIMIT 1
      """)
    if try last.step() {
      totals.opening = Total(count: last.int(0), amount: Cents(last.int(1)))
      totals.openingUnpaid = Total(count: last.int(2), amount: Cents(last.int(3)))
      totals.paidToDate = Total(count: last.int(4), amount: Cents(last.int(5)))
    }
    try eachReviewMove(since: run) { totals.count($0) }
    try eachPayoutMove(since: run) { totals.count($0) }
    return totals
  }

  /// Counts what is undecided and what is unpaid now.
  func close(_ totals: inout ControlTotals) throws {
    totals.closing = try undecided()
    totals.closingUnpaid = Total()
    let unpaid = try prepare(
      """
      SELECT state, count(*), sum(amount_cents) FROM items INDEXED BY item_unpaid
      WHERE \(SQL.isOne("state", of: "approved", "prepared", "sent")) GROUP BY state
      """)
    while try unpaid.step() {
      let total = Total(count: unpaid.int(1), amount: Cents(unpaid.int(2)))
      totals.closingUnpaid.add(total)
      switch ItemState(rawValue: unpaid.text(0)) {
      case .prepared: totals.prepared = total
      case .sent: totals.sent = total
      default: break
      }
    }
  }

  /// What reviews did to items, from those that count in `run` on.
  func eachReviewMove(since run: RunID, _ body: (CountedMove) throws -> Void) throws {
    let rows = try prepare(
      "SELECT item_id, state_before, state_after, before_cents, after_cents FROM reviews WHERE run_id >= ?1 ORDER BY review_id")
    try rows.bind(1, run.number)
    while try rows.step() { try body(CountedMove(rows)) }
  }

  /// What payouts did to items, from what counts in `run` on.
  func eachPayoutMove(since run: RunID, _ body: (CountedMove) throws -> Void) throws {
    let rows = try prepare(
      """
      SELECT item_id, m.state_before, m.state_after, p.amount_cents, p.amount_cents FROM payout_moves AS m JOIN payouts AS p USING (batch_id, item_id)
      WHERE m.run_id >= ?1 ORDER BY m.move_id
      """)
    try rows.bind(1, run.number)
    while try rows.step() { try body(CountedMove(rows)) }
  }
}

/// An item that a person or a payout moved from one state to another, with its amounts.
struct CountedMove {
  let from, to: ItemState
  let before, after: Cents

  /// - Parameter row: Item, states and amounts before and after.
  init(_ row: RawStatement) throws {
    guard let from = ItemState(rawValue: row.text(1)), let to = ItemState(rawValue: row.text(2)) else {
      throw StorageError.refused(why: "item \(row.int(0)) moved from the state '\(row.text(1))' to '\(row.text(2))'")
    }
    (self.from, self.to) = (from, to)
    (before, after) = (Cents(row.int(3)), Cents(row.int(4)))
  }
}

extension ControlTotals {
  /// An amount changes while the item is undecided: before it is approved, and after it is reopened.
  mutating func count(_ move: CountedMove) {
    // D2 Reopened, and nothing of it is owed any more.
    if move.to == .withdrawn { return withdrawn.add(move.before) }
    if move.before < move.after { increased.add(move.after - move.before) }
    if move.before > move.after { reduced.add(move.before - move.after) }
    switch (move.from, move.to) {
    case (.pending, .approved), (.held, .approved): approved.add(move.after)
    case (.pending, .rejected), (.held, .rejected): rejected.add(move.after)
    case (.approved, .pending), (.approved, .held), (.prepared, .pending), (.prepared, .held):
      reopened.add(move.before)
      reopenedUnpaid.add(move.before)
    case (.rejected, .pending), (.rejected, .held): reopened.add(move.before)
    case (let from, .paid) where from.isUnpaid:
      paid.add(move.after)
      paidToDate.add(move.after)
    default: break
    }
  }
}

extension ControlTotals {
  /// Of ``closingUnpaid``, what is in no batch.
  public var approvedAtEnd: Total {
    Total(count: closingUnpaid.count - prepared.count - sent.count, amount: closingUnpaid.amount - prepared.amount - sent.amount)
  }

  /// What opening and changes of undecided items come to.
  var sumOfPending: Total {
    Total(
      count: opening.count + opened.count - withdrawn.count - approved.count - rejected.count + reopened.count,
      amount: opening.amount + opened.amount + increased.amount - reduced.amount - withdrawn.amount - approved.amount - rejected.amount
        + reopened.amount)
  }

  /// What opening and changes of unpaid items come to.
  var sumOfUnpaid: Total {
    Total(
      count: openingUnpaid.count + approved.count - reopenedUnpaid.count - paid.count,
      amount: openingUnpaid.amount + approved.amount - reopenedUnpaid.amount - paid.amount)
  }
}

extension Total {
  mutating func add(_ other: Total) {
    count += other.count
    amount += other.amount
  }
}
