import Coins
import Foundation
import Ledger
import Night
import Payouts
import RefundPolicy
import Reports
import Storage
import Testing

/// G3: what goes to one coin, network, address and tag is one payment.
@Suite struct `one destination, one payment (G3)` {
  typealias Place = (coin: String, network: String, address: String, tag: String)

  /// Which items share a payment.
  private func groups(_ places: [Place], _ rates: [String: String]) throws -> [[Int64]] {
    let fixture = try PayoutFixture(places)
    let payments = try fixture.prepare(rates).payments
    #expect(payments.map(\.id.number) == Array(1...Int64(payments.count)))
    #expect(try fixture.findings() == [])
    return payments.map { $0.payouts.map(\.item.number) }
  }

  private static let xrp = "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59"

  @Test func `coin, network, address and tag make the destination`() throws {
    #expect(
      try groups(
        [
          ("USDT", "Tron", Addresses.tron[0], ""), ("USDT", "Tron", Addresses.tron[1], ""), ("USDT", "Tron", Addresses.tron[0], ""),
          ("TRX", "", Addresses.tron[0], ""), ("USDT", "Ethereum", Addresses.ethereum, ""), ("USDT", "BSC", Addresses.ethereum, ""),
          ("USDT", "Ethereum", Addresses.ethereum, ""),
        ], ["USDT": "1", "TRX": "0.3"]) == [[1, 3], [2], [5, 7], [6]])
    // A tag and none, 0 and none, are accounts of their own; a coin's own chain is the same with and without its name.
    #expect(
      try groups(
        [
          ("XRP", "", Self.xrp, "7"), ("XRP", "XRPL", Self.xrp, "7"), ("XRP", "", Self.xrp, "0"), ("XRP", "", Self.xrp, "8"),
          ("XMR", "Monero", Addresses.standard, ""), ("XMR", "", Addresses.standard, ""), ("XMR", "", Addresses.integrated[0], ""),
        ], ["XRP": "2", "XMR": "150"]) == [[1, 2], [3], [4], [5, 6], [7]])
  }

  /// Case 10, and one cent on both sides: 1 USDT is the smallest payment.
  @Test(arguments: [
    ([40, 40], ["0.8"]), ([40, 59], ["0.99"]), ([40, 60], []), ([40, 30, 30], []), ([100], []), ([99], ["0.99"]), ([40], ["0.4"]),
  ])
  func `the smallest amount is asked of the payment`(cents: [Int64], below: [String]) throws {
    let fixture = try PayoutFixture(cents.map { _ in ("USDT", "Tron", Addresses.tron[0], "") }, worth: { Cents(cents[$0]) })
    let prepared = try fixture.prepare(["USDT": "1"])
    #expect(prepared.payments.count == (below.isEmpty ? 1 : 0))
    let refunds = cents.count == 1 ? "this refund" : "\(cents.count) refunds together"
    let reason = """
      \(below.first ?? "") USDT, all that is approved for this destination so far (\(refunds)), is below the smallest economical amount, 1 USDT (G3).
      """
    #expect(prepared.leftovers.map(\.reason) == (below.isEmpty ? [] : cents.map { _ in reason }))
  }

  @Test func `small ones wait until their destination has enough, and others do not count`() throws {
    let fixture = try PayoutFixture(
      [
        ("USDT", "Tron", Addresses.tron[0], ""), ("USDT", "Tron", Addresses.tron[1], ""), ("USDT", "Tron", Addresses.tron[0], ""),
      ], worth: { [Cents(60), Cents(90), Cents(40)][$0] })
    let prepared = try fixture.prepare(["USDT": "1"])
    #expect(prepared.payments.map { $0.payouts.map(\.item) } == [[ItemID(1), ItemID(3)]])
    #expect(prepared.leftovers.map(\.item) == [ItemID(2)])
  }

  /// The parts are each rounded down for themselves, and the payment is their sum: never above what its dollars buy.
  @Test func `the amount is the sum of the parts, to the last digit`() throws {
    let worth = [Cents(1_00), Cents(2_00), Cents(4_01)]
    let fixture = try PayoutFixture(
      worth.map { _ in ("XMR", "", Addresses.standard, "") } + worth.map { _ in ("USDT", "BSC", Addresses.ethereum, "") }, worth: { worth[$0 % 3] })
    let prepared = try fixture.prepare(["XMR": "150.7", "USDT": "0.9997"], profiles: [.txnpro])
    #expect(prepared.payments.map { $0.payouts.count } == [3, 3])
    #expect(prepared.payments.map { $0.amount.description } == ["0.046516257464", "7.012103631089326796"])
    for payment in prepared.payments {
      let rate = try #require(payment.payouts.first?.rate.rate)
      for payout in payment.payouts {
        #expect(payout.amount == CoinAmount(worth: payout.usd, at: rate, decimals: payout.amount.decimals))
      }
      let bought = try #require(CoinAmount(worth: payment.usd, at: rate, decimals: payment.amount.decimals)).atomic
      #expect(payment.amount.atomic <= bought && bought - payment.amount.atomic < 3)
    }
    let folder = try #require(prepared.folder).path
    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
    #expect(
      try text("payout-processor.csv") == """
        batch,payment_id,item_id,order_id,coin,network,address,tag,amount_coin,amount_usd,rate_usd,rate_quoted_at,route
        B000001,P000001-0002,R000000004,O-1003,USDT,BSC,\(Addresses.ethereum),,1.000300090027008102,1.00,0.9997,2026-11-23T03:00:00Z,processor
        B000001,P000001-0002,R000000005,O-1004,USDT,BSC,\(Addresses.ethereum),,2.000600180054016204,2.00,0.9997,2026-11-23T03:00:00Z,processor
        B000001,P000001-0002,R000000006,O-1005,USDT,BSC,\(Addresses.ethereum),,4.011203361008302490,4.01,0.9997,2026-11-23T03:00:00Z,processor

        """)
    // A template has one row for the payment, rounded down once.
    #expect(
      try text("upload-txnpro.csv") == """
        Charge Currency,Pay Currency,Pay Amount,Pay Network,Address,Destination Tag,Reference
        USDT,USDT,7.01210363,BSC:USDT,\(Addresses.ethereum),,P000001-0002

        """)
    #expect(
      try text("totals.csv") == """
        route,coin,network,payments,items,amount_coin,amount_usd
        monero,XMR,,1,3,0.046516257464,7.01
        processor,USDT,BSC,1,3,7.012103631089326796,7.01
        all,,,2,6,,14.02
        not_ready,,,,0,,0.00

        """)
    #expect(try fixture.findings() == [])
  }

  @Test func `a part of less than the smallest unit stays behind`() throws {
    let fixture = try PayoutFixture(
      [("USDT", "Tron", Addresses.tron[0], ""), ("USDT", "Tron", Addresses.tron[0], "")], worth: { [Cents(1), Cents(50_00)][$0] })
    let prepared = try fixture.prepare(["USDT": "20000"], accepting: ["USDT": "20000"])
    #expect(fixture.reasons(prepared).first == "R000000001: At a rate of 20000 USD it is worth less than the smallest unit of USDT (H2).")
  }

  /// One output to a destination, one fee for it, and all its refunds are paid together.
  @Test func `Monero sends a payment as one`() throws {
    let fixture = try PayoutFixture([Addresses.standard, Addresses.other, Addresses.standard, Addresses.standard].map { ("XMR", "", $0, "") })
    let chain = StubChain()
    _ = try fixture.prepare()
    #expect(try fixture.send(chain).relayed == 4)
    let payments = try #require(chain.pool.values.first).payments
    #expect(chain.pool.count == 1)
    #expect(payments.map(\.address) == [Addresses.standard, Addresses.other])
    #expect(payments.map(\.amount) == [3 * 199_933_333_333, 199_933_333_333])
    #expect(payments.map(\.items) == [[ItemID(1), ItemID(3), ItemID(4)], [ItemID(2)]])
    chain.mine(10)
    #expect(try fixture.send(chain).confirmed == 4)
    #expect(try fixture.states().allSatisfy { $0 == .paid })
    #expect(try fixture.ledger() == chain.customers)
    #expect(try fixture.findings() == [])
  }

  @Test func `an integrated address that several refunds name is one payment, alone in its transaction`() throws {
    let fixture = try PayoutFixture([Addresses.integrated[0], Addresses.standard, Addresses.integrated[0]].map { ("XMR", "", $0, "") })
    let chain = StubChain()
    _ = try fixture.prepare()
    try fixture.send(chain)
    #expect(chain.pool.values.map { $0.payments.flatMap(\.items).map(\.number) }.sorted { $0[0] < $1[0] } == [[1, 3], [2]])
  }

  /// N5: a payment of which a part is not owed any more is not sent at all; taken back, the rest goes out with the next batch.
  @Test func `a payment is sent whole or not`() throws {
    let fixture = try PayoutFixture((0..<2).map { _ in ("XMR", "", Addresses.standard, "") })
    _ = try fixture.prepare()
    try fixture.close(1, after: [("usage", ["order_id,day,outbound_calls,outbound_sms,verifications", "O-1001,2026-11-16,1,0,0"])])
    let chain = StubChain()
    let report = try fixture.send(chain)
    #expect((report.relayed, report.notOwed) == (0, [ItemID(2)]))
    #expect(chain.pool.isEmpty)
    let lock = try RunLock(database: fixture.store.path)
    #expect(
      try Cancelling.cancel([ItemID(2)], note: "why", by: "ann", at: fixture.now, on: fixture.store, holding: lock) == [ItemID(1), ItemID(2)])
    _ = consume lock
    #expect(try fixture.prepare(at: 86_400).payouts.map(\.item) == [ItemID(1)])
    #expect(try fixture.findings() == [])
  }

  @Test func `what failed, and what is reopened, gives back all of its payment`() throws {
    let fixture = try PayoutFixture((0..<3).map { _ in ("LTC", "", Addresses.litecoin[0], "") } + [("LTC", "", Addresses.litecoin[1], "")])
    #expect(try fixture.prepare(["LTC": "80"]).payments.map { $0.payouts.count } == [3, 1])
    // By one of its items.
    #expect(try fixture.settle("item_id,txid,settled_at,status\nR000000002,,,failed") == ["2: failed"])
    #expect(try fixture.column("SELECT state FROM items ORDER BY item_id") == ["approved", "approved", "approved", "prepared"])
    #expect(try fixture.prepare(["LTC": "80"], at: 60).payments.map { $0.payouts.map(\.item.number) } == [[1, 2, 3]])
    let takenBack = try fixture.store.transaction { connection -> (Store.Ending, [ItemID]) in
      let desk = try ReviewDesk(Reviewer("ann"), at: fixture.now, on: connection, restating: Reopening.restate)
      _ = try desk.decide(.reopen, ItemID(1), note: "another address")
      try desk.finish()
      return (.commit, desk.takenBack)
    }
    #expect(takenBack == [ItemID(2), ItemID(3)])
    #expect(try fixture.column("SELECT state FROM items ORDER BY item_id") == ["pending", "approved", "approved", "prepared"])
    #expect(try fixture.prepare(["LTC": "80"], at: 120).payments.map { $0.payouts.map(\.item.number) } == [[2, 3]])
    #expect(try fixture.findings() == [])
  }

  /// Rows for the items of one payment tell of one transaction: its fee counts once, and each may tell of its part.
  @Test func `a payment is settled by its own row, or by its items' rows`() throws {
    let file = """
      item_id,txid,settled_at,fee_usd,amount
      R000000001,tx1,2026-11-23T04:30:00Z,0.35,29.99
      R000000002,tx1,2026-11-23T04:30:00Z,0.35,59.98
      """
    let fixture = try PayoutFixture((0..<2).map { _ in ("USDT", "Tron", Addresses.tron[0], "") })
    _ = try fixture.prepare(["USDT": "1"])
    #expect(try fixture.settle(file) == ["2: paid"])
    #expect(try fixture.column("SELECT coalesce(fee_cents, 'none') FROM payout_moves WHERE state_after = 'paid'") == ["35", "none"])
    #expect(try fixture.settle(file) == ["2: unchanged"])
    let other = try PayoutFixture((0..<2).map { _ in ("USDT", "Tron", Addresses.tron[0], "") })
    _ = try other.prepare(["USDT": "1"])
    // By its own id it tells of the whole: a part is a difference.
    #expect(
      try other.settle("payment_id,txid,settled_at,amount\nP000001-0001,tx1,2026-11-23T04:30:00Z,29.99") == [
        "2: kept, payment P000001-0001 waits for a person: the processor says that it paid 29.99 with tx1, where 59.98 USDT was locked"
      ])
    #expect(try other.answer(.accept, 1))
    #expect(try other.states() == [.paid, .paid])
    #expect(try other.findings() == [])
  }
}
