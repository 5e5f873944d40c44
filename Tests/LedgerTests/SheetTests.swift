import Foundation
import RefundPolicy
import Storage
import Testing

@testable import Ledger

/// The text of a sheet: what is written is what is read, also by SQLite, and what is no sheet is refused.
@Suite struct `the text of a sheet` {
  static let head = SheetHead(run: RunID(7), openedOn: ServiceDay(ordinal: 20_400), state: .pending)

  /// Texts as customers' exports may have them.
  static let words = ["ord-1", "", "a\"b", "back\\slash", "tab\tnew\nline", "\u{1}\u{1F}", "naïve ✓ 日本", "null", "[1,2]", "{}", "'; DROP", "a,b"]

  private static func days(_ first: Int, _ count: Int) -> DayRange {
    let first = ServiceDay(ordinal: Int32(first))
    guard let days = DayRange(first, upTo: first.advanced(by: count)) else { preconditionFailure("no days") }
    return days
  }

  private static func opened(_ id: Int64, _ word: String, network: String?, stretches: Int) -> ItemWithDays {
    let days = (0..<stretches).map { index in
      ItemStretch(
        days: Self.days(-40 + 10 * index, 3), cause: Cause.allCases[index % Cause.allCases.count], evidence: "outage:\(word)\(index)",
        amount: Cents(Int64(index) * 1_000_000_007 + 1), base: Cents(999_999_999_999))
    }
    let item = Item(
      id: ItemID(id), orderID: "o\(word)", periodID: word, coin: "XMR", network: network, openedOn: head.openedOn, state: .pending,
      isAutomatic: false, amount: days.total, dayCount: days.dayCount, firstDay: days[0].days.first, lastDay: days[stretches - 1].days.last,
      base: Cents(999_999_999_999), paid: Cents(0), period: Self.days(-50, 950),
      causes: CauseSet(days.map(\.cause)), flags: [.noAddress, .verificationUsed], dueOn: ServiceDay(ordinal: 20_414), address: nil, tag: nil,
      run: head.run, version: 1, revision: 1, reviewID: nil)
    return ItemWithDays(item: item, stretches: days)
  }

  private static let items = words.enumerated().flatMap { index, word in
    [
      opened(Int64(3 * index + 1), word, network: nil, stretches: 1),
      opened(Int64(3 * index + 2), word, network: word.isEmpty ? nil : word, stretches: 1 + index),
    ]
  }

  private static func text(of items: [ItemWithDays]) -> [UInt8] {
    let text = SheetText()
    let openings = Openings()
    for opened in items { text.add(opened.item.id, openings.add(opened.item, opened.stretches), in: openings) }
    text.finish()
    return unsafe Array(text.bytes)
  }

  private static func read(_ text: [UInt8], _ head: SheetHead = head) throws -> [ItemWithDays] {
    let page = SheetPage()
    try unsafe text.withUnsafeBufferPointer { try unsafe page.read($0, head) }
    return page.items.map { page.value(of: $0) }
  }

  @Test func `is read as it was written, whatever stands in the ids`() throws {
    let read = try Self.read(Self.text(of: Self.items))
    #expect(read.count == Self.items.count)
    for (read, written) in zip(read, Self.items) { #expect(read.item == written.item && read.stretches == written.stretches) }
  }

  @Test func `is the same to SQLite`() throws {
    let ledger = try LedgerFixture()
    try ledger.store.read { connection in
      let rows = try connection.prepare("SELECT value ->> 0, value ->> 2, value ->> 5, json_array_length(value, '$[15]') FROM json_each(?1)")
      try rows.bind(1, String(decoding: Self.text(of: Self.items), as: UTF8.self))
      for opened in Self.items {
        #expect(try rows.step())
        #expect(rows.int(0) == opened.item.id.number && rows.text(1) == opened.item.periodID && Cents(rows.int(2)) == opened.item.amount)
        #expect(rows.int(3) == Int64(opened.stretches.count))
      }
      #expect(try rows.step() && rows.text(0) == "outage:ord-10" && !rows.step())
    }
  }

  private static func figures(_ id: Int, _ days: String) -> String {
    "[\(id),\"o\",\"p\(id)\",\"XMR\",null,290,2,20381,20382,2999,2999,20370,31,8,20402,\(days)]"
  }

  private static func stretch(_ evidence: String, cause: Cause = .outage, first: Int = 20_381, days: Int = 2, cents: Int64 = 290) -> ItemStretch {
    ItemStretch(days: Self.days(first, days), cause: cause, evidence: evidence, amount: Cents(cents), base: Cents(2999))
  }

  @Test func `tells the evidence of days that are all of an item's once for all items`() throws {
    var items = try Self.read(Array("[\((1...4).map { Self.figures($0, "[[1,0]]") }.joined(separator: ",")),[\"outage:a\"]]".utf8))
    #expect(items.allSatisfy { $0.stretches == [Self.stretch("outage:a")] })
    items[1].stretches = [Self.stretch("feature_fault:b", cause: .feature)]
    // One of another amount than the item's, and two: as a whole.
    items[2].stretches = [Self.stretch("outage:c", cents: 289)]
    items[3].stretches = [Self.stretch("outage:c", days: 1, cents: 145), Self.stretch("outage:d", first: 20_382, days: 1, cents: 145)]
    items[3].stretches[1].base = Cents(2000)
    let text = String(decoding: Self.text(of: items), as: UTF8.self)
    let words = #"["outage:a","feature_fault:b","outage:c","outage:d"]"#
    let whole = [Self.figures(3, "[[20381,20382,1,2,289]]"), Self.figures(4, "[[20381,20381,1,2,145],[20382,20382,1,3,145,2000]]")]
    #expect(text == "[" + ([Self.figures(1, "[[1,0]]"), Self.figures(2, "[[3,1]]")] + whole + [words]).joined(separator: ",") + "]")
    #expect(try Self.read(Array(text.utf8)).map(\.stretches) == items.map(\.stretches))
  }

  @Test func `of before, with all of its days as a whole, is read as ever`() throws {
    let text = "[" + Self.figures(17, #"[[20381,20382,1,"outage:out-3",290,2999]]"#) + "]"
    #expect(try Self.read(Array(text.utf8)).map(\.stretches) == [[Self.stretch("outage:out-3")]])
  }

  @Test(arguments: [
    "[[1,1]]", "[[1,-1]]", "[[99,0]]", "[[1,0],[1,0]]", "[[20381,20382,1,\"x\",290,2999],[1,0]]", "[[1,0],[20381,20382,1,0,290]]",
    "[[20381,20382,1,1,290]]", "[[20381,20382,1,-1,290]]", "[[20381,20382,1,0]]", "[[20381,20382,1,0,290,2999,1]]", "[[1]]", "[]",
    "[[1,\"outage:a\"]]",
    "[[20381,2147483647,1,\"x\",290,2999]]", "[[20383,20382,1,\"x\",290,2999]]", "[[1,999999999999999999]]",
  ]) func `is refused where its days are none`(days: String) throws {
    #expect(throws: SheetParser.Unreadable.self) { try Self.read(Array("[\(Self.figures(1, days)),[\"outage:a\"]]".utf8)) }
  }

  @Test(arguments: [
    "", "[\"a\"]", "[[\"a\"]]", "[[1,0]]", "[ITEM,[]]", "[ITEM,[\"a\"],ITEM]", "[ITEM,[\"a\"],[\"b\"]]", "[ITEM,[\"a\",1]]", "[ITEM]",
  ])
  func `is refused where words stand elsewhere`(text: String) {
    let text = text.replacingOccurrences(of: "ITEM", with: Self.figures(1, "[[1,0]]"))
    #expect(throws: SheetParser.Unreadable.self) { try Self.read(Array(text.utf8)) }
  }

  /// The guard of taken over items looks for the text of one; ids may be written otherwise than SQLite would.
  @Test(arguments: words) func `gives an item to the rows as it was opened, whatever stands in its ids`(word: String) throws {
    if word.isEmpty { return }
    var written = Self.opened(20, word, network: word, stretches: 1)
    (written.item.run, written.item.paid) = (RunID(1), written.item.base)
    let ledger = try LedgerFixture()
    try ledger.store.transaction { connection in
      // As if its run were not recorded yet.
      try connection.execute("DROP TRIGGER sheet_opens")
      let insert = try connection.prepare(
        "INSERT INTO sheets VALUES (20, 20, 1, ?1, ?1, ?2, 'pending', 1, ?3, ?4, ?4, ?5, zeroblob(16), 1, ?3)")
      try insert.bind(1, written.item.orderID)
      try insert.bind(2, Int64(written.item.openedOn.ordinal))
      try insert.bind(3, written.item.amount.count)
      try insert.bind(4, Int64(written.item.dueOn.ordinal))
      try insert.bind(5, String(decoding: Self.text(of: [written]), as: UTF8.self))
      try insert.run()
      return (.commit, ())
    }
    func takeOver(_ known: ItemWithDays) throws {
      try ledger.store.transaction { (.commit, try ItemVersions($0).takeOver(ItemID(20), known)) }
    }
    var other = written
    other.item.orderID += "x"
    #expect(throws: StorageError.self) { try takeOver(other) }
    try takeOver(written)
    #expect(try ledger.rows("SELECT order_id, period_id FROM items WHERE item_id = 20") == ["\(written.item.orderID)|\(word)"])
  }

  @Test func `holds numbers of every length, and days before 1970`() throws {
    for digits in 1...17 {
      for amount in [Int64(repeatElement("9", count: digits).joined()) ?? 0, Int64("1" + repeatElement("0", count: digits).joined()) ?? 0] {
        var opened = Self.opened(amount, "p", network: nil, stretches: 2)
        (opened.item.amount, opened.item.base, opened.item.paid) = (Cents(amount), Cents(-amount), Cents(amount - 1))
        (opened.item.firstDay, opened.item.dueOn) = (ServiceDay(ordinal: -1), ServiceDay(ordinal: .max))
        opened.stretches[0].amount = Cents(amount)
        #expect(try Self.read(Self.text(of: [opened])) == [opened])
      }
    }
  }

  @Test func `of a night over its limit is held, and says so`() throws {
    var head = Self.head
    head.state = .held
    let items = try Self.read(Self.text(of: Self.items), head)
    #expect(items.allSatisfy { $0.item.state == .held && $0.item.flags == [.noAddress, .verificationUsed, .nightLimit] })
  }

  /// Cut anywhere, or with any byte changed: refused or read, never a crash, and never more than stands there.
  @Test func `is refused where it is damaged`() {
    let whole = Self.text(of: Array(Self.items.prefix(6)))
    for length in 0..<whole.count { #expect(throws: SheetParser.Unreadable.self) { try Self.read(Array(whole[..<length])) } }
    var generator = SystemRandomNumberGenerator()
    for place in whole.indices {
      var damaged = whole
      damaged[place] = UInt8.random(in: 0...255, using: &generator)
      _ = try? Self.read(damaged)
    }
    #expect(throws: SheetParser.Unreadable.self) { try Self.read(whole + [UInt8(ascii: " ")]) }
  }
}
