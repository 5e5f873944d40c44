import Facts
public import Ledger
import RefundPolicy
public import Storage

/// D2: what a reopened item comes to, by what is known now, as of the last closed date: as the next run would restate it.
public enum Reopening {
  /// - Parameters:
  ///   - reopened: The item as it is pending again.
  ///   - connection: In the transaction of the review.
  public static func restate(_ reopened: ItemWithDays, on connection: Connection) throws -> ReviewDesk.Restated {
    guard let day = try connection.watermark() else { return .owed(reopened) }
    // A request that came since the last run is a request of the order too; the tables of runs stay as they are.
    try RequestMatching.matchForOne(reopened.item.orderID, asOf: day.end, on: connection)
    return try restate(reopened, asOf: day, on: connection)
  }

  private static func restate(_ reopened: ItemWithDays, asOf day: ServiceDay, on connection: Connection) throws -> ReviewDesk.Restated {
    let settings = try connection.settings()
    let operating = settings.operating(closing: day)
    let classes = LineClasses()
    let faults = try FaultIndex(connection, before: day.end, settings: settings, classes: classes)
    let ways = OrderReader.Ways(requests: RequestMatching.ofOne)
    let order = try OrderReader(connection, faults: faults, classes: classes, asOf: day.end, ways).find(reopened.item.orderID)
    // A period that is void, or another order's by now, is owed nothing here.
    guard let order, let index = order.facts.periods.firstIndex(where: { $0.periodID == reopened.item.periodID }) else { return .withdrawn }
    let period = order.facts.periods[index]
    let decision = order.facts.decide(settings: settings, asOf: day.end, lineFaults: order.faults)
    let entitlement = decision.entitlements[index] ?? .nothing(in: period.terms)
    let items = try connection.items(ofPeriod: period.periodID).map(LedgerItem.init)
    let owed = Settlement(period: period.days, entitlement: entitlement, items: items).pending
    let (pending, isCorrected) = ItemDrafting.corrected(owed, by: reopened)
    if pending.isEmpty { return .withdrawn }
    let drafting = ItemDrafting(
      common: PlainSettlement(settings: settings, operating: operating, businessDay: day), payees: PayeeCheck(operating),
      usageKnownAt: try connection.usageKnownAt())
    var item = drafting.item(
      reopened.item, id: reopened.item.id, run: reopened.item.run, period, entitlement, pending, facts: order.facts, decision: decision,
      hasEndTakenBack: false)
    if isCorrected { item.flags.formUnion(.corrected) }
    // What was paid is as a run knew it: the limit of corrections (D2).
    item.paid = reopened.item.paid
    // It is pending for people; what holds an automatic one is the next run's to tell.
    item.state = .pending
    item.flags.subtract(.guards)
    return .owed(ItemWithDays(item: item, stretches: pending))
  }
}
