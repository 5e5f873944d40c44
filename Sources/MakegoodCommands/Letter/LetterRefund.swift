import Coins
import Ledger
import Night
import RefundPolicy
import Reports

/// A refund as a letter tells it: why, for which days, how the amount is worked out, where it goes, and what comes next.
struct LetterRefund {
  private let version: OrderDossier.Version
  private let dossier: OrderDossier
  private var item: Item { version.item }

  init(_ version: OrderDossier.Version, of dossier: OrderDossier) { (self.version, self.dossier) = (version, dossier) }

  /// One line, for a letter about something else.
  var summary: String { "\(item.id): \(item.amount) USD, \(state)" }

  var lines: [String] {
    if item.state == .withdrawn {
      return ["Refund \(item.id)", "  It was under review and is not due any more: what we know of the time has changed (D2)."]
    }
    let body = reasons + days + (item.state == .rejected ? [] : arithmetic) + [next] + place
    return ["Refund \(item.id): \(item.amount) USD"] + body.map { "  \($0)" }
  }

  private var state: String {
    switch item.state {
    case .pending, .held: "under review"
    case .approved, .prepared: isLookedAtAgain ? "under review" : "approved"
    case .sent: "on its way"
    case .paid: payout?.paidAt.map { "paid on \(PlainTimes.text($0.day))" } ?? "paid"
    case .rejected: "not approved"
    case .withdrawn: "not due any more"
    }
  }

  // Why.

  /// The faults that its evidence names.
  private var faults: [Fault] {
    let records = Set(ReportedEvidence(version.stretches.first?.evidence ?? "", others: version.stretches.map(\.evidence)).records)
    return dossier.decision.faults.filter { fault in fault.records.contains { records.contains($0.evidence) } }
  }

  private var reasons: [String] {
    item.causes.causes.flatMap { cause -> [String] in
      switch cause {
      case .withdrawal, .outage, .unrestored, .feature:
        let faults = faults.filter { $0.kind.cause == cause }
        // What was decided long ago may be known otherwise by now.
        return faults.isEmpty ? [LetterRefund.reason(cause)] : faults.map { LetterFault($0, asOf: dossier.cut).sentence }
      case .cancellation: return ["You cancelled during it, so the later unused days that you had paid for count too (Q3)."]
      case .unused where item.flags.contains(.lateRequest):
        return ["The line was never activated and never used; you asked after the refund window, so a person looks at it (W3)."]
      case .unused, .unprovisioned: return [LetterRefund.reason(cause)]
      }
    }
  }

  private static func reason(_ cause: Cause) -> String {
    let words = RefundExplanation.reasons[Int(CauseSet(cause).rawValue)]
    return words.prefix(1).uppercased() + words.dropFirst() + "."
  }

  private var days: [String] {
    let ranges = version.stretches.map(\.days).reduce(into: [DayRange]()) { joined, days in
      if let last = joined.last, last.end == days.first, let both = DayRange(last.first, upTo: days.end) {
        joined[joined.count - 1] = both
      } else {
        joined.append(days)
      }
    }
    let days = "Days: \(ranges.map { PlainTimes.text($0) }.joined(separator: "; ")) (UTC)."
    return [days + (leavesOutUsedDays ? " Days on which the line was used are not refunded (N2)." : "")]
  }

  /// Whether the faults behind it touch days of the period on which the line was used.
  private var leavesOutUsedDays: Bool {
    let touched = faults.compactMap { Interval($0.start, $0.end)?.days(upTo: dossier.cut.day)?.intersection(item.period) }
    return dossier.facts.service.usage.contains { use in use.isUsedDay && touched.contains { $0.contains(use.day) } }
  }

  // How much.

  private var arithmetic: [String] {
    let share = "\(item.dayCount) of \(item.period.dayCount) days"
    if item.flags.contains(.corrected) { return ["We set the amount for \(share) ourselves: \(item.amount) USD (D2)."] }
    let nominal = version.stretches.reduce(Cents.zero) { sum, stretch in
      let first = item.period.first.distance(to: stretch.days.first)
      let end = item.period.first.distance(to: stretch.days.end)
      guard first >= 0, end <= item.period.dayCount, first <= end else { return sum }
      return sum + Proration(base: stretch.base, dayCount: item.period.dayCount).share(of: first..<end)
    }
    let isCapped = nominal > item.amount
    return sum + ["\(share): \(item.amount) USD\(isCapped ? ", which is what is left of the base after earlier refunds" : "") (P5)."]
  }

  /// The base as a sum; where the facts of the payment changed since, the base alone as it was used.
  private var sum: [String] {
    let isWhole = item.causes.has(.unprovisioned)
    if let terms = dossier.facts.periods.first(where: { $0.periodID == item.periodID })?.terms {
      let sum = LetterSum(terms, isWhole: isWhole, asOf: dossier.cut)
      if sum.base == item.base && terms.paid == item.paid && terms.days == item.period {
        return ["How it is worked out:"] + sum.lines.map { "  \($0)" }
      }
    }
    return ["It is worked out from a base of \(item.base) USD for \(PlainTimes.text(item.period))."]
  }

  // What comes next.

  private var payout: PayoutStatus? {
    switch item.state {
    case .prepared, .sent, .paid: dossier.payouts.last { $0.payout.item == item.id }
    case .pending, .held, .approved, .rejected, .withdrawn: nil
    }
  }

  /// Approved, and found since not to be owed in full: nothing of it is sent before a person has looked.
  var isLookedAtAgain: Bool { [.approved, .prepared].contains(item.state) && dossier.notOwed.contains(item.id) }

  private var next: String {
    let due = PlainTimes.text(item.dueOn)
    let isLate = item.dueOn <= dossier.businessDay
    let promise = isLate ? "It was promised by \(due); we are sorry that it takes longer (Q5)." : "It will be paid by \(due) (Q5)."
    return switch item.state {
    case .pending, .held:
      isLate
        ? "It is under review. \(promise)" : "It is under review. You get our decision, and the payment if it is approved, by \(due) (Q5)."
    case .approved where isLookedAtAgain, .prepared where isLookedAtAgain: "It was approved, and is under review again."
    case .approved:
      destinationProblem == nil ? "It is approved. \(promise) The exchange rate is the one of the time it is paid out (H2)." : "It is approved."
    case .prepared: "It is approved, and its amount in \(coin) is fixed\(amount). \(promise)"
    case .sent: "It is on its way\(amount)\(transaction)."
    case .paid: "It was paid\(payout?.paidAt.map { " on \(PlainTimes.text($0.day))" } ?? "")\(amount)\(transaction)."
    case .rejected:
      dossier.customerReasons[item.id].map { "We looked at it and did not approve it: \(LetterText.clean($0))" }
        ?? "We looked at it and did not approve it."
    case .withdrawn: "It is not due any more."
    }
  }

  /// The amount that was fixed in coin, and at which rate.
  private var amount: String {
    guard let payout = payout?.payout else { return "" }
    return ": \(payout.amount.brief) \(payout.coin), which is \(payout.usd) USD at \(payout.rate.rate) USD for one \(payout.coin), "
      + "the rate of \(PlainTimes.text(payout.rate.quotedAt)) (H2)"
  }

  private var transaction: String { payout?.txid.map { ", in transaction \(LetterText.clean($0))" } ?? "" }

  // Where it goes.

  private var coin: String { LetterText.clean(item.coin) }
  private var coinAndNetwork: String { item.network.map { "\(coin) on \(LetterText.clean($0))" } ?? coin }

  /// Why it cannot be paid to where it would go; nil where it can.
  private var destinationProblem: String? {
    if item.address == nil { return "Please give us an address for it in \(coinAndNetwork); without one we cannot pay it (H1)." }
    guard item.flags.contains(.invalidAddress), let obstacle = dossier.payees.obstacle(of: item) else { return nil }
    return "We cannot pay it to the address that you gave us, \(LetterText.masked(item.address ?? "")): "
      + "\(LetterText.clean(obstacle)). Please give us another one in \(coinAndNetwork) (H1)."
  }

  private var place: [String] {
    switch item.state {
    case .rejected, .withdrawn: return []
    case .pending, .held, .approved, .prepared, .sent, .paid:
      if let destinationProblem { return [destinationProblem] }
      let address = payout?.payout.address ?? item.address ?? ""
      let tag = (payout.map { $0.payout.tag } ?? item.tag).map { " with the tag \(LetterText.clean($0))" } ?? ""
      let verb = item.state == .paid || item.state == .sent ? "It went" : "It goes"
      let newer =
        item.flags.contains(.newerAddress)
        ? ["You gave us a newer address after it was approved; it stays with the one above unless you ask us to look at it again (Q4)."] : []
      return ["\(verb) in \(coinAndNetwork) to the address \(LetterText.masked(address))\(tag)."] + newer
    }
  }
}
