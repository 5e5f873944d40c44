import AuditLog
import Facts
import Foundation
import Ledger
import Storage

/// A database of its own, gone with its owner, that plain SQL is tried on.
final class LedgerFixture {
  let store: Store
  private let folder: URL

  /// One period of 30 days and 30.00 USD: item 1 of its first ten days is approved, item 2 of the next ten is pending, and run 1 recorded both.
  /// Item 2 was taken over from a sheet; items 10 and 11, of other periods, are still on one.
  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-guards-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    store = try Store.made(
      at: folder.appendingPathComponent("makegood.db").path,
      migrations: [AuditSchema.migration] + FactSchema.migrations + LedgerSchema.migrations + [PayoutSchema.migration])
    try execute(
      """
      INSERT INTO ledger_origin VALUES (1, 0, 'real', zeroblob(16));
      INSERT INTO imports VALUES (1, 0, 'x', 1, 1, 0);
      INSERT INTO import_tables VALUES (1, 'requests', 0, 1, 1, 0, 0);
      INSERT INTO fact_changes VALUES (1, 1, 0, 'orders', 'o', 'o', '{}', '{}');
      INSERT INTO ends_taken_back VALUES (1, 1);
      \(Self.settings(from: 0, nightLimitItems: 5));
      \(Self.stretch(item: 1, first: 0, last: 9, cents: 1000)); \(Self.item(1, cents: 1000, first: 0, last: 9, run: 1));
      \(Self.sheet([(2, "p", 10, 19, 1000)], run: 1)); \(Self.sheet([(10, "s", 0, 4, 500), (11, "t", 0, 4, 500)], run: 1));
      \(Self.change(run: 1, item: 1)); \(Self.change(run: 1, item: 2));
      INSERT INTO run_aging VALUES (1, '0-2', 2, 2000);
      INSERT INTO run_facts VALUES (1, 1, 'outages x', NULL, NULL, 0);
      INSERT INTO period_bases VALUES ('other', 1, 3000);
      INSERT INTO request_decisions VALUES (1, 'r', 'o', 0, 'denied', 'W1', '', 'why');
      INSERT INTO exceptions VALUES (1, 'not_owed', 'R000000001', 'o', 'p', 5, 'why', 1, NULL);
      \(Self.run(1, opened: (2, 2000), closing: (2, 2000)));
      \(Self.review(1, item: 1, "approve", to: "approved"));
      INSERT INTO former_items SELECT item_id, 2, \(Self.columns) FROM items WHERE item_id = 1;
      INSERT INTO former_stretches VALUES (1, 1, 0, 9, 1, 'outage:x', 1000, 3000);
      \(Self.move(1, to: "approved", review: 1));
      \(Self.stretch(item: 2, first: 10, last: 19, cents: 1000)); \(Self.item(2, cents: 1000, first: 10, last: 19, run: 1));
      INSERT INTO seals VALUES (1, 'run', 1, 'makegood', 'u@h', 0, zeroblob(32), zeroblob(32), zeroblob(32));
      """)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func execute(_ sql: String) throws {
    try store.transaction { connection in
      try connection.execute(sql)
      return (.commit, ())
    }
  }

  /// Each row as its columns, `|` between them.
  func rows(_ query: String) throws -> [String] {
    try store.read { connection in
      let rows = try connection.prepare(query)
      var lines: [String] = []
      while try rows.step() { lines.append((0..<rows.columnCount).map { rows.optionalText($0) ?? "-" }.joined(separator: "|")) }
      return lines
    }
  }

  static let columns = """
    order_id, period_id, coin, network, opened_on, state, automatic, amount_cents, day_count, first_day, last_day, base_cents, paid_cents, period_first,
    period_days, causes, flags, due_on, address, tag, run_id, version, revision, review_id, asked_network
    """

  static func stretch(item: Int, first: Int, last: Int, cents: Int, period: String = "p", cause: Int = 1) -> String {
    "INSERT INTO stretches VALUES ('\(period)', \(first), \(last), \(item), \(cause), 'outage:x', \(cents), 3000)"
  }

  static func item(
    _ id: Int, cents: Int, first: Int, last: Int, base: Int = 3000, state: String = "pending", period: String = "p", automatic: Int = 0,
    run: Int = 2, flags: Int = 0
  ) -> String {
    """
    INSERT INTO items (item_id, \(columns)) VALUES (\(id), 'o', '\(period)', 'XMR', NULL, 20000, '\(state)', \(automatic), \(cents),
      \(last - first + 1), \(first), \(last), \(base), 3500, 0, 30, 2, \(flags), 20014, NULL, NULL, \(run), 1, 1, NULL, NULL)
    """
  }

  /// Two people from 15.00 USD on.
  static func settings(from: Int, nightLimitItems: Int, note: String? = nil, rewrites: Bool = false) -> String {
    """
    INSERT INTO settings VALUES (\(from), '{}', 1500, \(nightLimitItems), NULL, 0, 'ann', \(note.map { "'\($0)'" } ?? "NULL"),
      \(rewrites ? 1 : 0))
    """
  }

  static func sheet(
    _ items: [(id: Int, period: String, first: Int, last: Int, cents: Int)], run: Int, state: String = "pending", gone: Int = 0
  ) -> String {
    // The first one in short, the others with their days.
    let texts = items.enumerated().map { index, item in
      let days = index == 0 ? "[1,0]" : "[\(item.first),\(item.last),1,0,\(item.cents)]"
      return """
        [\(item.id),"o","\(item.period)","XMR",null,\(item.cents),\(item.last - item.first + 1),\(item.first),\(item.last),3000,3500,0,30,0,20014,\
        [\(days)]]
        """
    }
    let cents = items.reduce(0) { $0 + $1.cents }
    return """
      INSERT INTO sheets VALUES (\(items[0].id), \(items[items.count - 1].id), \(run), 'o', 'o', 20000, '\(state)', \(items.count), \(cents),
        20014, 20014, '[\(texts.joined(separator: ",")),["outage:x"]]', zeroblob(16), \(items.count - gone), \(cents - gone * items[0].cents))
      """
  }

  static func change(run: Int, item: Int, before: Int = 0, after: Int = 1000) -> String {
    "INSERT INTO run_changes VALUES (\(run), \(item), 'opened', \(before), \(after), 1, zeroblob(16))"
  }

  /// - Parameter unpaid: Opening, reopened, paid and closing, what of it is prepared and sent, and all that was ever paid.
  static func run(
    _ id: Int, day: Int = 20000, kind: String = "nightly", opening: (Int, Int) = (0, 0), opened: (Int, Int) = (0, 0), closing: (Int, Int),
    unpaid: String = "0,0, 0,0, 0,0, 0,0, 0,0, 0,0, 0,0"
  ) -> String {
    let days = kind == "rerun" ? "0, 9" : "NULL, NULL"
    return """
      INSERT INTO runs VALUES (\(id), '\(kind)', \(day), \(days), 1, 0, 1, \(opening.0), \(opening.1), \(opened.0), \(opened.1), 0,0, 0,0, 0,0,
        0,0, 0,0, 0,0, \(closing.0), \(closing.1), \(unpaid))
      """
  }

  /// A review of an item as it stands.
  static func review(
    _ id: Int, item: Int, _ decision: String, to state: String, by name: String = "ann", note: String = "why", cents: Int? = nil, at: Int = 1
  ) -> String {
    """
    INSERT INTO reviews SELECT \(id), 2, \(at), '\(name)', '\(name)', item_id, version, revision, '\(decision)', '\(note)', state, '\(state)',
      amount_cents, \(cents.map(String.init) ?? "amount_cents"), zeroblob(16), NULL FROM items WHERE item_id = \(item)
    """
  }

  static func move(_ item: Int, to state: String, review: Int?, also: String = "") -> String {
    """
    UPDATE items SET state = '\(state)', version = version + 1, run_id = 2, review_id = \(review.map(String.init) ?? "NULL")\(also)
    WHERE item_id = \(item)
    """
  }
}
