import Ledger
import Night
import Payouts
import RefundPolicy
import Reports
import Review
import Storage
import Testing

extension PayoutFixture {
  /// Takes a processor's file; what became of each payment, and of what could not be read.
  func settle(_ text: String, later: Int64 = 3600) throws -> [String] {
    let file = try SettlementFile(Array(text.utf8))
    let lock = try RunLock(database: store.path)
    let outcomes = try Settling.take(file, by: "ann", at: now.advanced(bySeconds: later), on: store, holding: lock)
    let rows = outcomes.map { line, outcome in
      switch outcome {
      case .paid: "\(line): paid"
      case .failed: "\(line): failed"
      case .unchanged: "\(line): unchanged"
      case .stale(let what, _): "\(line): stale, \(what)"
      case .kept(let what, _): "\(line): kept, \(what)"
      case .refused(let what, _): "\(line): refused, \(what)"
      }
    }
    return rows + file.problems.map { "\($0.line): \($0.what)" }
  }

  /// A person's answer to what was kept.
  @discardableResult
  func answer(_ answer: SettlementAnswer, _ payment: Int64, batch: Int64 = 1, later: Int64 = 7200) throws -> Bool {
    let lock = try RunLock(database: store.path)
    return try SettlementAnswers.answer(
      PaymentID(BatchID(batch), payment), answer, note: "asked", by: "bob", at: now.advanced(bySeconds: later), on: store, holding: lock)
  }

  func itemStates() throws -> [String] { try column("SELECT state FROM items ORDER BY item_id") }
}

@Suite struct `what the processor did` {
  /// Refunds in LTC, each to a destination of its own, and one in XMR; all prepared.
  private func fixture(_ count: Int = 3) throws -> PayoutFixture {
    let fixture = try PayoutFixture((0..<count).map { ("LTC", "", Addresses.litecoin[$0], "") } + [("XMR", "", Addresses.standard, "")])
    #expect(try fixture.prepare(["LTC": "80", "XMR": "150"]).payments.count == count + 1)
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
    #expect(try fixture.itemStates() == ["paid", "approved", "prepared", "prepared"])
    #expect(try fixture.column("SELECT fee_cents FROM payout_moves WHERE state_after = 'paid'") == ["35"])
    let acts = try fixture.column("SELECT count(*) FROM payout_acts")
    #expect(try fixture.settle(file) == ["2: unchanged", "3: unchanged"])
    #expect(try fixture.column("SELECT count(*) FROM payout_acts") == acts)
    #expect(try fixture.findings() == [])
    // What failed goes into the next batch, and is paid there.
    #expect(try fixture.prepare(["LTC": "81"], at: 1200).payouts.map(\.item) == [ItemID(2)])
    #expect(try fixture.settle("item_id,txid,settled_at\nR000000002,tx2,2026-11-23T04:40:00Z") == ["2: paid"])
    #expect(try fixture.findings() == [])
  }

  @Test func `a payment is named by its id, or by an item in it`() throws {
    let fixture = try fixture()
    let file = """
      payment_id,item_id,txid,settled_at
      P000001-0001,,tx1,2026-11-23T04:30:00Z
      ,R000000002,tx2,2026-11-23T04:30:00Z
      P000001-0003,R000000003,tx3,2026-11-23T04:30:00Z
      P000001-0003,R000000002,tx3,2026-11-23T04:30:00Z
      P000001-0009,,tx3,2026-11-23T04:30:00Z
      P000001-0004,,tx3,2026-11-23T04:30:00Z
      P000002-0001,,tx3,2026-11-23T04:30:00Z
      P1,,tx3,2026-11-23T04:30:00Z
      ,,tx3,2026-11-23T04:30:00Z
      """
    #expect(
      try fixture.settle(file) == [
        "2: paid", "3: paid", "4: paid", "5: refused, R000000002 is not in payment P000001-0003", "6: refused, there is no payment P000001-0009",
        "7: refused, payment P000001-0004 is not for the processor", "8: refused, there is no payment P000002-0001",
        "9: payment_id 'P1' is not a payment", "10: the row names neither a payment nor an item",
      ])
  }

  @Test func `rows that cannot be true are refused, and the rest is taken`() throws {
    let fixture = try fixture()
    let file = """
      item_id,txid,settled_at,fee_usd,amount
      R000000009,tx,2026-11-23T04:30:00Z,,
      R000000004,tx,2026-11-23T04:30:00Z,,
      R000000001,tx1,2026-11-24T05:00:01Z,,
      R000000002,tx2,2026-11-23T04:30:00Z,,
      R000000003,,2026-11-23T04:30:00Z,,
      nothing,tx,2026-11-23T04:30:00Z,,
      R000000003,tx3,yesterday,,
      R000000003,tx3,2026-11-23T04:30:00Z,much,
      R000000003,t x,2026-11-23T04:30:00Z,,
      R000000003,tx3,2026-11-23T04:30:00Z,,-1
      R000000003,tx3,2026-11-23T04:30:00Z,,1e3
      """
    #expect(
      try fixture.settle(file) == [
        "2: refused, there is no item R000000009", "3: refused, R000000004 is in no batch for the processor",
        "4: refused, settled_at 2026-11-24T05:00:01Z is still to come", "5: paid",
        "6: the txid is empty", "7: item_id 'nothing' is not an item", "8: settled_at 'yesterday' is not a valid timestamp",
        "9: fee_usd 'much' is not an amount of dollars", "10: the txid is not a transaction id", "11: amount '-1' is not an amount",
        "12: amount '1e3' is not an amount",
      ])
    #expect(try fixture.itemStates() == ["prepared", "paid", "prepared", "prepared"])
  }

  @Test func `a payment in several rows counts once where they agree, and not at all where they differ`() throws {
    let fixture = try fixture()
    let file = """
      item_id,payment_id,txid,settled_at,fee_usd
      R000000001,,ab1,2026-11-23T04:30:00Z,
      R000000001,,0xAB1,2026-11-23T04:30:00Z,0.10
      R000000002,,tx2,2026-11-23T04:30:00Z,
      ,P000001-0002,tx3,2026-11-23T04:30:00Z,
      R000000003,,tx3,2026-11-23T04:30:00Z,0.10
      R000000003,,tx3,2026-11-23T04:30:00Z,0.20
      """
    #expect(
      try fixture.settle(file) == [
        "2: paid", "4: refused, payment P000001-0002 stands in line 5 too, where it is told otherwise",
        "5: refused, payment P000001-0002 stands in line 4 too, where it is told otherwise",
        "6: refused, payment P000001-0003 stands in line 7 too, where it is told otherwise",
        "7: refused, payment P000001-0003 stands in line 6 too, where it is told otherwise",
      ])
    #expect(try fixture.column("SELECT fee_cents FROM payout_moves WHERE state_after = 'paid'") == ["10"])
  }

  static let hash = "4e3a3754410177e6937ef1f84bba68ea139e8d1a2258c5f85db9f1cd715a1bdd"
  /// Q1: the same transaction, or another one, for a payment that was settled before.
  @Test(arguments: [
    (hash, "0x" + hash, true), (hash, hash.uppercased(), true), ("0X" + hash, hash, true), ("0x" + hash, hash.dropLast() + "e", false),
    // Not hexadecimal: to the letter.
    ("5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnb", "5verv8nmvzbjmekv8xnrlkeawrtsz9coskdyjcjjbrnb", false), ("txid-1", "TXID-1", false),
  ])
  func `transaction ids of hexadecimal digits are compared without 0x and case`(first: String, second: String, isSame: Bool) throws {
    let fixture = try fixture(1)
    func row(_ txid: String) -> String { "payment_id,txid,settled_at\nP000001-0001,\(txid),2026-11-23T04:30:00Z" }
    #expect(try fixture.settle(row(first)) == ["2: paid"])
    #expect(try fixture.settle(row(second)).first?.hasPrefix(isSame ? "2: unchanged" : "2: kept, ") == true)
    #expect(try fixture.store.read { try $0.stuckPayouts() } == (isSame ? 0 : 1))
    // In one file they agree just as well.
    let other = try self.fixture(1)
    let both = row(first) + "\nP000001-0001,\(second),2026-11-23T04:30:00Z"
    #expect(
      try other.settle(both).first == (isSame ? "2: paid" : "2: refused, payment P000001-0001 stands in line 3 too, where it is told otherwise"))
  }

  // What is kept for a person.

  typealias TermsCase = (name: String, columns: String, row: String, profile: Bool, isKept: Bool)
  /// 29.99 USD at 0.9999 USD are 29.992999 USDT; to 18 digits on BSC 29.992999299929992999.
  static let terms: [TermsCase] = [
    ("the amount as it was locked", "amount", "29.992999", false, false), ("with zeros", "amount", "29.99299900", false, false),
    ("one unit less", "amount", "29.992998", false, true), ("one unit more", "amount", "29.993", false, true),
    ("finer than the coin", "amount", "29.9929991", false, true), ("none", "amount", "", false, false),
    ("the dollars", "amount", "29.99", false, true), ("zero", "amount", "0", false, true),
    ("the coin", "coin", "USDT", false, false), ("in small letters", "coin", "usdt", false, false),
    ("as templates name it", "coin", "USDT-TRX", false, false), ("as another template does", "coin", "TRX:USDT", false, false),
    ("and a third", "coin", "TRON_USDT", false, false), ("on another network", "coin", "USDT-ETH", false, true),
    ("another coin", "coin", "USDC", false, true), ("both right", "amount,coin", "29.992999,USDT", false, false),
    ("one of two wrong", "amount,coin", "29.992999,TRX", false, true),
  ]

  @Test(arguments: terms)
  func `amount and coin are compared with what was locked`(name: String, columns: String, row: String, profile: Bool, isKept: Bool) throws {
    let fixture = try PayoutFixture([("USDT", "Tron", Addresses.tron[0], "")])
    _ = try fixture.prepare(["USDT": "0.9999"])
    let file = "payment_id,txid,settled_at,\(columns)\nP000001-0001,tx1,2026-11-23T04:30:00Z,\(row)"
    let outcome = try fixture.settle(file)
    #expect(outcome.count == 1 && outcome[0].hasPrefix(isKept ? "2: kept, payment P000001-0001 waits for a person: the processor" : "2: paid"))
    #expect(try fixture.itemStates() == [isKept ? "prepared" : "paid"], "\(name)")
    #expect(try fixture.store.read { try $0.stuckPayouts() } == (isKept ? 1 : 0), "\(name)")
    // Again: no second question, and nothing moves.
    #expect(try fixture.settle(file).first?.hasPrefix(isKept ? "2: kept" : "2: unchanged") == true, "\(name)")
    #expect(try fixture.column("SELECT count(*) FROM settlement_questions") == [isKept ? "1" : "0"], "\(name)")
    #expect(try fixture.findings() == [], "\(name)")
  }

  @Test(arguments: [("29.992999299929992999", true), ("29.99299929", true), ("29.992999", false), ("29.9929993", false)])
  func `what a template rounds down is right as it was told to the processor`(amount: String, isRight: Bool) throws {
    let fixture = try PayoutFixture([("USDT", "BSC", Addresses.ethereum, "")])
    _ = try fixture.prepare(["USDT": "0.9999"], profiles: [.txnpro])
    let outcome = try fixture.settle("payment_id,txid,settled_at,amount\nP000001-0001,tx1,2026-11-23T04:30:00Z,\(amount)")
    #expect(outcome.first?.hasPrefix(isRight ? "2: paid" : "2: kept") == true)
    // Without a template nobody rounds.
    let other = try PayoutFixture([("USDT", "BSC", Addresses.ethereum, "")])
    _ = try other.prepare(["USDT": "0.9999"])
    #expect(try other.settle("payment_id,txid,settled_at,amount\nP000001-0001,tx1,2026-11-23T04:30:00Z,29.99299929") != ["2: paid"])
  }

  @Test(arguments: [SettlementAnswer.accept, .dismiss])
  func `a difference is accepted or dismissed`(answer: SettlementAnswer) throws {
    let fixture = try PayoutFixture([("USDT", "Tron", Addresses.tron[0], "")])
    _ = try fixture.prepare(["USDT": "1"])
    func file(_ amount: String) -> String { "payment_id,txid,settled_at,fee_usd,amount\nP000001-0001,tx1,2026-11-23T04:30:00Z,0.49,\(amount)" }
    let kept = "2: kept, payment P000001-0001 waits for a person: the processor says that it paid 29.5 with tx1, where 29.99 USDT was locked"
    #expect(try fixture.settle(file("29.5")) == [kept])
    // While it is open, no row of the payment is taken, be it right.
    #expect(try fixture.settle(file("29.99")) == [kept])
    #expect(try fixture.answer(answer, 1) == (answer == .accept))
    #expect(try fixture.itemStates() == [answer == .accept ? "paid" : "prepared"])
    #expect(try fixture.store.read { try $0.stuckPayouts() } == 0)
    #expect(try fixture.settle(file("29.5")) == ["2: unchanged"])
    #expect(throws: AnswerRefusal.nothingKept(PaymentID(BatchID(1), 1))) { try fixture.answer(answer, 1) }
    // What was dismissed can be settled rightly yet.
    #expect(try fixture.settle(file("29.99")) == [answer == .accept ? "2: unchanged" : "2: paid"])
    #expect(try fixture.itemStates() == ["paid"])
    #expect(try fixture.column("SELECT fee_cents FROM payout_moves WHERE state_after = 'paid'") == ["49"])
    #expect(
      try fixture.column("SELECT event || ', ' || note FROM log WHERE event LIKE 'settlement%'") == [
        "settlement kept for a person, tx1", "settlement: \(answer.rawValue), asked",
      ])
    #expect(try fixture.findings() == [])
  }

  /// Money that left for what was taken back: nothing of it is prepared again until a person has answered.
  @Test(arguments: [SettlementAnswer.accept, .dismiss])
  func `paid although it was taken back`(answer: SettlementAnswer) throws {
    let fixture = try fixture(2)
    #expect(
      try fixture.settle("item_id,txid,settled_at,status\nR000000001,,,failed\nR000000002,tx2,2026-11-23T04:20:00Z,") == ["2: failed", "3: paid"])
    #expect(
      try fixture.settle("item_id,txid,settled_at\nR000000001,tx1,2026-11-23T04:30:00Z") == [
        "2: kept, payment P000001-0001 waits for a person: the processor says that it paid it with tx1, although it was taken back"
      ])
    #expect(
      try fixture.reasons(fixture.prepare(["LTC": "80"])) == [
        """
        R000000001: The processor says that it paid it with tx1, although it was taken back (H4); a person settles it with \
        'makegood payout settle --accept P000001-0001', or '--dismiss'.
        """
      ])
    #expect(try fixture.answer(answer, 1) == (answer == .accept))
    #expect(try fixture.store.read { try $0.stuckPayouts() } == 0)
    #expect(try fixture.findings() == [])
    if answer == .accept {
      #expect(try fixture.itemStates() == ["paid", "paid", "prepared"])
      #expect(try fixture.store.read { try $0.payoutStatuses(of: ItemID(1)) }.map(\.txid) == ["tx1"])
      #expect(try fixture.prepare(["LTC": "80"]).payments.isEmpty)
    } else {
      #expect(try fixture.prepare(["LTC": "80"]).payouts.map(\.item) == [ItemID(1)])
    }
    #expect(try fixture.settle("payment_id,txid,settled_at\nP000001-0001,TX1,2026-11-23T04:30:00Z").first?.hasPrefix("2: kept") == true)
    #expect(try fixture.settle("payment_id,txid,settled_at\nP000001-0001,tx1,2026-11-23T04:30:00Z") == ["2: unchanged"])
    #expect(try fixture.findings() == [])
  }

  /// What was taken back counts as paid only as it stands: approved, and worth what the batch paid.
  @Test func `what was taken back is paid only while it is approved`() throws {
    let fixture = try fixture(2)
    _ = try fixture.settle("item_id,txid,settled_at,status\nR000000001,,,failed\nR000000002,,,failed")
    _ = try fixture.prepare(["LTC": "80"], at: 3600)
    // A row from before the second batch is the first one's.
    #expect(
      try fixture.settle("item_id,txid,settled_at\nR000000001,tx1,2026-11-23T04:59:59Z", later: 7200) == [
        "2: kept, payment P000001-0001 waits for a person: the processor says that it paid it with tx1, although it was taken back"
      ])
    #expect(throws: AnswerRefusal.wrongState(PaymentID(BatchID(1), 1), ItemID(1), .prepared)) { try fixture.answer(.accept, 1) }
    #expect(try fixture.settle("payment_id,txid,settled_at,status\nP000002-0001,,,failed", later: 7200) == ["2: failed"])
    #expect(try fixture.answer(.accept, 1))
    #expect(try fixture.itemStates() == ["paid", "prepared", "prepared"])
    #expect(try fixture.findings() == [])
  }

  @Test func `a second transaction is cleared by a person`() throws {
    let fixture = try fixture(1)
    func row(_ txid: String) -> String { "item_id,txid,settled_at\nR000000001,\(txid),2026-11-23T04:30:00Z" }
    #expect(try fixture.settle(row("tx1")) == ["2: paid"])
    let kept = "2: kept, payment P000001-0001 waits for a person: the processor says that it paid it a second time, with "
    #expect(try fixture.settle(row("tx2")) == [kept + "tx2"])
    #expect(try fixture.settle(row("tx3")) == [kept + "tx3"])
    #expect(try fixture.settle(row("tx2")) == [kept + "tx2"])
    #expect(try fixture.store.read { try $0.stuckPayouts() } == 2)
    #expect(try fixture.settle("item_id,txid,settled_at,status\nR000000001,,,failed").first?.hasPrefix("2: refused") == true)
    #expect(try !fixture.answer(.dismiss, 1))
    #expect(try fixture.store.read { try $0.stuckPayouts() } == 0)
    for txid in ["tx1", "tx2", "tx3"] { #expect(try fixture.settle(row(txid)) == ["2: unchanged"]) }
    #expect(try fixture.findings() == [])
  }

  // A row belongs to one batch.

  /// The same file with a failed row, given again after the refund was prepared anew, takes nothing back.
  @Test(arguments: [
    ("item_id,txid,settled_at,status\nR000000001,,,failed", "2: stale, the row does not say which batch it is about: R000000001 is in"),
    (
      "item_id,txid,settled_at,status\nR000000001,,2026-11-23T04:10:00Z,failed",
      "2: stale, the row is of P000001-0001, which was settled before; its refund is in P000002-0001 now"
    ),
    ("payment_id,txid,settled_at,status\nP000001-0001,,,failed", "2: unchanged"),
  ])
  func `a failed row is taken once`(file: String, again: String) throws {
    let fixture = try fixture(1)
    #expect(try fixture.settle(file) == ["2: failed"])
    #expect(try fixture.settle(file) == ["2: unchanged"])
    #expect(try fixture.prepare(["LTC": "80"], at: 1800).payouts.map(\.item) == [ItemID(1)])
    for _ in 0..<2 { #expect(try fixture.settle(file).first?.hasPrefix(again) == true) }
    #expect(try fixture.itemStates() == ["prepared", "prepared"])
    #expect(try fixture.column("SELECT count(*) FROM payout_moves WHERE state_after = 'approved'") == ["1"])
    // One that says what it is about is taken.
    #expect(try fixture.settle("payment_id,txid,settled_at,status\nP000002-0001,,,failed") == ["2: failed"])
    #expect(try fixture.findings() == [])
  }

  /// One that was reopened, not failed: nothing says which batch the row means.
  @Test func `a failed row that may be of two batches is refused`() throws {
    let fixture = try fixture(1)
    try fixture.store.transaction { connection in
      let desk = try ReviewDesk(Reviewer("ann"), at: fixture.now, on: connection, restating: Reopening.restate)
      _ = try desk.decide(.reopen, ItemID(1), note: "why")
      _ = try desk.decide(.approve, ItemID(1), note: nil)
      try desk.finish()
      return (.commit, ())
    }
    #expect(try fixture.prepare(["LTC": "80"], at: 1800).payouts.map(\.item) == [ItemID(1)])
    #expect(
      try fixture.settle("item_id,txid,settled_at,status\nR000000001,,,failed") == [
        "2: refused, the row does not say which batch it is about: R000000001 is in P000001-0001 and P000002-0001"
      ])
  }

  /// To the second: a row settled when its batch was prepared is of it, one a second before of none.
  @Test(arguments: [("2026-11-23T04:00:00Z", true), ("2026-11-23T03:59:59Z", false), ("2026-11-23T04:59:59+01:00", false)])
  func `a row from before its batch is stale`(settledAt: String, isTaken: Bool) throws {
    for (columns, row) in [("payment_id", "P000001-0001"), ("item_id", "R000000001")] {
      for (status, word) in [("paid,tx1", "paid"), ("failed,", "failed")] {
        let fixture = try fixture(1)
        let outcome = try fixture.settle("\(columns),status,txid,settled_at\n\(row),\(status),\(settledAt)")
        let stale = "2: refused, the row is stale: settled_at 2026-11-23T03:59:59Z is before B000001 was prepared, 2026-11-23T04:00:00Z"
        #expect(outcome == [isTaken ? "2: \(word)" : stale])
        #expect(try fixture.itemStates() == [isTaken ? (word == "paid" ? "paid" : "approved") : "prepared", "prepared"])
      }
    }
  }

  @Test(arguments: [
    ("", "the file is empty"), ("a,b\n1,2\n", "neither column 'payment_id' nor 'item_id' is there"),
    ("item_id,txid,settled_at,txid\n", "column 'txid' stands twice"), ("payment_id;settled_at\n", "column 'txid' is missing"),
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

  @Test(arguments: [
    (";", "0,10", "29,99", "paid"), (";", "0.10", "29.99", "paid"), ("\t", "0,10", "29,99", "paid"), (",", "\"0,10\"", "29.99", "fee_usd"),
    (";", "0,1,0", "29,99", "fee_usd"), (";", "0,10", "2.999,00", "amount"), (",", "0.10", "\"29,99\"", "amount"),
  ])
  func `a decimal comma is one where commas do not separate`(separator: String, fee: String, amount: String, outcome: String) throws {
    let fixture = try PayoutFixture([("USDT", "Tron", Addresses.tron[0], "")])
    _ = try fixture.prepare(["USDT": "1"])
    let header = ["payment_id", "txid", "settled_at", "fee_usd", "amount"].joined(separator: separator)
    let row = ["P000001-0001", "tx1", "2026-11-23T04:30:00Z", fee, amount].joined(separator: separator)
    #expect(try fixture.settle("\(header)\n\(row)").first?.hasPrefix("2: \(outcome)") == true)
    if outcome == "paid" { #expect(try fixture.column("SELECT fee_cents FROM payout_moves WHERE state_after = 'paid'") == ["10"]) }
  }
}
