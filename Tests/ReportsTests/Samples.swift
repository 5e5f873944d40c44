import Foundation
import Reports
import RefundPolicy
import Testing

/// A folder of its own for one test, removed at the end.
final class Scratch {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("reports-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func entries(_ folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted()
  }
  func text(_ file: String) throws -> String { String(decoding: try bytes(file), as: UTF8.self) }
  func bytes(_ file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path + "/" + file)) }
}

extension ReportFolder {
  /// A part of one row.
  mutating func write(_ row: Sample.Refund) throws(ReportError) {
    try write { part in
      part.write(row.item, run: 41, change: row.change, waits: row.waits)
      for days in row.days { part.write(days) }
    }
  }

  mutating func write(waiting item: ReportedItem<String>) throws(ReportError) {
    try write { $0.write(item, run: 41, change: nil, waits: true) }
  }

  private mutating func write(_ fill: (ReportPart) -> Void) throws(ReportError) {
    let part = ReportPart()
    fill(part)
    try write(part)
  }
}

enum Sample {
  /// What a run did to an item.
  struct Refund {
    var item: ReportedItem<String>
    var change: Cents
    var days: [ReportedDays<String>] = []
    var waits = false
  }

  static func day(_ text: String) throws -> ServiceDay { try #require(ServiceDay(text)) }
  static func range(_ first: String, _ last: String) throws -> DayRange {
    try #require(DayRange(day(first), upTo: day(last).advanced(by: 1)))
  }
  static func item(_ number: Int64) throws -> ItemID { ItemID(number) }

  static func nightly() throws -> RunTitle { RunTitle(.nightly(try day("2026-11-22")), run: 41) }

  static func refund(_ number: Int64, amount: Int64 = 19_35, orderID: String = "o-17") throws -> Refund {
    let item = ReportedItem(
      id: try item(number), orderID: orderID, periodID: "p-17", state: .pending, openedOn: try day("2026-11-22"), dueOn: try day("2026-12-04"),
      causes: [.outage, .cancellation], evidence: ReportedEvidence("outage:a,b+outage:c", others: ["request:r-1", "outage:a,b"]),
      firstDay: try day("2026-11-02"), lastDay: try day("2026-11-22"), days: 20, amount: Cents(amount),
      coin: "USDT", network: "tron", address: "", tag: "", flags: [.overdue, .faultOpen],
      explanation: explanation(of: [.outage, .cancellation], amount: amount))
    return Refund(item: item, change: Cents(amount))
  }

  static func explanation(of causes: CauseSet, amount: Int64 = 19_35) -> RefundExplanation {
    RefundExplanation(amount: Cents(amount), dayCount: 20, periodDays: 31, base: Cents(29_99), causes: causes)
  }

  static func queue(_ number: Int64, due: String = "2026-12-04", flags: FlagSet = [.noAddress]) throws -> ReportedItem<String> {
    ReportedItem(
      id: try item(number), orderID: "o-17", periodID: "p-17", state: .pending, openedOn: try day("2026-11-22"), dueOn: try day(due),
      causes: .outage, evidence: ReportedEvidence("outage:a"), firstDay: try day("2026-11-02"), lastDay: try day("2026-11-22"), days: 20,
      amount: Cents(19_35), coin: "XMR",
      network: "", address: "", tag: "", flags: flags, explanation: explanation(of: [.outage]))
  }

  static func write(_ folder: inout ReportFolder) throws {
    var first = try refund(17)
    first.days = [
      ReportedDays(
        days: try range("2026-11-02", "2026-11-03"), cause: .outage, evidence: "outage:a,b+outage:c", amount: Cents(1_94)),
      ReportedDays(days: try range("2026-11-05", "2026-11-22"), cause: .cancellation, evidence: "request:r-1", amount: Cents(17_41)),
    ]
    try folder.write(first)
    var withdrawn = try refund(18)
    withdrawn.item.state = .withdrawn
    (withdrawn.item.firstDay, withdrawn.item.lastDay, withdrawn.item.days) = (nil, nil, 0)
    (withdrawn.item.amount, withdrawn.change) = (.zero, Cents(-5))
    (withdrawn.item.causes, withdrawn.item.flags) = ([], [])
    (withdrawn.item.orderID, withdrawn.item.periodID) = ("=1+1", "-\"17\"\n,old")
    (withdrawn.item.explanation.dayCount, withdrawn.item.explanation.obstacle) = (0, "\"-x\" is no address")
    try folder.write(withdrawn)
    try folder.write(waiting: queue(17))
    var second = try queue(1_234_567_890, due: "2026-11-20", flags: [.overdue, .nightLimit, .invalidAddress])
    second.state = .held
    (second.address, second.tag, second.orderID) = ("-x", "0", "Zoë ✓")
    try folder.write(waiting: second)
    try folder.write(
      RequestDecisionRow(
        requestID: "r-1", orderID: "o-17", requestedAt: Instant(seconds: 1_793_973_906), verdict: .partlyGranted, clause: .Q3,
        items: [item(17), item(18)], explanation: "@home"))
    try folder.write(
      RequestDecisionRow(
        requestID: "r-2", orderID: "", requestedAt: Instant(seconds: 1_793_923_200), verdict: .unmatched, clause: .Q1, items: [],
        explanation: "\rno order has it"))
    try folder.write(
      ExceptionRow(
        kind: .overpaid, orderID: "o-3", periodID: "p-3", subject: "p-3", amount: Cents(1), explanation: "\tpaid <b>0.01</b> & too much"))
    try folder.write(
      ExceptionRow(kind: .unmatchedRequest, orderID: "", periodID: "", subject: "r-2", amount: nil, explanation: "+1 555 is nobody's"))
    try folder.write(unpaid(21))
    var sent = try unpaid(22, due: "2026-11-22", flags: [.overdue, .noAddress])
    (sent.state, sent.approvedBy, sent.coin, sent.network, sent.address) = (.sent, ["Ann Lee", "=Bob"], "USDT", "tron", "+x")
    sent.reason = "Sent on 2026-11-22 from batch B000001 with abc; it waits for 10 blocks."
    try folder.write(sent)
    for (line, count, amount) in totals { try folder.write(SummaryRow(line, count: count, amount: amount.map { Cents($0) })) }
  }

  static func unpaid(_ number: Int64, due: String = "2026-12-04", flags: FlagSet = []) throws -> UnpaidRow {
    UnpaidRow(
      item: try item(number), orderID: "o-21", periodID: "p-21", state: .approved, approvedOn: try day("2026-11-21"), approvedBy: ["policy"],
      dueOn: try day(due), amount: Cents(10_00), coin: "XMR", network: "", address: "", tag: "", flags: flags,
      reason: "It is in no batch yet; the next 'payout prepare' looks at it.")
  }

  static let totals: [(SummaryLine, Int, Int64?)] = [
    (.openingPending, 2, 19_40), (.opened, 1, 19_35), (.increased, 0, 0), (.reduced, 0, 0), (.withdrawn, 1, 5), (.approved, 0, 0),
    (.rejected, 0, 0), (.reopened, 0, 0), (.closingPending, 2, 38_70),
    (.openingUnpaid, 3, 25_00), (.becameUnpaid, 0, 0), (.reopenedUnpaid, 0, 0), (.paid, 1, 5_00), (.closingUnpaid, 2, 20_00),
    (.unpaid(.approved), 1, 10_00), (.unpaid(.prepared), 0, 0), (.unpaid(.sent), 1, 10_00), (.paidToDate, 7, 70_00),
    (.ordersDecided, 1000, nil), (.cause(.outage), -1, -5), (.cause(.cancellation), 18, 19_35),
    (.other("later"), 1, 0),
  ]
}
