import Foundation
import RefundPolicy
import Storage
import Testing

@testable import Facts

/// Contract 2: ids hold no spaces at their ends and nothing that nobody sees; by either way of importing.
@Suite struct `an id` {
  static let refused: [(what: String, id: String, why: String)] = [
    ("a space at its end", "O-1 ", "has a space at its end"),
    ("a space at its beginning", " O-1", "has a space at its beginning"),
    ("a space that does not break", "O-1\u{A0}", "has a space at its end"),
    ("a wide space", "\u{3000}O-1", "has a space at its beginning"),
    ("a byte order mark at its beginning", "\u{FEFF}O-1", "holds a byte order mark (U+FEFF)"),
    ("a byte order mark inside", "O-\u{FEFF}1", "holds a byte order mark (U+FEFF)"),
    ("a zero-width space", "O-\u{200B}1", "holds an invisible character (U+200B)"),
    ("a zero-width joiner", "O-1\u{200D}", "holds an invisible character (U+200D)"),
    ("a word joiner", "O-\u{2060}1", "holds an invisible character (U+2060)"),
    ("a soft hyphen", "O\u{AD}1", "holds an invisible character (U+00AD)"),
    ("a tag", "O-1\u{E0041}", "holds an invisible character (U+E0041)"),
    ("a filler", "O-1\u{3164}", "holds an invisible character (U+3164)"),
    ("an override", "O-\u{202E}1", "holds a character that changes the direction of writing (U+202E)"),
    ("an isolate", "O-\u{2066}1", "holds a character that changes the direction of writing (U+2066)"),
    ("a right-to-left mark", "O-1\u{200F}", "holds a character that changes the direction of writing (U+200F)"),
    ("an Arabic letter mark", "O-1\u{61C}", "holds a character that changes the direction of writing (U+061C)"),
    ("a control character of the second set", "O-1\u{85}", "holds a control character (U+0085)"),
    ("a line separator", "O-1\u{2028}", "holds an invisible character (U+2028)"),
  ]

  static let taken = ["O-1", "O 1", "é", "заказ-1", "注文１", "طلب", "O-1👍", "-", "a_b.c/d", "O-1\u{301}", "12345678", "123456789é"]

  private static func orders(_ id: String) -> String { "order_id,line,carrier,region,plan\n\(id),+12025550101,T,us,basic\n" }

  /// Whether the quick import takes a file; nil leaves it to the careful one.
  private static func isQuick(_ files: [String: String]) throws -> Bool {
    let imports = try Imports()
    let inputs = try files.keys.sorted().map { ImportInput.path(try imports.write("\($0).csv", files[$0] ?? "")) }
    let take = Facts.Import(inputs, rejects: nil, now: .init(seconds: 0))
    return try take.quick(try take.resolve().parts, on: imports.store) != nil
  }

  private static func fullOrders(_ id: String) -> String {
    "order_id,line,carrier,region,plan,provisioned_at,activated_at,ended_at,end_reason\n\(id),+12025550101,T,us,basic,,,,\n"
  }

  @Test(arguments: refused) func `is refused with what nobody sees in it`(what: String, id: String, why: String) throws {
    // A column before it: a mark at the beginning of the file is the file's own.
    let problems = try Imports().problems(["orders": "line,order_id,carrier,region,plan\n+12025550101,\(id),T,us,basic\n"])
    #expect(problems == ["orders.csv:2:14: order_id '\(HiddenCharacter.shown(id))' \(why)"])
    #expect(try !Self.isQuick(["orders": Self.fullOrders("A") + "\(id),+12025550102,T,us,basic,,,,\n"]))
    #expect(try !Self.isQuick(["orders": Self.fullOrders("A"), "periods": Self.periods("\(id)", "tx")]))
    #expect(try !Self.isQuick(["orders": Self.fullOrders("A"), "periods": Self.periods("P", "\(id)")]))
  }

  private static func periods(_ id: String, _ txid: String) -> String {
    "period_id,order_id,starts_on,ends_on,paid_usd,setup_fee_usd,coin,network,paid_amount,txid,paid_at\n"
      + "\(id),A,2026-11-01,2026-12-01,40.00,10.00,XMR,,,\(txid),2026-11-01T07:00:00Z\n"
  }

  @Test(arguments: taken) func `of what everybody sees is taken, whatever the script`(id: String) throws {
    #expect(try Imports().problems(["orders": Self.orders(id)]) == [])
    #expect(try Self.isQuick(["orders": Self.fullOrders(id)]))
    #expect(try Self.isQuick(["orders": Self.fullOrders("A"), "periods": Self.periods(id, id)]))
  }

  static let others: [(table: String, text: String, column: String)] = [
    ("addons", "period_id,addon_id,category,fee_usd\nP,A ,ai,1.00\n", "addon_id"),
    ("usage", "day,order_id,outbound_calls,outbound_sms,verifications\n2026-11-01,A ,1,0,0\n", "order_id"),
    ("outages", "origin,outage_id,scope,started_at\ninfrastructure,X ,platform,2026-11-01T00:00:00Z\n", "outage_id"),
    ("withdrawals", "reason,withdrawal_id,scope,effective_at\ncarrier,X ,platform,2026-11-01T00:00:00Z\n", "withdrawal_id"),
    ("feature_faults", "feature,fault_id,scope,started_at\nsms,X ,platform,2026-11-01T00:00:00Z\n", "fault_id"),
    ("plan_features", "plan,feature\nbasic ,sms\n", "plan"),
    ("plan_features", "plan,feature\nbasic,sms \n", "feature"),
    ("restorations", "order_id,ticket_id,opened_at\nA,T ,2026-11-01T00:00:00Z\n", "ticket_id"),
    ("requests", "order_id,request_id,requested_at,channel\nA,R ,2026-11-01T00:00:00Z,panel\n", "request_id"),
    ("rates", "usd,coin,quoted_at\n1,XMR ,2026-11-01T00:00:00Z\n", "coin"),
  ]

  @Test(arguments: others) func `is looked at in every table`(table: String, text: String, column: String) throws {
    let problems = try Imports().problems([table: text])
    #expect(problems.count == 1)
    #expect(problems.first?.contains("\(column) '") == true && problems.first?.hasSuffix("' has a space at its end") == true, "\(problems)")
  }

  /// Q1: what a customer writes is never an error of the import, and decided by the night.
  @Test func `that a customer gives in a request is not refused`() throws {
    let text = "request_id,order_id,txid,requested_at,channel\nR,A ,\u{200B}tx,2026-11-01T00:00:00Z,panel\n"
    #expect(try Imports().problems(["requests": text]) == [])
  }
}
