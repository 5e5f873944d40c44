import Ledger
import Night
import RefundPolicy
import Storage
import Testing

/// G7: whether the clock can be believed, a second and a night on both sides of each boundary.
@Suite struct `the nights there are to close` {
  private static let first = ServiceDay(ordinal: 20_760)

  /// A ledger whose last closed date is ``first``.
  private static func product() throws -> Product {
    let product = try Product()
    try product.close(Int(first.ordinal))
    return product
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var what: String
    /// Days after the last closed date, and seconds into that day.
    var days: Int
    var seconds: Int64
    var dates: Night.Dates
    var count: Int?
    var refusal: Night.Refusal?

    init(_ what: String, day days: Int, second seconds: Int64, _ dates: Night.Dates = .upToYesterday, closes count: Int) {
      (self.what, self.days, self.seconds, self.dates, self.count) = (what, days, seconds, dates, count)
    }

    init(_ what: String, day days: Int, second seconds: Int64, _ dates: Night.Dates = .upToYesterday, refused refusal: Night.Refusal?) {
      (self.what, self.days, self.seconds, self.dates, self.refusal) = (what, days, seconds, dates, refusal)
    }

    var testDescription: String { what }
  }

  private static func day(_ offset: Int) -> ServiceDay { first.advanced(by: offset) }
  private static func tooMany(_ count: Int) -> Night.Refusal? {
    DayRange(day(1), upTo: day(count + 1)).map { .tooMany($0, limit: 31) }
  }

  static let rows: [Row] = [
    Row("the first second after the last closed date", day: 1, second: 0, closes: 0),
    Row("its last second", day: 0, second: 86_399, refused: .clockBehind(today: day(0), last: first)),
    Row("a clock that fell back for years", day: -2500, second: 0, refused: .clockBehind(today: day(-2500), last: first)),
    Row("a named date does not overrule that", day: 0, second: 0, .through(day(-3)), refused: .clockBehind(today: day(0), last: first)),
    Row("the last second of the next date", day: 1, second: 86_399, closes: 0),
    Row("the first second after it", day: 2, second: 0, closes: 1),
    Row("31 missing nights", day: 32, second: 0, closes: 31),
    Row("32 missing nights", day: 33, second: 0, refused: tooMany(32)),
    Row("32 missing nights, the last one named", day: 33, second: 0, .through(day(32)), closes: 32),
    Row("32 missing nights, the first one named", day: 33, second: 0, .through(day(1)), closes: 1),
    Row("a date that is closed, named", day: 33, second: 0, .through(first), closes: 0),
    Row("74 years ahead", day: 27_000, second: 0, refused: tooMany(26_999)),
    Row("a date before the first", day: 2, second: 0, .through(day(-1)), refused: .beforeFirst(day(-1), first: first)),
    Row("a date that is not over", day: 2, second: 86_399, .through(day(2)), refused: .notOver(day(2), today: day(2))),
  ]

  @Test(arguments: rows) func `are those up to yesterday, where the clock can be believed`(row: Row) throws {
    let product = try Self.product()
    let now = Self.day(row.days).start.advanced(bySeconds: row.seconds)
    do {
      let days = try Night(product.store, now: now).datesToClose(row.dates)
      #expect(row.refusal == nil)
      #expect(days == (0..<(row.count ?? 0)).map { Self.day($0 + 1) })
    } catch let refusal as Night.Refusal {
      #expect(refusal == row.refusal)
    }
  }

  @Test func `is one, yesterday, before anything is closed, however late it is`() throws {
    let product = try Product()
    let now = Self.first.end.advanced(bySeconds: 3600)
    #expect(try Night(product.store, now: now).datesToClose(.upToYesterday) == [Self.first])
  }

  @Test(arguments: [(1, 1, true), (1, 2, false), (60, 60, true), (60, 61, false)])
  func `are as many as the settings allow`(limit: Int, missing: Int, areClosed: Bool) throws {
    let product = try Self.product()
    var operating = OperatingNumbers()
    operating.catchUpMaxNights = limit
    let set = SettingsSet(effectiveFrom: Self.first.start, policy: PolicyNumbers(), operating: operating)
    try product.store.transaction { (.commit, try $0.add(set, .init(at: Self.first.start, by: "Ann", note: "a test", rewritesHistory: true))) }
    let night = Night(product.store, now: Self.day(missing + 1).start)
    if areClosed {
      #expect(try night.datesToClose(.upToYesterday).count == missing)
    } else {
      #expect(throws: Night.Refusal.self) { try night.datesToClose(.upToYesterday) }
    }
  }
}
