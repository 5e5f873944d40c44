import Ledger
import Payouts
import RefundPolicy
import Review
import Storage
import Testing

extension PayoutFixture {
  /// Takes a processor's file; what became of each row, and of what could not be read.
  func settle(_ text: String, later: Int64 = 3600) throws -> [String] {
    let file = try SettlementFile(Array(text.utf8))
    let lock = try RunLock(database: store.path)
    let outcomes = try Settling.take(file, by: "ann", at: now.advanced(bySeconds: later), on: store, holding: lock)
    let rows = outcomes.map { row, outcome in
      switch outcome {
      case .paid: "\(row.line): paid"
      case .failed: "\(row.line): failed"
      case .unchanged: "\(row.line): unchanged"
      case .refused(let what, _): "\(row.line): refused, \(what)"
      }
    }
    return rows + file.problems.map { "\($0.line): \($0.what)" }
  }
}

@Suite struct `what the processor did` {
  private func fixture(_ count: Int = 3) throws -> PayoutFixture {
    let fixture = try PayoutFixture(
      (0..<count).map { _ in ("LTC", "", "LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA", "") } + [("XMR", "", Addresses.standard, "")])
    #expect(try fixture.prepare(["LTC": "80", "XMR": "150"]).payouts.count == count + 1)
    return fixture
  }

  @Test func `some paid, some failed, some not told of; again it changes nothing`() throws {
    let fixture = try fixture()
    let file = """
      item_id,txid,settled_at,fee_usd,status,note
      R000000001,tx1,2026-11-23T04:30:00Z,0.35,,
      R000000002,,,,failed,address refused
      """
    #expect(try fixture.settle(file) == ["2: paid", "3: failed"])
    #expect(try fixture.column("SELECT state FROM items ORDER BY item_id") == ["paid", "approved", "prepared", "prepared"])
    #expect(try fixture.column("SELECT fee_cents FROM payout_moves WHERE state_after = 'paid'") == ["35"])
    let acts = try fixture.column("SELECT count(*) FROM payout_acts")
    #expect(try fixture.settle(file) == ["2: unchanged", "3: unchanged"])
    #expect(try fixture.column("SELECT count(*) FROM payout_acts") == acts)
    #expect(try fixture.findings() == [])
    // What failed goes into the next batch, and is paid there.
    #expect(try fixture.prepare(["LTC": "81"]).payouts.map(\.item) == [ItemID(2)])
    #expect(try fixture.settle("item_id,txid,settled_at\nR000000002,tx2,2026-11-23T04:40:00Z") == ["2: paid"])
    #expect(try fixture.findings() == [])
  }

  @Test func `rows that cannot be true are refused, and the rest is taken`() throws {
    let fixture = try fixture()
    let file = """
      item_id,txid,settled_at,fee_usd
      R000000009,tx,2026-11-23T04:30:00Z,
      R000000004,tx,2026-11-23T04:30:00Z,
      R000000001,tx1,2026-11-20T04:30:00Z,
      R000000002,tx2,2026-11-23T04:30:00Z,
      R000000003,,2026-11-23T04:30:00Z,
      nothing,tx,2026-11-23T04:30:00Z,
      R000000003,tx3,yesterday,
      R000000003,tx3,2026-11-23T04:30:00Z,much
      R000000003,t x,2026-11-23T04:30:00Z,
      """
    #expect(
      try fixture.settle(file) == [
        "2: refused, there is no item R000000009", "3: refused, R000000004 is in no batch for the processor",
        "4: refused, settled_at 2026-11-20T04:30:00Z is not between when B000001 was prepared, 2026-11-23T04:00:00Z, and now", "5: paid",
        "6: the txid is empty", "7: item_id 'nothing' is no item", "8: settled_at is no instant", "9: fee_usd is no amount of dollars",
        "10: the txid is no transaction id",
      ])
    #expect(try fixture.column("SELECT state FROM items ORDER BY item_id") == ["prepared", "paid", "prepared", "prepared"])
  }

  @Test func `an item in several rows counts once where they agree, and not at all where they differ`() throws {
    let fixture = try fixture()
    let file = """
      item_id,txid,settled_at
      R000000001,tx1,2026-11-23T04:30:00Z
      R000000001,tx1,2026-11-23T04:30:00Z
      R000000002,tx2,2026-11-23T04:30:00Z
      R000000002,tx3,2026-11-23T04:30:00Z
      """
    #expect(
      try fixture.settle(file) == [
        "2: paid", "4: R000000002 stands in several rows that differ", "5: R000000002 stands in several rows that differ",
      ])
  }

  /// Money that left for what was taken back, or twice: it is kept, told, and the item is never paid again.
  @Test func `paid although it was taken back`() throws {
    let fixture = try fixture(2)
    #expect(
      try fixture.settle("item_id,txid,settled_at,status\nR000000001,,,failed\nR000000002,tx2,2026-11-23T04:20:00Z,") == ["2: failed", "3: paid"])
    #expect(
      try fixture.settle("item_id,txid,settled_at\nR000000001,tx1,2026-11-23T04:30:00Z\nR000000002,tx9,2026-11-23T04:30:00Z") == [
        "2: refused, R000000001 is approved, no longer in B000001: it was paid although it was taken back",
        "3: refused, R000000002 was settled with tx2 before: it may have been paid twice",
      ])
    #expect(try fixture.store.read { try $0.stuckPayouts() } == 2)
    #expect(
      try fixture.reasons(fixture.prepare(["LTC": "80"])) == ["R000000001: The processor says that it paid this item before, with tx1 (H4)."])
    #expect(try fixture.settle("item_id,txid,settled_at,status\nR000000002,,,failed").first?.hasPrefix("2: refused") == true)
    #expect(try fixture.findings() == [])
  }

  @Test(arguments: [
    ("", "the file is empty"), ("a,b\n1,2\n", "column 'item_id' is missing"),
    ("item_id,txid,settled_at,txid\n", "column 'txid' stands twice"), ("item_id;settled_at\n", "column 'txid' is missing"),
  ])
  func `a file that is none`(text: String, what: String) {
    do throws(ReviewFileError) {
      _ = try SettlementFile(Array(text.utf8))
      Issue.record("taken")
    } catch {
      #expect(error.what == what)
    }
  }

  @Test func `semicolons, a byte order mark and Windows line breaks are taken as they come`() throws {
    let fixture = try fixture()
    #expect(try fixture.settle("\u{FEFF}txid;Item_ID;settled_at\r\n\"tx1\";R000000001;2026-11-23T05:30:00+01:00\r\n") == ["2: paid"])
  }
}
