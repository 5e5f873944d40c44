import RefundPolicy
import Testing

@Suite struct `the policy, clause by clause` {
  // swift-format-ignore
  static let window: [Case] = [
    Case(.W1, "in the last second of the 7 days",            [.request("08 08:00:00")],                                "01-30 unused 30.00 | granted W1"),
    Case(.W1, "one second later",                            [.request("08 08:00:01")],                                " | denied W1"),
    Case(.W1, "every period paid for before the request",    [.period("12-01", "12-11", paid: 10_00, at: "05 12:00:00"), .request("05 12:00:01")], "01-30 unused 30.00 / 12-01-12-10 unused 10.00 | granted W1"),
    Case(.W1, "a period paid for at the second of the request", [.period("12-01", "12-11", paid: 10_00, at: "05 12:00:00"), .request("05 12:00:00")], "01-30 unused 30.00 /  | granted W1"),
    Case(.W1, "a renewal does not move the window",          [.period("12-01", "12-11", paid: 10_00, at: "10 12:00:00"), .request("11 12:00:00")], " /  | denied W1"),
    Case(.W1, "used before: no",                             [.used("03"), .request("04 09:00:00")],                   " | denied W1"),
    Case(.W1, "1-cent base",                                 [.paid(10_01, fee: 10_00), .request("05 12:00:00")],      "01-30 unused 0.01 | granted W1"),
    Case(.W1, "a window of 3 days in force when it was paid", [.settings("10-01", PolicyNumbers(windowDays: 3)), .request("04 08:00:01")], " | denied W1"),
    Case(.W1, "a window of 3 days set after it was paid",    [.settings("02", PolicyNumbers(windowDays: 3)), .request("04 08:00:01")], "01-30 unused 30.00 | granted W1"),
    Case(.W2, "a call on the day of the request, later",     [.used("05"), .request("05 00:00:01")],                   " | denied W1"),
    Case(.W2, "a call on the day after",                     [.used("06"), .request("05 23:59:59")],                   "01-30 unused 30.00 | granted W1"),
    Case(.W2, "a verification SMS is use",                   [.verified("03"), .request("05 12:00:00")],               " | denied N3"),
    Case(.W3, "provisioned, never activated, after weeks",   [.notActivated, .request("25 12:00:00")],                 "01-30 unused 30.00 | granted W1"),
    Case(.W3, "activated after the request",                 [.activated("20 12:00:00"), .request("10 12:00:00")],     "01-30 unused 30.00 | granted W1"),
    Case(.W4, "a full grant replaces the fault's cause",     [.outage("02 06:00:00", "04 06:00:00"), .request("05 12:00:00")], "01-30 unused 30.00 | granted W1"),
  ]

  // swift-format-ignore
  static let fees: [Case] = [
    Case(.S1, "the setup fee stays",                         [.request("05 12:00:00")],                                "01-30 unused 30.00 | granted W1"),
    Case(.S1, "nothing is left when all was the fee",        [.paid(10_00, fee: 10_00), .request("05 12:00:00")],      "01-30 unused 0.00 | granted W1"),
    Case(.S2, "not provisioned: fee and add-ons too",        [.notProvisioned, .addon(.ai, 3_00, "02", nil), .request("20 12:00:00")], "01-30 unprovisioned 40.00 | granted S2"),
    Case(.S2, "provisioned in the last second of the date",  [.notActivated, .provisioned("30 23:59:59"), .request("20 12:00:00")], "01-30 unused 30.00 | granted W1"),
    Case(.S2, "provisioned at the midnight that ends it",    [.notActivated, .provisioned("12-01"), .request("20 12:00:00")], "01-30 unprovisioned 40.00 | granted S2"),
    Case(.S2, "only what was paid before the request",       [.notProvisioned, .period("12-01", "12-11", paid: 10_00, at: "21 12:00:00"), .request("20 12:00:00")], "01-30 unprovisioned 40.00 /  | granted S2"),
  ]

  // swift-format-ignore
  static let faults: [Case] = [
    Case(.P1, "from one second on, and what is ahead",       [.withdrawal("20 23:59:59", nil)],                        "20-30 withdrawal 11.00"),
    Case(.P1, "effective at the second of the provisioning", [.withdrawal("01 08:00:00", nil)],                        "01-30 withdrawal 30.00"),
    Case(.P1, "effective a second before: sold after it",    [.withdrawal("01 07:59:59", nil)],                        ""),
    Case(.P1, "sold after one, withdrawn by another",        [.withdrawal("01 07:59:59", nil), .withdrawal("21", nil)], "21-30 withdrawal 10.00"),
    Case(.P1, "never sold: not provisioned",                 [.notProvisioned, .withdrawal("10", nil)],                ""),
    Case(.P1, "future days at once",                         [.withdrawal("10 12:00:00", nil), .asOf("10")],           "10-30 withdrawal 21.00"),
    Case(.P1, "reversed the same day",                       [.withdrawal("10 12:00:00", "10 12:00:01")],              "10 withdrawal 1.00"),
    Case(.P1, "reversed at midnight: that day is not touched", [.withdrawal("10 12:00:00", "12")],                     "10-11 withdrawal 2.00"),
    Case(.P1, "reversed one second after midnight",          [.withdrawal("10 12:00:00", "12 00:00:01")],              "10-12 withdrawal 3.00"),
    Case(.P1, "reversed only after the date: still for good", [.withdrawal("10 12:00:00", "20 12:00:00"), .asOf("15")], "10-30 withdrawal 21.00"),
    Case(.P1, "an empty one touches nothing",                [.withdrawal("10 12:00:00", "10 12:00:00")],              ""),
    Case(.P1, "effective at the midnight that ends the date", [.withdrawal("16", nil), .asOf("15")],                   ""),
    Case(.P2, "exactly 24 hours",                            [.outage("10 06:00:00", "11 06:00:00")],                  ""),
    Case(.P2, "one second more",                             [.outage("10 06:00:00", "11 06:00:01")],                  "10-11 outage 2.00"),
    Case(.P2, "open for exactly 24 hours",                   [.outage("10", nil), .asOf("10")],                        ""),
    Case(.P2, "open for a second more",                      [.outage("09 23:59:59", nil), .asOf("10")],               "09-10 outage 2.00"),
    Case(.P2, "two records that touch",                      [.outage("10 06:00:00", "10 18:00:00"), .outage("10 18:00:00", "11 07:00:00")], "10 outage 1.00; 11 outage 1.00"),
    Case(.P2, "a second between them",                       [.outage("10 06:00:00", "10 18:00:00"), .outage("10 18:00:01", "11 07:00:00")], ""),
    Case(.P2, "one inside the other",                        [.outage("10 06:00:00", "11 07:00:00"), .outage("10 08:00:00", "10 09:00:00")], "10 outage 1.00; 11 outage 1.00"),
    Case(.P2, "measured whole, also before the activation",  [.outage("10-31 07:00:00", "01 07:00:01")],               "01 outage 1.00"),
    Case(.P2, "12 hours in force when it was paid",          [.settings("10-01", PolicyNumbers(outageOverHours: 12)), .outage("10 06:00:00", "10 18:00:01")], "10 outage 1.00"),
    Case(.P2, "12 hours set after it was paid",              [.settings("02", PolicyNumbers(outageOverHours: 12)), .outage("10 06:00:00", "10 18:00:01")], ""),
    Case(.P3, "exactly 72 hours",                            [.ticket("10 06:00:00", "13 06:00:00")],                  ""),
    Case(.P3, "one second more",                             [.ticket("10 06:00:00", "13 06:00:01")],                  "10-13 unrestored 4.00"),
    Case(.P3, "two tickets that overlap",                    [.ticket("10 06:00:00", "12 06:00:00"), .ticket("12 05:00:00", "13 06:00:01")], "10-11 unrestored 2.00; 12 unrestored 1.00; 13 unrestored 1.00"),
    Case(.P3, "open for 72 hours at the date's end",         [.ticket("13", nil), .asOf("15")],                        ""),
    Case(.P3, "open for a second more",                      [.ticket("12 23:59:59", nil), .asOf("15")],               "12-15 unrestored 4.00"),
    Case(.P4, "exactly 7 days",                              [.feature("sms", "10 06:00:00", "17 06:00:00")],          ""),
    Case(.P4, "one second more",                             [.feature("sms", "10 06:00:00", "17 06:00:01")],          "10-17 feature 8.00"),
    Case(.P4, "two features are two faults",                 [.feature("sms", "10", "14"), .feature("voice", "14", "18")], ""),
    Case(.P4, "one feature in two records that touch",       [.feature("sms", "10", "14"), .feature("sms", "14", "17 00:00:01")], "10-13 feature 4.00; 14-17 feature 4.00"),
  ]

  // swift-format-ignore
  static let amounts: [Case] = [
    Case(.P5, "two thirds of a cent round up, the rest is exact", [.paid(29_99, fee: 0), .withdrawal("11", nil)],       "11-30 withdrawal 19.99"),
    Case(.P5, "a period of one day",                         [.period("12-01", "12-02", paid: 1_00, at: "02"), .withdrawal("12-01 23:59:59", nil), .asOf("12-01")], " / 12-01 withdrawal 1.00"),
    Case(.P5, "a period of 365 days",                        [.period("12-01", "2027-12-01", paid: 100_00, at: "02"), .withdrawal("12-01", "12-03"), .asOf("12-05")], " / 12-01-12-02 withdrawal 0.55"),
    Case(.P5, "a base of one cent goes to one day",          [.paid(10_01, fee: 10_00), .withdrawal("01 08:00:00", nil)], "01-30 withdrawal 0.01"),
    Case(.P5, "the first half of one cent: ties go down",    [.paid(10_01, fee: 10_00), .withdrawal("01 08:00:00", "16")], "01-15 withdrawal 0.00"),
    Case(.P5, "the first cause of each day",                 [.outage("10", "14"), .withdrawal("11", "12"), .ticket("12", "16"), .feature("sms", "09", "18")], "09 feature 1.00; 10 outage 1.00; 11 withdrawal 1.00; 12-13 outage 2.00; 14-15 unrestored 2.00; 16-17 feature 2.00"),
    Case(.P5, "in service from the day of activation",       [.activated("10 23:59:59"), .withdrawal("05", nil)],      "10-30 withdrawal 21.00"),
    Case(.P5, "from provisioning while not activated",       [.notActivated, .provisioned("09 12:00:00"), .withdrawal("09 12:00:00", nil)], "09-30 withdrawal 22.00"),
    Case(.P5, "to the day of the end, included",             [.ended("20 00:00:00", .cancelled), .outage("18", "25")], "18-20 outage 3.00"),
    Case(.P5, "ended as withdrawn: to the end of the period", [.ended("20 12:00:00", .withdrawn), .withdrawal("20 12:00:00", nil)], "20-30 withdrawal 11.00"),
    Case(.P5, "an end after the date has not happened",      [.ended("20 12:00:00", .expired), .withdrawal("10", nil), .asOf("15")], "10-30 withdrawal 21.00"),
    Case(.P5, "a period paid for after the date is not known", [.withdrawal("01 08:00:00", nil), .asOf("10-31")],       ""),
    Case(.P6, "all days from its first second",              [.outage("10 23:59:59", "12 00:00:00")],                  "10-11 outage 2.00"),
    Case(.P7, "without a request, inside the window",        [.outage("02 06:00:00", "03 07:00:00"), .asOf("03")],     "02-03 outage 2.00"),
    Case(.P7, "with a request that is denied",               [.outage("10 06:00:00", "11 07:00:00"), .request("20 12:00:00")], "10-11 outage 2.00 | denied W1"),
  ]

  // swift-format-ignore
  static let never: [Case] = [
    Case(.N1, "the fee is in no daily share",                [.paid(40_00, fee: 40_00), .outage("10", "12")],          "10-11 outage 0.00"),
    Case(.N2, "a used day is left out",                      [.used("11"), .outage("10", "13")],                       "10 outage 1.00; 12 outage 1.00"),
    Case(.N2, "a verification SMS makes no used day",        [.verified("11"), .outage("10", "13")],                   "10-12 outage 3.00"),
    Case(.N3, "used for verification: the cancellation is denied", [.verified("11"), .outage("10", nil), .request("12 12:00:00")], "10-30 outage 21.00 | denied N3"),
    Case(.N3, "used for verification after the request",     [.verified("13"), .outage("10", "15"), .request("12 12:00:00")], "10-14 outage 5.00; 15-30 cancellation 16.00 | partly_granted Q3"),
    Case(.N4, "an AI add-on active on the last day",         [.addon(.ai, 3_00, "30 23:59:59", nil), .outage("10", "12")], "10-11 outage 1.80"),
    Case(.N4, "active only from the day after",              [.addon(.ai, 3_00, "12-01", nil), .outage("10", "12")],   "10-11 outage 2.00"),
    Case(.N4, "its activity ended when the period began",    [.addon(.ai, 3_00, "10-20", "01"), .outage("10", "12")],  "10-11 outage 2.00"),
    Case(.N4, "ended one second into the period",            [.addon(.ai, 3_00, "10-20", "01 00:00:01"), .outage("10", "12")], "10-11 outage 1.80"),
    Case(.N4, "never active",                                [.addon(.ai, 3_00, nil, nil), .outage("10", "12")],       "10-11 outage 2.00"),
    Case(.N4, "another add-on",                              [.addon(.other, 3_00, "02", nil), .outage("10", "12")],   "10-11 outage 2.00"),
    Case(.N4, "an activity after the date is not known",     [.addon(.ai, 3_00, "20", nil), .outage("10", "12"), .asOf("19")], "10-11 outage 2.00"),
    Case(.N5, "nothing, for any day",                        [.ended("29 12:00:00", .aup), .outage("10", "12"), .request("05 12:00:00")], " | denied N5"),
    Case(.N5, "an end after the date is not known",          [.ended("12-01", .aup), .outage("10", "12")],             "10-11 outage 2.00"),
  ]

  // swift-format-ignore
  static let requests: [Case] = [
    Case(.Q2, "an open fault that may yet qualify: waits",   [.outage("19 12:00:00", nil), .request("20 09:00:00"), .asOf("20")], "19-20 outage 2.00; 21-30 cancellation 10.00 | partly_granted Q3"),
    Case(.Q2, "12 hours open: waits",                        [.outage("20 12:00:00", nil), .request("20 13:00:00"), .asOf("20")], " | waiting Q2"),
    Case(.Q2, "it ended too short: denied",                  [.outage("20 12:00:00", "20 20:00:00"), .request("20 13:00:00")], " | denied W1"),
    Case(.Q2, "acceptable use before not provisioned",       [.notProvisioned, .ended("20", .aup), .request("21")],    " | denied N5"),
    Case(.Q2, "the window before verification? no, W2 first", [.verified("02"), .request("03")],                       " | denied N3"),
    Case(.Q2, "the window before Q3",                        [.outage("02 06:00:00", nil), .request("03 12:00:00")],   "01-30 unused 30.00 | granted W1"),
    Case(.Q2, "waits also where no paid day would be left",  [.outage("30 12:00:00", nil), .request("30 13:00:00")],   " | waiting Q2"),
    Case(.Q3, "the fault's days and every later one",        [.outage("10 06:00:00", "12 06:00:00"), .request("11 12:00:00")], "10-12 outage 3.00; 13-30 cancellation 18.00 | partly_granted Q3"),
    Case(.Q3, "at the first second of the fault",            [.outage("10 06:00:00", "12 06:00:00"), .request("10 06:00:00")], "10-12 outage 3.00; 13-30 cancellation 18.00 | partly_granted Q3"),
    Case(.Q3, "one second before it",                        [.outage("10 06:00:00", "12 06:00:00"), .request("10 05:59:59")], "10-12 outage 3.00 | denied W1"),
    Case(.Q3, "in its last second",                          [.outage("10 06:00:00", "12 06:00:00"), .request("12 05:59:59")], "10-12 outage 3.00; 13-30 cancellation 18.00 | partly_granted Q3"),
    Case(.Q3, "at the second it ended",                      [.outage("10 06:00:00", "12 06:00:00"), .request("12 06:00:00")], "10-12 outage 3.00 | denied W1"),
    Case(.Q3, "less used days",                              [.used("20"), .outage("10 06:00:00", "12 06:00:00"), .request("11 12:00:00")], "10-12 outage 3.00; 13-19 cancellation 7.00; 21-30 cancellation 10.00 | partly_granted Q3"),
    Case(.Q3, "later paid periods too",                      [.period("12-01", "12-11", paid: 10_00, at: "05"), .outage("10 06:00:00", "12 06:00:00"), .request("11 12:00:00")], "10-12 outage 3.00; 13-30 cancellation 18.00 / 12-01-12-10 cancellation 10.00 | partly_granted Q3"),
    Case(.Q3, "the order ended the day before",              [.ended("10 23:59:59", .cancelled), .outage("10 06:00:00", "12 06:00:00"), .request("11 12:00:00")], "10 outage 1.00 | denied W1"),
    Case(.Q3, "the order ended on the day of the request",   [.ended("11 01:00:00", .cancelled), .outage("10 06:00:00", "12 06:00:00"), .request("11 12:00:00")], "10-12 outage 3.00; 13-30 cancellation 18.00 | partly_granted Q3"),
    Case(.Q3, "one paid day is left",                        [.outage("28 06:00:00", "30 06:00:00"), .request("29 12:00:00")], "28-30 outage 3.00 | partly_granted Q3"),
    Case(.Q3, "no paid day is left",                         [.outage("28 06:00:00", "30 12:00:00"), .request("30 06:00:00")], "28-30 outage 3.00 | denied W1"),
    Case(.Q4, "each of several requests is decided",         [.request("05 12:00:00"), .request("20 12:00:00")],       "01-30 unused 30.00 | granted W1, denied W1"),
    Case(.Q4, "decided anew: a night later the fault qualifies", [.outage("20 12:00:00", nil), .request("20 13:00:00"), .asOf("21")], "20-21 outage 2.00; 22-30 cancellation 9.00 | partly_granted Q3"),
    Case(.Q4, "a request after the date is not known",       [.request("05 12:00:00"), .asOf("04")],                   " | not known"),
  ]

  static let cases = window + fees + faults + amounts + never + requests

  @Test(arguments: cases) func `says`(row: Case) {
    #expect(row.outcome == row.expected)
  }

  @Test func `has a case for every clause`() {
    // Q1 and Q5 are about ids and calendars: their tables stand beside this one.
    #expect(Set(Self.cases.map(\.clause)).union([.Q1, .Q5]) == Set(Clause.allCases))
  }

  // swift-format-ignore
  /// G8: a used day among those of a fault that the refund is for.
  static let used: [(says: String, facts: [Fact], isUsed: Bool)] = [
    ("used within it",                          [.outage("10", "13"), .used("11")],                          true),
    ("used on its first day",                   [.outage("10 12:00:00", "13"), .used("10")],                 true),
    ("used the day before",                     [.outage("10", "13"), .used("09")],                          false),
    ("used the day after",                      [.outage("10", "13"), .used("13")],                          false),
    ("verified is not used (N2)",               [.outage("10", "13"), .verified("11")],                      false),
    ("used through all of it: nothing is owed", [.outage("10", "12"), .used("10"), .used("11")],             false),
    ("one that does not qualify",               [.outage("10", "11"), .outage("20", "23"), .used("10")],     false),
    ("another one that is paid for",            [.outage("10", "13"), .outage("20", "23"), .used("10")],     true),
    ("the days of a cancellation alone",        [.outage("10", "13"), .request("11 12:00:00"), .used("20"), .verified("01")], false),
  ]

  // swift-format-ignore
  /// As of 2026-01-31T00:00:00Z, under 10 days.
  static let open: [(says: String, facts: [Fact], isLong: Bool)] = [
    ("exactly ten days",                        [.outage("20", nil), .asOf("29")],                           false),
    ("a second longer",                         [.outage("19 23:59:59", nil), .asOf("29")],                  true),
    ("over by then",                            [.outage("10", "25"), .asOf("29")],                          false),
    ("over, but not as of the date",            [.outage("10", "30"), .asOf("29")],                          true),
    ("a record that joins it is older",         [.outage("15", "22"), .outage("22", nil), .asOf("29")],      true),
    ("one that is older is over",               [.outage("10", "15"), .outage("22", nil), .asOf("29")],      false),
    ("a withdrawal that is not reversed",       [.withdrawal("10", nil), .asOf("29")],                       true),
    ("a ticket",                                [.ticket("10", nil), .asOf("29")],                           true),
    ("nothing is owed for it",                  [.ended("09", .cancelled), .outage("10", nil), .asOf("29")], false),
  ]

  @Test func `G8 flags what has been open for long`() {
    for row in Self.open {
      let world = CaseWorld(row.facts)
      let decision = world.order.decide(settings: world.settings, asOf: world.cut)
      #expect(decision.entitlements.first??.isOpenLong(overDays: 10, asOf: world.cut) == row.isLong, "\(row.says)")
    }
  }

  @Test func `G8 flags use during a fault`() {
    for row in Self.used {
      let world = CaseWorld(row.facts)
      let decision = world.order.decide(settings: world.settings, asOf: world.cut)
      #expect(decision.entitlements.first??.isUsedDuringFault == row.isUsed, "\(row.says)")
    }
  }
}
