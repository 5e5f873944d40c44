import Coins
import Ledger
import Night
import RefundPolicy

/// A dossier as a person reads it: facts, faults, requests, each period with its days as a calendar and its arithmetic, and the items.
struct DossierText {
  private let dossier: OrderDossier
  private(set) var lines: [String] = []

  init(_ dossier: OrderDossier) {
    self.dossier = dossier
    addOrder()
    addFaults()
    addRequests()
    for index in dossier.facts.periods.indices { addPeriod(index) }
    for period in dossier.voidedPeriods { lines += ["", "period \(period.periodID) is void"] }
    addItems()
    addHistory()
  }

  private mutating func addOrder() {
    let facts = dossier.facts
    lines.append("order \(facts.orderID)\(dossier.isVoided ? " (void)" : ""), as of the end of \(dossier.businessDay)")
    lines.append("  line \(facts.line.number), carrier \(facts.line.carrier), region \(facts.line.region), plan \(facts.line.plan)")
    lines.append("  provisioned \(text(facts.service.provisionedAt)), activated \(text(facts.service.activatedAt))")
    if let ended = facts.service.ended { lines.append("  ended \(ended.at) (\(ended.reason.rawValue))") }
    if dossier.decision.isWithdrawnWithoutRecord { lines.append("  it ended as withdrawn, but no withdrawal record says so (P1)") }
  }

  private func text(_ instant: Instant?) -> String { instant?.description ?? "never" }

  private mutating func addHistory() {
    lines += ["", "what happened, in its order"]
    for event in dossier.history {
      lines.append("  \(event.at) \(event.actor)\(event.machine.map { " (\($0))" } ?? ""): \(event.what)")
      if let before = event.before, let after = event.after, before != after { lines.append("    \(before) became \(after)") }
      if let note = event.note { lines.append("    \(note.replacing("\n", with: " "))") }
    }
  }

  private mutating func addFaults() {
    guard !dossier.faults.isEmpty else { return }
    lines += ["", "faults that hit the line"]
    for fault in dossier.faults {
      let length = Explanation.duration(fault.length(asOf: dossier.cut))
      let name =
        switch fault.kind {
        case .withdrawal: "withdrawal"
        case .outage: "outage"
        case .restoration: "restoration"
        case .feature(let feature): "fault of \(feature)"
        }
      lines.append("  \(name) from \(fault.start) to \(fault.end?.description ?? "now, still open"): \(length)")
      lines.append("    records: \(fault.records.map(\.evidence).joined(separator: ", "))")
      for period in dossier.facts.periods
      where Interval(fault.start, fault.end)?.days(upTo: period.days.end)?.intersection(period.days) != nil {
        let numbers = dossier.settings.policy(paidAt: period.paidAt)
        guard let threshold = fault.kind.threshold(under: numbers) else { continue }
        let counts = fault.qualifies(under: numbers, asOf: dossier.cut) ? "counts" : "does not count"
        lines.append(
          "    for period \(period.periodID) it \(counts): more than \(Explanation.duration(threshold)) are needed (\(fault.kind.cause.clause))")
      }
      if fault.kind == .withdrawal { lines.append("    it counts from its first second (P1)") }
    }
  }

  private mutating func addRequests() {
    let known = Set(dossier.facts.requests.map(\.requestID))
    let coming = dossier.undecided.filter { !known.contains($0.id) }
    guard !known.isEmpty || !coming.isEmpty else { return }
    lines += ["", "requests"]
    for (index, request) in dossier.facts.requests.enumerated() {
      lines.append("  \(request.requestID) of \(request.requestedAt), to \(request.address ?? "no address")")
      if let undecided = dossier.undecided.first(where: { $0.id == request.requestID }) {
        lines.append("    not decided yet: the night of \(undecided.decidingDay(after: dossier.businessDay)) decides it; as things are now:")
      }
      if let decision = dossier.decision.requests[index], let explanation = dossier.explanation(ofRequest: index) {
        lines.append("    \(decision.verdict.rawValue) by \(decision.clause): \(explanation)")
      }
      for told in dossier.told where told.decision.requestID == request.requestID {
        lines.append("    told on \(told.businessDay): \(told.decision.verdict.rawValue) (\(told.decision.clause))")
      }
    }
    for request in coming {
      lines.append("  \(request.id) of \(request.requestedAt), to \(request.address ?? "no address")")
      lines.append("    not decided yet: the night of \(request.decidingDay(after: dossier.businessDay)) decides it")
    }
  }

  private mutating func addPeriod(_ index: Int) {
    let period = dossier.facts.periods[index]
    lines += ["", "period \(period.periodID): \(period.days.first) to \(period.days.last), \(period.days.dayCount) days"]
    lines.append("  paid \(period.paid) USD in \(period.coin)\(period.network.map { " on \($0)" } ?? "") at \(period.paidAt)")
    guard let entitlement = dossier.decision.entitlements[index] else {
      lines.append("  it was paid for after \(dossier.businessDay) and is not known yet")
      return
    }
    addBase(period, entitlement)
    lines += calendar(period, entitlement).map { "  " + $0 }
    guard !entitlement.stretches.isEmpty else {
      lines.append("  no day of it is refundable")
      return
    }
    var total = Cents.zero
    for stretch in entitlement.stretches {
      let first = period.days.first.distance(to: stretch.days.first)
      let end = period.days.first.distance(to: stretch.days.end)
      let share = entitlement.proration.share(of: first..<end)
      total += share
      lines.append(
        "  \(stretch.days.first) to \(stretch.days.last): \(stretch.cause.name) (\(stretch.cause.clause)), \(stretch.evidence)")
      lines.append(
        "    r(\(end)) - r(\(first)) = \(entitlement.proration.upTo(end)) - \(entitlement.proration.upTo(first)) = \(share) USD"
          + " for \(stretch.days.dayCount)/\(period.days.dayCount) days of \(entitlement.proration.base) USD (P5)")
    }
    lines.append("  owed in all: \(total) USD")
  }

  private mutating func addBase(_ period: PeriodFacts, _ entitlement: Entitlement) {
    if entitlement.stretches.first?.cause == .unprovisioned {
      lines.append("  base: all \(period.paid) USD, as the line is not provisioned (S2)")
      return
    }
    let ai = period.paid - period.terms.setupFee - period.terms.base(asOf: dossier.cut)
    lines.append(
      "  base: \(period.paid) - \(period.terms.setupFee) setup fee (S1) - \(ai) AI add-ons (N4) = \(period.terms.base(asOf: dossier.cut)) USD")
  }

  /// The period's days in weeks, Monday first: a letter for each cause, `u` for a used day, `.` for another, blank outside the period.
  private func calendar(_ period: PeriodFacts, _ entitlement: Entitlement) -> [String] {
    let used = Set(dossier.facts.service.usage.filter { $0.isUsedDay && $0.day <= dossier.businessDay }.map(\.day))
    var rows = ["            Mo Tu We Th Fr Sa Su"]
    var monday = period.days.first.advanced(by: -period.days.first.weekday.rawValue)
    var shown: Set<Character> = []
    while monday < period.days.end {
      var row = "\(monday) "
      for offset in 0..<7 {
        let day = monday.advanced(by: offset)
        let mark: Character =
          if !period.days.contains(day) { " " } else if let cause = entitlement.stretches.first(where: { $0.days.contains(day) })?.cause {
            cause.letter
          } else {
            used.contains(day) ? "u" : "."
          }
        shown.insert(mark)
        row += "  \(mark)"
      }
      while row.last == " " { row.removeLast() }
      rows.append(row)
      monday = monday.advanced(by: 7)
    }
    var legend = Cause.allCases.filter { shown.contains($0.letter) }.map { "\($0.letter) \($0.name)" }
    if shown.contains("u") { legend.append("u used, not refunded (N2)") }
    if shown.contains(".") { legend.append(". not refundable") }
    return rows + [legend.joined(separator: "   ")]
  }

  private func maker(of version: OrderDossier.Version) -> String {
    if version.item.reviewID != nil { return "by review" }
    return switch version.item.state {
    case .prepared, .sent, .paid: "by payout"
    case .pending, .held, .approved, .rejected, .withdrawn: "night of \(version.madeOn), run \(version.item.run.number)"
    }
  }

  private mutating func addItems() {
    guard !dossier.versions.isEmpty else {
      lines += ["", "no refund was ever opened for it"]
      return
    }
    lines += ["", "refunds, in the order in which they came to be"]
    for version in dossier.versions {
      let item = version.item
      let flags = item.flags(on: dossier.businessDay).flags.map(\.rawValue).joined(separator: "+")
      lines.append(
        "  \(item.id) version \(item.version), \(maker(of: version)): \(item.state.rawValue), \(item.amount) USD, "
          + "\(item.dayCount) days, due \(item.dueOn)\(flags.isEmpty ? "" : ", \(flags)")")
      for stretch in version.stretches where item.state != .withdrawn {
        lines.append("    \(stretch.days.first) to \(stretch.days.last): \(stretch.amount) USD, \(stretch.evidence)")
      }
      if item.state != .withdrawn, let obstacle = dossier.payees.obstacle(of: item) {
        lines.append("    it cannot be paid yet: \(obstacle) (H1)")
      }
    }
    addPayouts()
  }
}

extension DossierText {
  private mutating func addPayouts() {
    if dossier.payouts.isEmpty { return }
    lines += ["", "payouts"]
    for status in dossier.payouts {
      let payout = status.payout
      lines.append(
        "  \(payout.item) in \(payout.payment), by \(payout.route.rawValue): \(status.state == .approved ? "taken back" : status.state.rawValue)"
          + "\(status.isLate(on: dossier.businessDay) ? ", late" : "")")
      lines.append(
        "    floor(\(payout.usd) / \(payout.rate.rate)) = \(payout.amount) \(payout.coin)"
          + "\(payout.network.map { " on \($0)" } ?? ""), rate of \(payout.rate.quotedAt), \(payout.rate.side), \(payout.rate.source) (H2)")
      lines.append("    the rate was \(payout.rateCheck.words) (G6)")
      if let accepted = status.accepted { lines.append("    it was accepted by \(accepted.name) at \(accepted.at)") }
      lines.append("    to \(payout.address)\(payout.tag.map { ", tag \($0)" } ?? "")")
      if let txid = status.txid { lines.append("    transaction \(txid)") }
      if let key = status.key { lines.append("    proved by its key \(key)") }
      if let fee = status.fee { lines.append("    fee \(fee) USD") }
      if let stuck = status.stuck { lines.append("    a person is needed: \(stuck)") }
    }
  }
}

extension Cause {
  /// The letter in a calendar.
  fileprivate var letter: Character {
    switch self {
    case .withdrawal: "W"
    case .outage: "O"
    case .unrestored: "R"
    case .feature: "F"
    case .cancellation: "C"
    case .unused: "N"
    case .unprovisioned: "P"
    }
  }
}
