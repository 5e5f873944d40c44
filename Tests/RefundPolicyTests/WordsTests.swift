import RefundPolicy
import Testing

@Suite struct `days and instants` {
  @Test(arguments: [
    "2026-02-29", "2100-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-1", "26-01-01", "2026-01-01 ", "２０26-01-01", "1899-12-31",
    "2200-01-01", "",
  ])
  func `that do not exist, or are written otherwise, are none`(text: String) { #expect(ServiceDay(text) == nil) }

  @Test func `are written as they are read, over three centuries`() {
    var day = CaseWorld.day("1900-01-01")
    while day <= CaseWorld.day("2199-12-31") {
      #expect(ServiceDay("\(day)") == day)
      day = day.advanced(by: 17)
    }
    #expect(CaseWorld.day("2024-02-29").advanced(by: 1) == CaseWorld.day("2024-03-01"))
    #expect(CaseWorld.day("1970-01-01").weekday == .thursday)
    #expect(CaseWorld.day("1969-12-31").end == Instant(seconds: 0))
    #expect("\(Instant(seconds: -1))" == "1969-12-31T23:59:59Z")
    #expect("\(Instant(seconds: 1_795_500_000))" == "2026-11-24T06:00:00Z")
  }

  @Test func `touch: a second into a day is enough, its midnight is not`() {
    let noon = CaseWorld.time("10 12:00:00")
    func days(_ end: String) -> String {
      Interval(noon, CaseWorld.time(end))?.days(upTo: CaseWorld.day("30")).map { "\($0.first) \($0.dayCount)" } ?? "none"
    }
    #expect(days("10 12:00:00") == "none")
    #expect(days("10 12:00:01") == "2026-11-10 1")
    #expect(days("11 00:00:00") == "2026-11-10 1")
    #expect(days("11 00:00:01") == "2026-11-10 2")
  }
}

@Suite struct `promises (Q5)` {
  private static let holidays: Set<ServiceDay> = [CaseWorld.day("2026-12-25"), CaseWorld.day("2027-01-01")]

  // swift-format-ignore
  @Test(arguments: [
    //  from          automatic  coin   due
    ("2026-11-23",  true,      "XMR", "2026-11-30"),   // Monday, five business days later
    ("2026-11-20",  true,      "XMR", "2026-11-27"),   // Friday
    ("2026-11-21",  true,      "XMR", "2026-11-27"),   // Saturday counts from Monday on
    ("2026-11-22",  true,      "XMR", "2026-11-27"),   // Sunday too
    ("2026-11-23",  false,     "XMR", "2026-12-07"),
    ("2026-11-23",  false,     "BTC", "2026-12-09"),   // 48 hours more, calendar days
    ("2026-12-18",  true,      "XMR", "2026-12-28"),   // over Christmas
    ("2026-12-24",  true,      "XMR", "2027-01-04"),   // over the year's end
    ("2026-12-25",  false,     "ETH", "2027-01-13"),
  ]) func `are business days, over weekends, holidays and the year's end`(from: String, isAutomatic: Bool, coin: String, due: String) {
    var operating = OperatingNumbers()
    operating.holidays = Self.holidays
    #expect("\(operating.dueDay(from: CaseWorld.day(from), isAutomatic: isAutomatic, coin: coin))" == due)
  }

  @Test func `age in business days`() {
    let calendar = BusinessCalendar(holidays: Self.holidays)
    let opened = CaseWorld.day("2026-12-24")
    let ages = ["2026-12-24", "2026-12-27", "2026-12-29", "2026-12-30", "2027-01-04", "2027-01-05", "2027-01-11", "2027-01-12"].map { day in
      let count = calendar.count(after: opened, through: CaseWorld.day(day))
      return "\(count) \(Aging(businessDays: count).rawValue)"
    }
    #expect(ages == ["0 0-2", "0 0-2", "2 0-2", "3 3-5", "5 3-5", "6 6-10", "10 6-10", "11 over-10"])
  }
}

@Suite struct `requests find their order (Q1)` {
  @Test func `by transaction ids: hexadecimal ones with or without 0x and case, others to the letter`() {
    #expect(TransactionID("0xABCDEF01") == TransactionID("abcdef01"))
    #expect(TransactionID("0Xab") == TransactionID("AB"))
    #expect(TransactionID("5VERv8NMvzbJ") != TransactionID("5verv8nmvzbj"))
    #expect(TransactionID("abcg") != TransactionID("ABCG"))
  }
}

@Suite struct `item ids` {
  @Test func `are read only as they are written`() {
    for number in [1, 9, 999_999_999, 1_000_000_000, Int64.max] { #expect(ItemID("\(ItemID(number))") == ItemID(number)) }
    for text in ["R17", "r000000017", "R0000000017", "R000000000", "R00000001a", "R99999999999999999999", ""] { #expect(ItemID(text) == nil) }
  }

  @Test func `sort by their bytes as by their numbers`() {
    #expect("\(ItemID(9))" < "\(ItemID(10))")
  }
}

@Suite struct `flags` {
  /// The ledger keeps these numbers for good: a bit is never given to another flag.
  @Test func `keep their bits`() {
    let bits: [(ItemFlag, UInt16)] = [
      (.faultOpen, 1), (.invalidAddress, 2), (.nightLimit, 4), (.noAddress, 8), (.overdue, 16), (.secondApproval, 32), (.verificationUsed, 64),
      (.corrected, 128), (.oneApproval, 256), (.usageMissing, 512), (.endTakenBack, 1024), (.lateRequest, 2048), (.newerAddress, 4096),
      (.openLong, 8192), (.usedDuringFault, 16384), (.unconfirmedAddress, 32768),
    ]
    for (flag, bit) in bits { #expect(FlagSet(flag).rawValue == bit, "\(flag.rawValue)") }
    #expect(Set(bits.map(\.0)) == Set(ItemFlag.allCases))
  }
}

@Suite struct `explanations` {
  private static func told(_ facts: [Fact]) -> [String] {
    let world = CaseWorld(facts)
    return world.order.decide(settings: world.settings, asOf: world.cut).requests.compactMap { $0.map { Explanation.request($0) } }
  }

  // swift-format-ignore
  @Test(arguments: [
    ([Fact.request("05 12:00:00")],
     "The request came inside the refund window and the line was never used, so the payment before it is refunded in full, less the setup fee (W1)."),
    ([.notProvisioned, .request("05 12:00:00")],
     "The line is not provisioned, so the payment before it is refunded in full, setup fee included (S2)."),
    ([.request("09")],
     "The refund window closed on 2026-11-08T08:00:00Z; a request up to then could have been granted, and no fault of ours was open at the request (W1)."),
    ([.outage("19 12:00:00", "20 10:50:00"), .request("20")],
     "The refund window closed on 2026-11-08T08:00:00Z; a request up to then could have been granted; the outage that was open then lasted 22 h 50 min, more than 24 h were needed (W1)."),
    ([.used("03"), .request("04")],
     "The line was used on 2026-11-03; a full refund needs a line that was never used, and no fault of ours was open at the request (W1)."),
    ([.verified("03"), .request("04")],
     "The line was used for SMS verification on 2026-11-03; a cancellation could have been granted only before that (N3)."),
    ([.ended("20", .aup), .request("21")],
     "The line was terminated for violating the acceptable-use policy, so nothing is refundable (N5)."),
    ([.outage("28 06:00:00", "30 12:00:00"), .request("30 06:00:00")],
     "The refund window closed on 2026-11-08T08:00:00Z; a request up to then could have been granted; the outage was open then, but no paid day was left after the request (W1)."),
    ([.outage("10 06:00:00", "12 06:00:00"), .request("11 12:00:00")],
     "The line was cancelled while the outage was open, so every unused day from 2026-11-11 on is refunded, and the days of the fault (Q3)."),
    ([.outage("30 12:00:00", nil), .request("30 13:00:00")],
     "The outage was open at the request and is not over; the request is decided when it is fixed or has lasted more than the policy's limit (Q2)."),
  ]) func `of requests say what would have changed the answer`(facts: [Fact], sentence: String) {
    #expect(Self.told(facts) == [sentence])
  }

  @Test func `of refunds give the fraction and the clauses`() {
    var explanation = RefundExplanation(amount: Cents(19_35), dayCount: 20, periodDays: 31, base: Cents(29_99), causes: [.outage, .withdrawal])
    let reasons =
      "because the number became unavailable from the carrier (P1) and an outage of our own infrastructure lasted longer than the policy allows (P2)"
    #expect(explanation.description == "19.35 USD is 20/31 days of 29.99 USD, \(reasons).")
    explanation.obstacle = "its checksum is wrong"
    #expect(explanation.description.hasSuffix("(P2); it cannot be paid yet, because its checksum is wrong."))
    (explanation.isCorrected, explanation.obstacle) = (true, nil)
    #expect(explanation.description == "19.35 USD was set by us for 20/31 days of 29.99 USD (D2), \(reasons).")
    explanation.dayCount = 0
    #expect(explanation.description == "Nothing is owed any more for the days this refund was for (D2).")
  }

  @Test func `of refunds list three causes as English does`() {
    let causes: CauseSet = [.feature, .withdrawal, .cancellation]
    #expect(
      RefundExplanation(amount: Cents(1), dayCount: 1, periodDays: 2, base: Cents(2), causes: causes).description
        == "0.01 USD is 1/2 days of 0.02 USD, because the number became unavailable from the carrier (P1), "
        + "a core feature of the plan was not fixed in time (P4) and the line was cancelled while such a fault was open (Q3).")
  }

  @Test(arguments: [(0, "0 s"), (59, "59 s"), (60, "1 min"), (86_400, "24 h"), (86_401, "24 h 1 s"), (259_200, "3 days"), (604_801, "7 days 1 s")])
  func `of times tell the second that matters`(seconds: Int64, text: String) { #expect(Explanation.duration(seconds) == text) }
}

@Suite struct `times in letters` {
  @Test(arguments: [
    ("10 00:00:00", "10 November 2026, 00:00 UTC"), ("02 09:05:00", "2 November 2026, 09:05 UTC"), ("30 23:59:59", "30 November 2026, 23:59:59 UTC"),
    ("12 09:30:01", "12 November 2026, 09:30:01 UTC"),
  ])
  func `are written for people`(time: String, words: String) { #expect(PlainTimes.text(CaseWorld.time(time)) == words) }

  @Test(arguments: [
    ("2026-11-10", 1, "10 November 2026"), ("2026-11-10", 3, "10 to 12 November 2026"), ("2026-11-30", 3, "30 November to 2 December 2026"),
    ("2026-12-31", 2, "31 December 2026 to 1 January 2027"), ("2026-01-01", 365, "1 January to 31 December 2026"),
  ])
  func `are ranges of days`(first: String, count: Int, words: String) throws {
    let day = CaseWorld.day(first)
    #expect(PlainTimes.text(try #require(DayRange(day, upTo: day.advanced(by: count)))) == words)
  }

  private static let lengths: [(Int64, String)] = [
    (0, "0 seconds"), (1, "1 second"), (60, "1 minute"), (86_400, "24 hours"), (86_401, "24 hours 1 second"), (94_200, "26 hours 10 minutes"),
    (3 * 86_400 - 1, "71 hours 59 minutes 59 seconds"), (3 * 86_400, "3 days"), (5 * 86_400 + 7200, "5 days 2 hours"),
    (4 * 86_400 + 3600, "4 days 1 hour"),
  ]

  @Test(arguments: lengths) func `are lengths`(seconds: Int64, words: String) { #expect(PlainTimes.length(seconds) == words) }

  private static let sentences: [(String, String)] = [
    ("It closed on 2026-11-08T08:00:00Z; a request.", "It closed on 8 November 2026, 08:00 UTC; a request."),
    ("used on 2026-11-20; more", "used on 20 November 2026; more"),
    ("2026-11-20", "20 November 2026"),
    ("(2026-11-20T01:02:03Z)", "(20 November 2026, 01:02:03 UTC)"),
    // None of these is a time: a day or an hour that does not exist, or a part of something longer.
    ("2026-02-30", "2026-02-30"),
    ("2026-11-20T24:00:00Z.", "2026-11-20T24:00:00Z."),
    ("2026-11-20T01:02:03", "2026-11-20T01:02:03"),
    ("ord-2026-11-20", "ord-2026-11-20"),
    ("2026-11-20-7", "2026-11-20-7"),
    ("x2026-11-20", "x2026-11-20"),
    ("2026-11-201", "2026-11-201"),
    ("+12025550101", "+12025550101"),
    ("", ""),
  ]

  @Test(arguments: sentences) func `are found in sentences, and nothing else is`(sentence: String, words: String) {
    #expect(PlainTimes.text(in: sentence) == words)
  }
}
