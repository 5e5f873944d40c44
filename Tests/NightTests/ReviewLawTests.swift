import AuditLog
import Foundation
import Ledger
import Night
import ReferenceModel
import RefundPolicy
import Storage
import Testing

/// Late and corrected facts, nights, missed nights, reruns of any ranges, and people's decisions, in random order: after every step the ledger is
/// the model's, and the database agrees with itself.
@Suite struct `laws of review and reruns` {
  static let seedsInAll = ProcessInfo.processInfo.environment["MAKEGOOD_SEEDS"].flatMap { UInt64($0) } ?? 200
  static let chunks: [Range<UInt64>] = stride(from: 1, through: seedsInAll, by: 25).map { $0..<min($0 + 25, seedsInAll + 1) }
  static let first = dayOrdinal(2026, 1, 1) + 25

  @Test(arguments: chunks) func `whatever comes in whatever order, the ledger is the model's`(seeds: Range<UInt64>) throws {
    var states: Set<String> = []
    var reruns = 0
    for seed in seeds {
      var random = SplitMix64(seed: seed &* 104_729)
      let worlds = lateArrivals(randomWorld(seed: seed, orders: 6), seed: seed)
      var world = worlds[0]
      let product = try Product()
      var model = ModelLedger()
      var stage = 0
      var date = Self.first - 1
      var steps: [String] = []
      try product.take(world)
      func rerun() throws {
        let from = random.int((Self.first - 25)...(date + 1))
        let to = from + random.int(0...25)
        steps.append("rerun \(dayText(from)) to \(dayText(to))")
        model.rerun(world, from: from, to: to)
        if try product.rerun(from, to) { reruns += 1 }
      }
      for step in 1...24 {
        switch random.int(0...9) {
        case 0, 1:
          if stage + 1 < worlds.count {
            stage += 1
            world = worlds[stage]
          }
          for _ in 0..<random.int(0...3) { world.correct(&random) }
          steps.append("facts")
          try product.take(world)
          // Late facts are what reruns are for.
          if random.chance(60) { try rerun() }
        case 2, 3, 4:
          let nights = random.chance(20) ? random.int(2...5) : 1
          for night in 1...nights { model.night(world, closing: date + night) }
          date += nights
          steps.append("nights up to \(dayText(date))")
          try product.close(date)
        case 5, 6:
          try rerun()
        default:
          guard !model.items.isEmpty else { continue }
          let index = random.int(0...(model.items.count - 1))
          let act = random.pick(["approve", "reject", "hold", "release", "reopen"])
          let isAllowed =
            switch act {
            case "approve": model.approve(index)
            case "reject": model.reject(index)
            case "hold": model.hold(index)
            case "release": model.release(index)
            default: model.reopen(index)
            }
          steps.append("\(act) \(model.items[index].periodID)\(isAllowed ? "" : ", refused")")
          let isDone = try product.review(act, model.place(of: index))
          #expect(isDone == isAllowed, "seed \(seed): \(steps.joined(separator: "; "))")
        }
        let (ours, theirs) = (try product.items(), model.stretchLines())
        states.formUnion(ours.map { String($0.split(separator: "|")[1]) })
        let wrong = ours.filter { !theirs.contains($0) }.map { "product: \($0)" } + theirs.filter { !ours.contains($0) }.map { "model:   \($0)" }
        #expect(wrong == [], "seed \(seed): \(steps.joined(separator: "; "))")
        if wrong.isEmpty {
          let (problems, expected) = (try product.exceptions(), model.exceptionLines())
          #expect(problems == expected, "seed \(seed): \(steps.joined(separator: "; "))")
          if problems != expected { return }
        }
        let findings = step.isMultiple(of: 6) ? try product.verify() : []
        #expect(findings == [], "seed \(seed): \(steps.joined(separator: "; "))")
        if !wrong.isEmpty || !findings.isEmpty { return }
      }
    }
    #expect(states == ["pending", "held", "approved", "rejected", "withdrawn"])
    #expect(reruns > seeds.count / 4, "\(reruns) reruns changed something")
  }
}

extension World {
  /// One of the corrections that sellers make.
  fileprivate mutating func correct(_ random: inout SplitMix64) {
    switch random.int(0...5) {
    case 0 where !outages.isEmpty: outages[random.int(0...(outages.count - 1))].voided.toggle()
    case 1 where !outages.isEmpty:
      let index = random.int(0...(outages.count - 1))
      outages[index].endedAt = outages[index].startedAt + random.int(0...(6 * secondsPerDay))
    case 2 where !outages.isEmpty: outages[random.int(0...(outages.count - 1))].scope = random.pick([.platform, .region("eu")])
    case 3 where !withdrawals.isEmpty:
      let index = random.int(0...(withdrawals.count - 1))
      withdrawals[index].reversedAt = withdrawals[index].effectiveAt + random.int(0...(9 * secondsPerDay))
    case 4 where !periods.isEmpty:
      let index = random.int(0...(periods.count - 1))
      periods[index].paidCents += random.int(0...300)
    case 5 where !orders.isEmpty:
      let index = random.int(0...(orders.count - 1))
      guard let activated = orders[index].activatedAt, orders[index].endedAt == nil else { return }
      (orders[index].endedAt, orders[index].endReason) = (activated + random.int(0...(40 * secondsPerDay)), .aup)
    default: return
    }
  }
}

extension ModelLedger {
  /// In the words of the product, which tells no differences of nothing.
  fileprivate func exceptionLines() -> [String] { canonicalExceptions().filter { !$0.hasSuffix("|0.00") || !$0.hasPrefix("not_owed") } }

  /// An item by its period and its place among the period's items: the two ledgers count items in another order.
  fileprivate func place(of index: Int) -> (period: String, place: Int) {
    let period = items[index].periodID
    return (period, items.indices.filter { items[$0].periodID == period && $0 < index }.count)
  }
}

extension Product {
  /// - Returns: Whether it changed anything.
  fileprivate func rerun(_ from: Int, _ to: Int) throws -> Bool {
    guard let days = DayRange(ServiceDay(ordinal: Int32(from)), upTo: ServiceDay(ordinal: Int32(to + 1))) else { return false }
    let lock = try RunLock(database: store.path)
    do {
      return try Night(store, now: Instant(seconds: 0)).rerun(days, .kept, holding: lock) { _, _ in }.run != nil
    } catch is Night.Refusal {
      // Nothing is closed yet, or the last day is not: the model does nothing either.
      return false
    }
  }

  /// - Returns: Whether it was allowed.
  fileprivate func review(_ act: String, _ item: (period: String, place: Int)) throws -> Bool {
    guard let act = ReviewAct(rawValue: act) else { return false }
    return try store.transaction { connection in
      let ids = try connection.prepare("SELECT item_id FROM items WHERE period_id = ?1 ORDER BY item_id LIMIT 1 OFFSET ?2")
      try ids.bind(1, item.period)
      try ids.bind(2, Int64(item.place))
      guard try ids.step() else { return (.rollback, false) }
      let desk = try ReviewDesk(Reviewer("ann"), at: Instant(seconds: 0), on: connection)
      do { _ = try desk.decide(act, ItemID(ids.int(0)), note: "why") } catch is ReviewRefusal { return (.rollback, false) }
      try desk.finish()
      return (.commit, true)
    }
  }

  fileprivate func verify() throws -> [String] {
    let lock = try RunLock(database: store.path)
    return try Verification(of: store, holding: lock).findings.map { "\($0.place): \($0.what)" }
  }
}
