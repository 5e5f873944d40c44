import Coins
import Ledger
import Payouts
import RefundPolicy
import Storage
import Testing

/// G6: a rate that may be wrong pays nothing until a person accepts it.
@Suite struct `doubtful rates (G6)` {
  private static let accept = "void it if it is wrong; if it is right, accept it with 'makegood payout prepare --accept-rate"

  /// One refund in XMR; its period was paid for at 150 USD, or there is no amount of coin in the facts.
  private func fixture(_ quotes: [String], priced: Bool = false) throws -> PayoutFixture {
    let fixture = try PayoutFixture(Addresses.monero(1), prices: priced ? PayoutFixture.prices : [:])
    if !quotes.isEmpty { try fixture.take([("rates", ["coin,quoted_at,usd,voided"] + quotes)]) }
    return fixture
  }

  typealias Measured = (name: String, quotes: [String], given: String?, by: String?)
  static let measured: [Measured] = [
    (
      "nothing to measure by", [], "158.2",
      "without anything to measure it by: no other quote of the 30 days before, no batch, no price of the period"
    ),
    (
      "the quote itself does not count", ["XMR,2026-11-23T03:00:00Z,158.2,"], nil,
      "without anything to measure it by: no other quote of the 30 days before, no batch, no price of the period"
    ),
    ("one other quote", ["XMR,2026-11-23T03:00:00Z,158.2,", "XMR,2026-11-22T03:00:00Z,150,"], nil, nil),
    ("exactly twice it", ["XMR,2026-11-23T03:00:00Z,300,", "XMR,2026-11-22T03:00:00Z,150,"], nil, nil),
    (
      "one unit beyond", ["XMR,2026-11-23T03:00:00Z,300.00000000000000000001,", "XMR,2026-11-22T03:00:00Z,150,"], nil,
      "more than 2 times away from its other quote of the 30 days before, 150 USD"
    ),
    ("exactly half of it", ["XMR,2026-11-23T03:00:00Z,75,", "XMR,2026-11-22T03:00:00Z,150,"], nil, nil),
    (
      "one unit below", ["XMR,2026-11-23T03:00:00Z,74.99999999999999999999,", "XMR,2026-11-22T03:00:00Z,150,"], nil,
      "more than 2 times away from its other quote of the 30 days before, 150 USD"
    ),
    (
      "inverted", ["XMR,2026-11-23T03:00:00Z,0.00632111,", "XMR,2026-11-22T03:00:00Z,158.2,"], nil,
      "more than 2 times away from its other quote of the 30 days before, 158.2 USD"
    ),
    (
      "a hundred times off", ["XMR,2026-11-23T03:00:00Z,15820,", "XMR,2026-11-22T03:00:00Z,158.2,"], nil,
      "more than 2 times away from its other quote of the 30 days before, 158.2 USD"
    ),
    (
      "a voided quote is none", ["XMR,2026-11-23T03:00:00Z,150,", "XMR,2026-11-22T03:00:00Z,15,true"], nil,
      "without anything to measure it by: no other quote of the 30 days before, no batch, no price of the period"
    ),
    (
      "another coin's neither", ["XMR,2026-11-23T03:00:00Z,150,", "LTC,2026-11-22T03:00:00Z,150,"], nil,
      "without anything to measure it by: no other quote of the 30 days before, no batch, no price of the period"
    ),
    ("30 days before, to the second", ["XMR,2026-11-23T03:00:00Z,150,", "XMR,2026-10-24T03:00:00Z,150,"], nil, nil),
    (
      "a second more", ["XMR,2026-11-23T03:00:00Z,150,", "XMR,2026-10-24T02:59:59Z,150,"], nil,
      "without anything to measure it by: no other quote of the 30 days before, no batch, no price of the period"
    ),
    (
      "the median of three",
      ["XMR,2026-11-23T03:00:00Z,150,", "XMR,2026-11-22T03:00:00Z,1,", "XMR,2026-11-21T03:00:00Z,150,", "XMR,2026-11-20T03:00:00Z,9000,"],
      nil, nil
    ),
    (
      "two wrong of three",
      ["XMR,2026-11-23T03:00:00Z,150,", "XMR,2026-11-22T03:00:00Z,1,", "XMR,2026-11-21T03:00:00Z,150,", "XMR,2026-11-20T03:00:00Z,1,"], nil,
      "more than 2 times away from the median of its 3 other quotes of the 30 days before, 1 USD"
    ),
    (
      "of two both are asked: wrong twice in a row",
      ["XMR,2026-11-23T03:00:00Z,0.006,", "XMR,2026-11-23T02:00:00Z,0.006,", "XMR,2026-11-22T03:00:00Z,158.2,"], nil,
      "more than 2 times away from the two middle ones of its 2 other quotes of the 30 days before, 0.006 and 158.2 USD"
    ),
    (
      "and the other one", ["XMR,2026-11-23T03:00:00Z,158,", "XMR,2026-11-23T02:00:00Z,0.006,", "XMR,2026-11-22T03:00:00Z,158.2,"], nil,
      "more than 2 times away from the two middle ones of its 2 other quotes of the 30 days before, 0.006 and 158.2 USD"
    ),
    (
      "the middle ones of four",
      ["XMR,2026-11-23T03:00:00Z,150,"] + ["1", "100", "200", "9000"].enumerated().map { "XMR,2026-11-1\($0.offset)T03:00:00Z,\($0.element)," }, nil,
      nil
    ),
    ("given, and measured the same", ["XMR,2026-11-22T03:00:00Z,150,"], "300", nil),
    (
      "given, and wrong", ["XMR,2026-11-22T03:00:00Z,150,"], "301",
      "more than 2 times away from its other quote of the 30 days before, 150 USD"
    ),
    (
      "given for a quote that is there", ["XMR,2026-11-23T03:00:00Z,150,"], "150",
      "without anything to measure it by: no other quote of the 30 days before, no batch, no price of the period"
    ),
    (
      "a quote of zero is far from all", ["XMR,2026-11-23T03:00:00Z,150,", "XMR,2026-11-22T03:00:00Z,0,"], nil,
      "more than 2 times away from its other quote of the 30 days before, 0 USD"
    ),
    (
      "one that is too fine to be used is no measure", ["XMR,2026-11-23T03:00:00Z,150,", "XMR,2026-11-22T03:00:00Z,150.000000000000000000001,"], nil,
      "without anything to measure it by: no other quote of the 30 days before, no batch, no price of the period"
    ),
  ]

  @Test(arguments: measured) func `quotes`(name: String, quotes: [String], given: String?, by: String?) throws {
    let fixture = try fixture(quotes)
    let rate = try given ?? fixture.column("SELECT usd FROM rates WHERE coin = 'XMR' ORDER BY quoted_at DESC").first ?? ""
    let shown = ExchangeRate(rate)?.description ?? rate
    let prepared = try fixture.prepare(given.map { ["XMR": $0] } ?? [:])
    let reason = by.map { "The rate of XMR, \(shown) USD, is \($0) (G6): \(Self.accept) XMR=\(shown) --by NAME'." }
    #expect(prepared.leftovers.map(\.reason) == [reason].compactMap { $0 }, "\(name)")
    #expect(prepared.payments.count == (by == nil ? 1 : 0), "\(name)")
  }

  /// A coin that rises by 3 % a day is never doubtful, however far it has come from its last batch.
  @Test func `a coin that rose over months passes`() throws {
    let fixture = try PayoutFixture(Addresses.monero(2), prices: ["XMR": "50"])
    var (price, quotes) = (50_000_000, ["coin,quoted_at,usd"])
    for day in 0..<120 {
      price += price * 3 / 100
      let at = fixture.now.advanced(bySeconds: Int64(day - 119) * 86_400 - 3600)
      quotes.append("XMR,\(at),\(CoinAmount(atomic: UInt128(price), decimals: 6).brief)")
    }
    try fixture.take([("rates", quotes)])
    #expect(try fixture.prepare([:]).payments.count == 2)
  }

  /// 1.9 times at a factor of 1.5; the factor itself, and one cent beyond.
  @Test(arguments: [("285", true), ("225", false), ("225.01", true), ("100", false), ("99.99", true)])
  func `the factor may have decimals`(rate: String, isDoubtful: Bool) throws {
    let fixture = try fixture(["XMR,2026-11-22T03:00:00Z,150,"])
    try fixture.set(#"{"effective_from": "2026-11-01", "rate_max_factor": 1.50}"#)
    let prepared = try fixture.prepare(["XMR": rate])
    #expect(prepared.payments.isEmpty == isDoubtful)
    if isDoubtful { #expect(prepared.leftovers.first?.reason.contains("more than 1.5 times away") == true) }
  }

  // Batches, where there are no quotes.

  @Test func `the last batch that was not taken back`() throws {
    let fixture = try PayoutFixture(Addresses.monero(3), prices: [:])
    func cancel(_ items: [ItemID]) throws {
      let lock = try RunLock(database: fixture.store.path)
      try Cancelling.cancel(items, note: "again", by: "ann", at: fixture.now, on: fixture.store, holding: lock)
    }
    let nothing = "without anything to measure it by"
    // Case 01: what was all taken back is no measure.
    #expect(try fixture.prepare(["XMR": "1.582"], accepting: ["XMR": "1.582"]).payments.count == 3)
    try cancel([ItemID(1), ItemID(2), ItemID(3)])
    #expect(try fixture.prepare(["XMR": "158.2"], age: 60).leftovers.first?.reason.contains(nothing) == true)
    #expect(try fixture.prepare(["XMR": "158.2"], age: 60, accepting: ["XMR": "158.2"]).payments.count == 3)
    // One payment of it is enough, to the cent of a factor of two.
    try cancel([ItemID(1), ItemID(2)])
    let far = "more than 2 times away from the rate of batch B000002, 158.2 USD"
    #expect(try fixture.prepare(["XMR": "316.41"]).leftovers.map { $0.reason.contains(far) } == [true, true])
    #expect(try fixture.prepare(["XMR": "1.582"], age: 120).leftovers.map { $0.reason.contains(far) } == [true, true])
    #expect(try fixture.prepare(["XMR": "316.4"]).payments.count == 2)
    // A later batch that is taken back leaves the one before.
    try cancel([ItemID(1), ItemID(2)])
    #expect(try fixture.prepare(["XMR": "400"]).leftovers.first?.reason.contains(far) == true)
    try cancel([ItemID(3)])
    #expect(try fixture.prepare(["XMR": "158.2"]).leftovers.first?.reason.contains(nothing) == true)
  }

  @Test(arguments: [("failed", false), ("paid", true)]) func `a batch that failed is none`(status: String, counts: Bool) throws {
    let fixture = try PayoutFixture([("LTC", "", Addresses.litecoin[0], ""), ("LTC", "", Addresses.litecoin[1], "")], prices: [:])
    _ = try fixture.prepare(["LTC": "80"], accepting: ["LTC": "80"])
    _ = try fixture.settle(
      "payment_id,txid,settled_at,status\nP000001-0001,,,failed\nP000001-0002,\(counts ? "tx1" : ""),2026-11-23T04:30:00Z,\(status)")
    let prepared = try fixture.prepare(["LTC": "81"], at: 3600)
    #expect(prepared.payments.count == (counts ? 1 : 0))
    #expect(prepared.payouts.first?.rateCheck.words == (counts ? "not more than 2 times away from the rate of batch B000001, 80 USD" : nil))
  }

  // The period's own price, where there are neither.

  /// Each item is measured by what its own period was paid with: one that is doubtful stops alone.
  @Test func `each item by its own price`() throws {
    let fixture = try PayoutFixture([
      ("XMR", "", Addresses.standard, ""), ("LTC", "", Addresses.litecoin[0], ""), ("XMR", "", Addresses.standard, ""),
    ])
    try fixture.take([
      (
        "periods",
        [
          "period_id,order_id,starts_on,ends_on,paid_usd,setup_fee_usd,coin,paid_amount,paid_at",
          // 39.99 USD for 0.1 XMR: 399.9 USD each.
          "P-O-1002,O-1002,2026-11-15,2026-12-16,39.99,10.00,XMR,0.1,2026-11-15T08:00:00Z",
        ]
      )
    ])
    let prepared = try fixture.prepare(["XMR": "150", "LTC": "161"])
    #expect(prepared.payouts.map(\.item) == [ItemID(1)])
    #expect(
      fixture.reasons(prepared) == [
        """
        R000000002: The rate of LTC, 161 USD, is more than 2 times away from the price that the period was paid at, 39.99 USD for \
        0.499875 LTC (G6): \(Self.accept) LTC=161 --by NAME'.
        """,
        """
        R000000003: The rate of XMR, 150 USD, is more than 2 times away from the price that the period was paid at, 39.99 USD for \
        0.1 XMR (G6): \(Self.accept) XMR=150 --by NAME'.
        """,
      ])
    // Accepted by its value it pays all of the coin.
    #expect(try fixture.prepare(["XMR": "150"], at: 60, accepting: ["XMR": "150"]).leftovers.map(\.item) == [ItemID(2)])
    #expect(try fixture.findings() == [])
  }

  /// 39.99 USD for 0.3 XMR: 133.3 USD exactly.
  @Test(arguments: [("266.6", false), ("266.60000000000000000001", true), ("66.65", false), ("66.64999999999999999999", true)])
  func `the price of the period, to the last digit`(rate: String, isDoubtful: Bool) throws {
    let fixture = try PayoutFixture(Addresses.monero(1), prices: ["XMR": "133.3"])
    #expect(try fixture.prepare(["XMR": rate]).payments.isEmpty == isDoubtful)
  }

  // A person's acceptance.

  @Test func `an acceptance holds for this value of this quote, and is in the log`() throws {
    let fixture = try fixture(["XMR,2026-11-23T03:00:00Z,158.20,"])
    #expect(throws: AcceptanceRefusal.self) { try fixture.prepare([:], accepting: ["XMR": "158.21"]) }
    #expect(throws: AcceptanceRefusal.notAsked(coin: "LTC")) { try fixture.prepare([:], accepting: ["LTC": "80"]) }
    #expect(try fixture.column("SELECT count(*) FROM payout_acts") == ["0"])
    let prepared = try fixture.prepare([:], accepting: ["XMR": "158.2000"])
    #expect(prepared.acceptances.map { "\($0.coin) \($0.rate) \($0.quotedAt)" } == ["XMR 158.2 2026-11-23T03:00:00Z"])
    #expect(prepared.payouts.map(\.rateCheck.isDoubtful) == [true])
    #expect(
      try fixture.column("SELECT actor || ': ' || event || ' ' || subject || ' ' || after FROM log WHERE event = 'rate accepted'") == [
        "ann: rate accepted XMR 158.2 USD, quoted at 2026-11-23 03:00:00"
      ])
    let status = try #require(try fixture.store.read { try $0.payoutStatuses() }.first)
    #expect(status.accepted?.name == "ann")
    #expect(try fixture.findings() == [])
    // The same quote needs no second word.
    try cancel(fixture)
    #expect(try fixture.prepare([:], at: 60).payouts.map(\.rateCheck.isDoubtful) == [true])
    #expect(try fixture.column("SELECT count(*) FROM rate_acceptances") == ["1"])
    #expect(try fixture.findings() == [])
  }

  /// The same value of another quote is another rate.
  @Test func `an acceptance is of one quote`() throws {
    let fixture = try fixture([])
    #expect(try fixture.prepare(["XMR": "158.2"], accepting: ["XMR": "158.2"]).payments.count == 1)
    try cancel(fixture)
    #expect(try fixture.prepare(["XMR": "158.2"], age: 3599).leftovers.first?.reason.contains("(G6)") == true)
    #expect(try fixture.prepare(["XMR": "158.3"], accepting: ["XMR": "158.3"]).acceptances.count == 1)
    try cancel(fixture)
    #expect(try fixture.prepare(["XMR": "158.2"]).payments.count == 1)
    #expect(try fixture.column("SELECT usd FROM rate_acceptances ORDER BY usd") == ["158.2", "158.3"])
  }

  private func cancel(_ fixture: PayoutFixture) throws {
    let lock = try RunLock(database: fixture.store.path)
    try Cancelling.cancel([ItemID(1)], note: "again", by: "ann", at: fixture.now, on: fixture.store, holding: lock)
  }

  @Test func `what is in no doubt needs no acceptance, and what cannot be used gets none`() throws {
    let fixture = try fixture([], priced: true)
    #expect(
      throws: AcceptanceRefusal.unusable(
        coin: "XMR", reason: "The rate of XMR is of 2026-11-22T03:59:59Z: 1441 minutes old, and 1440 are allowed (H2).")
    ) { try fixture.prepare(["XMR": "150"], age: 86_401, accepting: ["XMR": "150"]) }
    let prepared = try fixture.prepare(["XMR": "150"], accepting: ["XMR": "150"])
    #expect((prepared.payments.count, prepared.unneeded) == (1, ["XMR"]))
    #expect(try fixture.column("SELECT count(*) FROM rate_acceptances") == ["0"])
  }

  /// It is kept also where nothing can be paid yet: the next `prepare` does not ask again.
  @Test func `an acceptance without a batch is kept`() throws {
    let fixture = try PayoutFixture(Addresses.monero(1), worth: { _ in Cents(1) }, prices: [:])
    let prepared = try fixture.prepare(["XMR": "150"], accepting: ["XMR": "150"])
    #expect(prepared.batch == nil && prepared.acceptances.count == 1)
    #expect(prepared.leftovers.first?.reason.contains("(G3)") == true)
    #expect(try fixture.column("SELECT coin FROM rate_acceptances") == ["XMR"])
    #expect(try fixture.findings() == [])
  }
}
