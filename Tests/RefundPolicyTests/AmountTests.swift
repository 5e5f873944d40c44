import Testing

@testable import RefundPolicy

@Suite struct `the daily shares of a base (P5)` {
  /// The rule as it is written: B*i/N to the nearest cent, ties down, without the product's arithmetic.
  private static func nearest(_ base: Int, _ day: Int, of count: Int) -> Int {
    let (whole, rest) = (base * day).quotientAndRemainder(dividingBy: count)
    return 2 * rest > count ? whole + 1 : whole
  }

  @Test func `of every small period and base are the rule's, never negative, and together the base`() {
    for count in 1...40 {
      for base in 0...120 {
        let proration = Proration(base: Cents(Int64(base)), dayCount: count)
        var sum = Cents.zero
        for day in 0..<count {
          let share = proration.share(of: day..<(day + 1))
          #expect(share.count == Int64(Self.nearest(base, day + 1, of: count) - Self.nearest(base, day, of: count)))
          #expect(share >= .zero)
          sum += share
        }
        #expect(sum.count == Int64(base))
      }
    }
  }

  @Test func `of the rest of a period are the exact fraction rounded half up`() {
    for count in 1...31 {
      for base in [1, 2, 99, 100, 2999, 3000, 123_457] {
        for left in 0...count {
          let rest = Proration(base: Cents(Int64(base)), dayCount: count).share(of: (count - left)..<count)
          #expect(rest.count == Int64((2 * base * left + count) / (2 * count)), "\(left)/\(count) of \(base)")
        }
      }
    }
  }

  @Test func `do not overflow with the largest amount and the longest period`() {
    let proration = Proration(base: Cents(Cents.greatest.count), dayCount: 36_500)
    #expect(proration.upTo(36_500) == Cents.greatest)
    #expect(proration.share(of: 0..<18_250).count == Cents.greatest.count / 2)
  }

  @Test func `of more days than the period has stop the program`() async {
    await #expect(processExitsWith: .failure) { _ = Proration(base: Cents(1), dayCount: 31).upTo(32) }
  }
}

@Suite struct `what should be pending (contract 3)` {
  private static let period = CaseWorld.days(CaseWorld.day("2026-11-01"), CaseWorld.day("2026-12-01"))

  private static func days(_ first: Int, _ last: Int) -> DayRange {
    CaseWorld.days(period.first.advanced(by: first - 1), period.first.advanced(by: last))
  }

  private static func item(_ state: ItemState, _ first: Int, _ last: Int, base: Int64 = 30_00, cause: Cause = .outage) -> LedgerItem {
    let share = Proration(base: Cents(base), dayCount: 30).share(of: (first - 1)..<last)
    return LedgerItem(
      id: ItemID(1), state: state,
      stretches: [ItemStretch(days: days(first, last), cause: cause, evidence: "e", amount: share, base: Cents(base))], period: period)
  }

  /// `10-12 3.00; …` of what is pending, then the differences.
  private static func outcome(
    owed: (Int, Int)?, base: Int64 = 30_00, cause: Cause = .outage, _ items: [LedgerItem], within window: (Int, Int)? = nil
  ) -> String {
    let entitlement = Entitlement(
      stretches: owed.map { [EntitledStretch(days: days($0.0, $0.1), cause: cause, evidence: "e")] } ?? [],
      proration: Proration(base: Cents(base), dayCount: 30))
    let settlement = Settlement(period: period, entitlement: entitlement, items: items, within: window.map { days($0.0, $0.1) })
    let pending = settlement.pending.map { stretch in
      "\(period.first.distance(to: stretch.days.first) + 1)-\(period.first.distance(to: stretch.days.last) + 1) \(stretch.amount)"
    }
    let differences = settlement.differences.map { "\($0.kind.exception.rawValue) \($0.amount)" }
    return (pending + differences).joined(separator: "; ")
  }

  @Test func `is what is entitled, neither committed nor barred`() {
    #expect(Self.outcome(owed: (10, 12), []) == "10-12 3.00")
    #expect(Self.outcome(owed: (10, 12), [Self.item(.pending, 1, 30)]) == "10-12 3.00")
    #expect(Self.outcome(owed: (10, 12), [Self.item(.approved, 10, 12)]) == "")
    #expect(Self.outcome(owed: (10, 14), [Self.item(.approved, 10, 12)]) == "13-14 2.00")
    #expect(Self.outcome(owed: (9, 14), [Self.item(.paid, 10, 12)]) == "9-9 1.00; 13-14 2.00")
    #expect(Self.outcome(owed: (10, 14), [Self.item(.rejected, 10, 12)]) == "13-14 2.00")
    #expect(Self.outcome(owed: (1, 30), cause: .unused, [Self.item(.rejected, 10, 12)]) == "1-9 9.00; 13-30 18.00")
  }

  @Test func `leaves what was committed as it is, and tells what is wrong about it (D2)`() {
    #expect(Self.outcome(owed: nil, [Self.item(.approved, 10, 12)]) == "not_owed 3.00")
    #expect(Self.outcome(owed: (10, 11), [Self.item(.sent, 10, 12)]) == "not_owed 1.00")
    #expect(Self.outcome(owed: (10, 12), base: 15_00, [Self.item(.approved, 10, 12)]) == "overpaid 1.50")
    #expect(Self.outcome(owed: (10, 12), base: 60_00, [Self.item(.approved, 10, 12)]) == "underpaid 3.00")
    #expect(Self.outcome(owed: nil, [Self.item(.rejected, 10, 12)]) == "")
  }

  @Test func `is never more with what is committed than the larger of the base and that (P5)`() {
    #expect(Self.outcome(owed: (1, 30), base: 15_00, [Self.item(.approved, 1, 10)]) == "11-30 5.00; overpaid 5.00")
    #expect(Self.outcome(owed: (1, 30), base: 9_00, [Self.item(.approved, 1, 10)]) == "overpaid 7.00")
  }

  @Test func `changes in a rerun only within its days, but W1 and S2 whole`() {
    #expect(Self.outcome(owed: (10, 20), [], within: (12, 14)) == "12-14 3.00")
    #expect(Self.outcome(owed: (10, 20), [Self.item(.pending, 10, 12)], within: (15, 16)) == "10-12 3.00; 15-16 2.00")
    #expect(Self.outcome(owed: (10, 20), [Self.item(.pending, 10, 12)], within: (13, 14)) == "10-14 5.00")
    #expect(Self.outcome(owed: nil, [Self.item(.pending, 10, 12)], within: (11, 11)) == "10-10 1.00; 12-12 1.00")
    #expect(Self.outcome(owed: nil, [Self.item(.pending, 10, 12)], within: (9, 13)) == "")
    #expect(Self.outcome(owed: (1, 30), cause: .unused, [], within: (12, 14)) == "1-30 30.00")
    #expect(Self.outcome(owed: nil, [Self.item(.pending, 1, 30, cause: .unused)], within: (12, 14)) == "")
  }
}
