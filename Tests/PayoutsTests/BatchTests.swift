import Coins
import Foundation
import Ledger
import Night
import Payouts
import RefundPolicy
import Reports
import Storage
import Testing

@Suite struct `preparing a batch` {
  @Test func `each coin at its own rate, rounded down, by the route of H3`() throws {
    let fixture = try PayoutFixture([
      ("XMR", "", Addresses.standard, ""), ("BTC", "", "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo", ""),
      ("USDT", "Tron", "TYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUG", ""), ("XRP", "", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", "0"),
      ("USDT", "BSC", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", ""),
    ])
    let prepared = try fixture.prepare(["XMR": "158.2045", "BTC": "91234.56", "USDT": "0.9998", "XRP": "2.11"])
    #expect(prepared.leftovers.isEmpty)
    #expect(
      prepared.payouts.map { "\($0.route.rawValue) \($0.amount) \($0.coin)" } == [
        "monero 0.189564772177 XMR", "processor 0.00032871 BTC", "processor 29.995999 USDT", "processor 14.213270 XRP",
        "processor 29.995999199839967993 USDT",
      ])
    #expect(prepared.payouts.allSatisfy { $0.usd == Cents(29_99) && $0.rate.side == "mid" && $0.rate.source == "given to prepare" })
    let folder = try #require(prepared.folder)
    #expect(folder.files.map(\.name) == ["batch.json", "not_ready.csv", "payout-monero.csv", "payout-processor.csv", "totals.csv", "SHA256SUMS"])
    let totals = try String(contentsOfFile: folder.path + "/totals.csv", encoding: .utf8)
    #expect(
      totals == """
        route,coin,network,payments,items,amount_coin,amount_usd
        monero,XMR,,1,1,0.189564772177,29.99
        processor,BTC,,1,1,0.00032871,29.99
        processor,USDT,BSC,1,1,29.995999199839967993,29.99
        processor,USDT,Tron,1,1,29.995999,29.99
        processor,XRP,,1,1,14.213270,29.99
        all,,,5,5,,149.95
        not_ready,,,,0,,0.00

        """)
    #expect(try fixture.findings() == [])
  }

  /// What is told of a batch is the sum of its rows to the last digit, in 18-digit coins too, and worth no more than the dollars.
  @Test func `sums are exact`() throws {
    let ethereum = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    let coins = [("XMR", "", Addresses.standard), ("ETH", "", ethereum), ("USDT", "BSC", ethereum)]
    let rates = ["XMR": "158.20451234567", "ETH": "2999.000000000000000007", "USDT": "0.99980000001"]
    let worth = (0..<60).map { Cents(Int64($0 * $0 * 7919 % 90_000) + 100) }
    let fixture = try PayoutFixture((0..<60).map { (coins[$0 % 3].0, coins[$0 % 3].1, coins[$0 % 3].2, "") }, worth: { worth[$0] })
    let prepared = try fixture.prepare(rates)
    #expect(prepared.payouts.count == 60)
    let folder = try #require(prepared.folder)
    func rows(_ name: String) throws -> [[String]] {
      try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8).split(separator: "\n").dropFirst().map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
    }
    let written = try rows("payout-monero.csv") + rows("payout-processor.csv")
    let totals = try rows("totals.csv")
    for (coin, decimals) in [("XMR", 12), ("ETH", 18), ("USDT", 18)] {
      let own = written.filter { $0[4] == coin }
      let atomic = own.reduce(UInt128(0)) { $0 + (CoinAmount($1[8], decimals: decimals)?.atomic ?? 0) }
      let usd = own.reduce(Cents.zero) { $0 + (Cents(parsing: $1[9]) ?? .zero) }
      #expect(usd == worth.enumerated().filter { coins[$0.offset % 3].0 == coin }.reduce(.zero) { $0 + $1.element })
      let total = try #require(totals.first { $0[1] == coin })
      // The sixty refunds go to one destination in each coin.
      #expect(Set(own.map { $0[1] }).count == 1)
      #expect(Array(total[3...]) == ["1", "20", CoinAmount(atomic: atomic, decimals: decimals).description, usd.description])
      // Rounded down once each: all of them are less than one unit each below what the sum of the dollars buys.
      let rate = try #require(rates[coin].flatMap { ExchangeRate($0) })
      let bought = try #require(CoinAmount(worth: usd, at: rate, decimals: decimals)).atomic
      #expect(atomic <= bought && bought - atomic <= 20, "\(coin)")
    }
    #expect(totals.first { $0[0] == "all" }?.last == worth.reduce(.zero, +).description)
  }

  @Test func `preparing again takes nothing twice`() throws {
    let fixture = try PayoutFixture(Addresses.monero(2))
    #expect(try fixture.prepare().payouts.count == 2)
    let again = try fixture.prepare()
    #expect(again.batch == nil && again.payouts.isEmpty && again.leftovers.isEmpty)
    #expect(try fixture.column("SELECT count(*) FROM batches") == ["1"])
  }

  typealias RateCase = (name: String, imported: [String], given: String?, age: Int64, reason: String?)
  static let rateCases: [RateCase] = [
    ("none", [], nil, 0, "There is no rate of XMR (H2)."),
    ("to the minute", [], "150", 86_400, nil),
    (
      "a minute too old", [], "150", 86_401,
      "The rate of XMR is of 2026-11-22T03:59:59Z: 1441 minutes old, and 1440 are allowed (H2)."
    ),
    ("to come", [], "150", -1, "The rate of XMR is of 2026-11-23T04:00:01Z, which is still to come (H2)."),
    ("zero", [], "0.00", 0, "The rate of XMR is zero (H2)."),
    ("imported", ["XMR,2026-11-23T03:00:00Z,150", "XMR,2026-11-23T05:00:00Z,1"], nil, 0, nil),
    (
      "imported, too fine", ["XMR,2026-11-23T03:00:00Z,150.000000000000000000001"], nil, 0,
      "The rate of XMR, 150.000000000000000000001 USD, has more digits than can be used exactly (H2)."
    ),
  ]

  /// H2: what is wrong with a rate stops its payouts and no others.
  @Test(arguments: rateCases)
  func `rates`(name: String, imported: [String], given: String?, age: Int64, reason: String?) throws {
    let fixture = try PayoutFixture(Addresses.monero(1))
    if !imported.isEmpty { try fixture.take([("rates", ["coin,quoted_at,usd"] + imported)]) }
    let prepared = try fixture.prepare(given.map { ["XMR": $0] } ?? [:], age: age)
    #expect(prepared.leftovers.first?.reason == reason, "\(name)")
    #expect(prepared.payouts.count == (reason == nil ? 1 : 0), "\(name)")
    if reason == nil { #expect(prepared.payouts.first?.amount.description == "0.199933333333", "\(name)") }
  }

  @Test func `what cannot be paid stays behind with its reason, and the rest goes`() throws {
    let fixture = try PayoutFixture([
      ("XMR", "", Addresses.standard, ""), ("XMR", "", "", ""), ("XMR", "", String(Addresses.standard.dropLast()) + "n", ""),
      ("NOPE", "", "abc", ""), ("XRP", "", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", ""),
      ("USDT", "Ethereum", "0xdAC17F958D2ee523a2206206994597C13D831ec7", ""), ("USDT", "Tron", "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo", ""),
    ])
    let prepared = try fixture.prepare(["XMR": "150", "XRP": "2", "USDT": "1", "NOPE": "1"])
    #expect(prepared.payouts.map(\.item) == [ItemID(1)])
    #expect(
      fixture.reasons(prepared) == [
        "R000000002: No address was given (H1).",
        "R000000003: The checksum of the address is wrong: a character is mistyped or missing (H1).",
        "R000000004: NOPE is no coin that can be paid out (H1).",
        "R000000005: The tag is missing: XRP wallets of exchanges need one; an X-address can say that there is none (H1).",
        "R000000006: It is the contract of USDT on Ethereum, not a wallet: what is sent there is lost (H1).",
        "R000000007: The address is for another network: it is a Bitcoin address (H1).",
      ])
    #expect(
      try fixture.column("SELECT reason FROM leftovers ORDER BY item_id") == prepared.leftovers.map(\.reason))
  }

  /// N5: an order that turns out to be ended for misuse after its refund was approved, and after it was prepared.
  @Test func `what is not owed any more is left out, and withdrawn when it is reopened`() throws {
    let fixture = try PayoutFixture(Addresses.monero(2))
    try fixture.close(1, after: [("usage", ["order_id,day,outbound_calls,outbound_sms,verifications", "O-1000,2026-11-16,1,0,0"])])
    let reason = "R000000001: Days of it are not owed any more; it is paid when somebody has looked at it and approved it again (N5)."
    #expect(try fixture.reasons(fixture.prepare(at: 86_400)) == [reason])
    // The other one is prepared, and is found to be used before it is sent.
    try fixture.close(2, after: [("usage", ["order_id,day,outbound_calls,outbound_sms,verifications", "O-1001,2026-11-16,1,0,0"])])
    let chain = StubChain()
    #expect(try fixture.send(chain).notOwed == [ItemID(2)])
    #expect(chain.pool.isEmpty)
    // Nothing of the first is owed: reopened, nothing of it is left to be approved (D2).
    try fixture.store.transaction { connection in
      let desk = try ReviewDesk(Reviewer("ann"), at: fixture.now, on: connection, restating: Reopening.restate)
      _ = try desk.decide(.reopen, ItemID(1), note: "It was used.")
      #expect(throws: ReviewRefusal.wrongState(ItemID(1), .approve, .withdrawn)) { _ = try desk.decide(.approve, ItemID(1), note: nil) }
      try desk.finish()
      return (.commit, ())
    }
    #expect(try fixture.prepare(at: 2 * 86_400).payouts.isEmpty)
    #expect(try fixture.findings() == [])
  }

  @Test func `an upload template without tags leaves what needs one behind`() throws {
    let fixture = try PayoutFixture([("XRP", "", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", "7"), ("LTC", "", "LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA", "")])
    let prepared = try fixture.prepare(["XRP": "2", "LTC": "80"], profiles: [.inqud])
    #expect(prepared.payouts.map(\.coin) == ["LTC"])
    #expect(fixture.reasons(prepared) == ["R000000001: It needs a tag, and an upload template that was asked for has no column for one."])
  }

  @Test func `the processors' own templates`() throws {
    let fixture = try PayoutFixture([
      ("XRP", "", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", "0"), ("ETH", "", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", ""),
      ("USDT", "Tron", "TYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUG", ""), ("XMR", "", Addresses.standard, ""),
    ])
    let rates = ["XRP": "2", "ETH": "2999.5", "USDT": "1", "XMR": "150"]
    let folder = try #require(try fixture.prepare(rates, profiles: [.cryptoprocessing, .txnpro]).folder)
    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8) }
    #expect(
      try text("upload-cryptoprocessing.csv") == """
        Address,Tag,Currency,Amount,Note
        r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59,0,XRP,14.995,P000001-0001
        0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,,ETH,0.00999833,P000001-0002
        TYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUG,,USDT-TRX,29.99,P000001-0003

        """)
    #expect(
      try text("upload-txnpro.csv") == """
        Charge Currency,Pay Currency,Pay Amount,Pay Network,Address,Destination Tag,Reference
        XRP,XRP,14.995,XRP,r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59,0,P000001-0001
        ETH,ETH,0.00999833,ETH,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,,P000001-0002
        USDT,USDT,29.99,TRX:USDT,TYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUG,,P000001-0003

        """)
  }

  @Test func `a template takes no more rows than the processor does`() {
    let row = UploadRow(coin: "LTC", tokenNetwork: nil, address: "a", tag: "", amount: "1", reference: "R", note: "n")
    let files = PayoutProfile.cryptoprocessing.files(of: Array(repeating: row, count: 501))
    #expect(files.map(\.name) == ["upload-cryptoprocessing-1.csv", "upload-cryptoprocessing-2.csv"])
    #expect(files.map { $0.text.split(separator: "\n").count } == [501, 2])
    #expect(PayoutProfile.inqud.files(of: []).isEmpty)
    #expect(PayoutProfile.inqud.files(of: Array(repeating: row, count: 501)).map(\.name) == ["upload-inqud.csv"])
  }

  @Test func `a folder that a crash kept from its batch is written again`() throws {
    let fixture = try PayoutFixture(Addresses.monero(1))
    let folder = try #require(try fixture.prepare().folder)
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/SHA256SUMS"))
    try FileManager.default.removeItem(atPath: folder.path)
    try fixture.execute("DELETE FROM published_batches")
    let reports = fixture.folder.appendingPathComponent("reports").path
    #expect(try Batches.restoreFolders(in: reports, on: fixture.store) == [folder.path])
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/SHA256SUMS")) == before)
    #expect(try Batches.restoreFolders(in: reports, on: fixture.store) == [])
    // The crash came after the folder: it is this one, and stays.
    try fixture.execute("DELETE FROM published_batches")
    #expect(try Batches.restoreFolders(in: reports, on: fixture.store) == [])
    #expect(try fixture.column("SELECT batch_id FROM published_batches") == ["1"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: reports + "/payouts") == ["B000001"])
  }

  /// A database restored from a copy meets the folders of the days that it forgot.
  @Test func `another batch's folder of the same name is never taken for this one's`() throws {
    let fixture = try PayoutFixture(Addresses.monero(1))
    let place = fixture.folder.appendingPathComponent("reports/payouts/B000001")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try Data("0  payout-monero.csv\n".utf8).write(to: place.appendingPathComponent("SHA256SUMS"))
    #expect(throws: ReportError.targetExists(path: place.path)) { try fixture.prepare() }
    #expect(try fixture.column("SELECT count(*) FROM batches") == ["0"])
    try FileManager.default.moveItem(at: place, to: fixture.folder.appendingPathComponent("other"))
    #expect(try fixture.prepare().payouts.count == 1)
    // Between database and folder the crash, and another folder in its place.
    try FileManager.default.removeItem(at: place)
    try FileManager.default.moveItem(at: fixture.folder.appendingPathComponent("other"), to: place)
    try fixture.execute("DELETE FROM published_batches")
    let reports = fixture.folder.appendingPathComponent("reports").path
    #expect(throws: ReportError.targetExists(path: place.path)) { try Batches.restoreFolders(in: reports, on: fixture.store) }
    #expect(try fixture.column("SELECT count(*) FROM published_batches") == ["0"])
  }
}
