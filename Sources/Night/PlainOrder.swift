import Facts
import RefundPolicy
import Storage

/// An order that nothing is known of but its own rows: it has no request, no item and no ticket, and is not void.
///
/// Most orders of a night are such. One value is read into again and again, so that an order that is owed nothing costs no memory.
struct PlainOrder {
  private(set) var rows = OrderRows()
  /// Only of use where there are ``periods``.
  private(set) var service = ServiceFacts()
  /// Those of which faults make days refundable, ascending by first day, each with its place among the rows.
  private(set) var periods: [(terms: PeriodTerms, row: Int)] = []

  /// Reads the order that a reader stands on.
  ///
  /// - Parameter faults: Those of its line.
  mutating func read(_ reader: BlockReader, _ faults: LineFaults) throws {
    reader.read(into: &rows, withPayments: false)
    if !periods.isEmpty { periods.removeAll(keepingCapacity: true) }
    var addons = 0..<0
    for row in rows.periods.indices {
      let days = try rows.days(ofPeriod: row)
      addons = rows.addons(ofPeriod: row, from: addons.upperBound)
      if rows.periods[row].isVoided || !faults.touch(days, paidAt: Instant(seconds: rows.periods[row].paidAt)) { continue }
      periods.append((rows.terms(ofPeriod: row, days, addons), row))
    }
    if periods.isEmpty { return }
    try rows.read(into: &service)
    if periods.count > 1 { sort() }
  }

  /// They mostly come as they should stand.
  private mutating func sort() {
    for index in 1..<periods.count where periods[index].terms.days.first < periods[index - 1].terms.days.first {
      periods.sort { $0.terms.days.first < $1.terms.days.first }
      return
    }
  }

  var orderID: String { rows.order.id.string }
}

extension OrderRow {
  /// When and why it ended.
  fileprivate var ending: ServiceFacts.Ending? {
    get throws {
      guard let at = ended else { return nil }
      guard let reason = endReason else { throw StorageError.refused(why: "order \(id.string) ended for no reason") }
      return ServiceFacts.Ending(at: Instant(seconds: at), reason: reason)
    }
  }
}

extension OrderRows {
  func days(ofPeriod index: Int) throws -> DayRange {
    guard let days = DayRange(ServiceDay(ordinal: periods[index].starts), upTo: ServiceDay(ordinal: periods[index].ends)) else {
      throw StorageError.refused(why: "period \(periods[index].id.string) has no days")
    }
    return days
  }

  /// The places of a period's add-ons, which stand by their periods: from behind those of the period before it.
  func addons(ofPeriod index: Int, from first: Int) -> Range<Int> {
    var end = first
    while end < addons.count, addons[end].period == index { end += 1 }
    return first..<end
  }

  /// What decides how much the days of a period are worth.
  func terms(ofPeriod index: Int, _ days: DayRange, _ places: Range<Int>) -> PeriodTerms {
    var terms = PeriodTerms(
      days: days, paid: Cents(periods[index].paid), setupFee: Cents(periods[index].setupFee), paidAt: Instant(seconds: periods[index].paidAt))
    for addon in places where !addons[addon].isVoided { terms.addons.append(addons[addon].facts) }
    return terms
  }

  func facts(ofPeriod index: Int, _ terms: PeriodTerms) -> PeriodFacts {
    PeriodFacts(periodID: periods[index].id.string, terms: terms, coin: periods[index].coin.string, network: periods[index].network.optional)
  }

  /// The periods with their add-ons, those that count by day; a voided order has none that count.
  func periodFacts() throws -> (valid: [PeriodFacts], voided: [PeriodFacts]) {
    var (valid, voided): ([PeriodFacts], [PeriodFacts]) = ([], [])
    var addons = 0..<0
    for index in periods.indices {
      addons = self.addons(ofPeriod: index, from: addons.upperBound)
      let period = facts(ofPeriod: index, terms(ofPeriod: index, try days(ofPeriod: index), addons))
      if order.isVoided || periods[index].isVoided { voided.append(period) } else { valid.append(period) }
    }
    if valid.count > 1 { valid.sort { $0.days.first < $1.days.first } }
    return (valid, voided)
  }

  /// Reads when the line was in service, and what it did, over what was there.
  func read(into service: inout ServiceFacts) throws {
    service.provisionedAt = order.provisioned.map { Instant(seconds: $0) }
    service.activatedAt = order.activated.map { Instant(seconds: $0) }
    service.ended = try order.ending
    service.usage.removeAll(keepingCapacity: true)
    for index in usage.indices where !usage[index].isVoided {
      service.usage.append(
        UsageDay(
          day: ServiceDay(ordinal: usage[index].day), outbound: usage[index].calls + usage[index].sms, verifications: usage[index].verifications))
    }
  }

  /// The first instant from `cut` on at which something known of the order takes effect.
  ///
  /// - Parameters:
  ///   - faults: Those of its line as of the cut. What takes effect behind the last day that they make refundable changes nothing of what is owed for
  ///     them; a fault that goes on is looked at by itself.
  ///   - ticketsDue: From when on an open ticket may make days refundable; the cut itself while it does. Nil where none is open.
  ///   - hasRequests: Whether requests of it are known, which all of it may decide otherwise: an open ticket then does with every day.
  func due(from cut: Instant, _ faults: LineFaults, ticketsDue: Instant?, hasRequests: Bool) -> Instant? {
    let now = cut.seconds
    var due = Int64.max
    func isAhead(_ instant: Int64?) -> Bool { instant.map { $0 >= now } ?? false }
    func note(_ instant: Int64?) { if let instant, instant >= now { due = min(due, instant) } }
    func counts(_ day: ServiceDay) -> Bool { hasRequests || day < faults.end }
    func counts(_ instant: Int64?) -> Bool { instant.map { counts(Instant(seconds: $0).day) } ?? false }
    let wasServed = counts(order.provisioned)
    // P5 Before its activation it is in service from its provisioning on.
    if wasServed {
      note(order.provisioned)
      note(order.activated)
    }
    if isAhead(order.ended), counts(order.ended) || order.endReason?.reachesBack ?? false { note(order.ended) }
    for index in periods.indices where isAhead(periods[index].paidAt) && counts(ServiceDay(ordinal: periods[index].starts)) {
      note(periods[index].paidAt)
    }
    for index in addons.indices where counts(ServiceDay(ordinal: periods[addons[index].period].starts)) {
      note(addons[index].from)
      note(addons[index].to)
    }
    // Days of use come in their order: mostly none is ahead.
    if let last = usage.indices.last, isAhead(ServiceDay(ordinal: usage[last].day).start.seconds) {
      // N3 The first verification there ever was is told with the item.
      let isToTell = wasServed && !usage.contains { $0.verifications > 0 && !$0.isVoided && ServiceDay(ordinal: $0.day).start < cut }
      for index in usage.indices where !usage[index].isVoided {
        let day = ServiceDay(ordinal: usage[index].day)
        if counts(day) || (usage[index].verifications > 0 && isToTell) { note(day.start.seconds) }
      }
    }
    for index in tickets.indices where !tickets[index].isVoided { note(tickets[index].opened) }
    if let ticketsDue { note(hasRequests ? now : ticketsDue.seconds) }
    return due == .max ? nil : Instant(seconds: due)
  }
}

extension AddonRow {
  fileprivate var facts: AddonFacts {
    AddonFacts(
      category: AddonCategory.allCases[Int(category)], fee: Cents(fee), activeFrom: from.map { Instant(seconds: $0) },
      activeTo: to.map { Instant(seconds: $0) })
  }
}
