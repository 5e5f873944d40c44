import Foundation
import Ledger
import Night
import Payouts
import RefundPolicy
import Reports
import Storage
import Testing

extension PayoutFixture {
  /// What the night so many days after the first says of what is unpaid: `R000000001 sent 2026-11-22 policy: reason`.
  fileprivate func unpaid(closing days: Int64, after facts: [(name: String, lines: [String])] = []) throws -> [String] {
    try close(days, after: facts)
    return try unpaid(ofRun: store.read { try $0.lastRun()?.number ?? 0 })
  }

  fileprivate func unpaid(ofRun number: Int64) throws -> [String] {
    try store.read { connection in
      let run = try #require(try connection.recordedRun(RunID(number)))
      let path = try NightReport.write(run, from: connection, in: folder.appendingPathComponent(UUID().uuidString).path, beside: nil).path
      let lines = try String(contentsOfFile: path + "/unpaid.csv", encoding: .utf8).split(separator: "\n").dropFirst()
      return lines.map { line in
        // The reason alone has commas, and then it is quoted.
        let fields = line.split(separator: ",", maxSplits: 14, omittingEmptySubsequences: false)
        return "\(fields[0]) \(fields[3]) \(fields[4]) \(fields[5]): \(fields[14].filter { $0 != "\"" })"
      }
    }
  }

  fileprivate func review(by name: String, _ body: (ReviewDesk) throws -> Void) throws {
    try store.transaction { connection in
      let desk = try ReviewDesk(Reviewer(name), at: now, on: connection, restating: Reopening.restate)
      try body(desk)
      try desk.finish()
      return (.commit, ())
    }
  }
}

/// unpaid.csv, step by step; a run tells what was done up to it, also when its report is written again after all of it.
@Suite struct `why something is not paid yet` {
  private static let looksAtIt = "It is in no batch yet; the next 'payout prepare' looks at it."

  @Test func `by the wallet: prepared, sent, paid`() throws {
    let fixture = try PayoutFixture(Addresses.monero(1))
    let chain = StubChain()
    let first = try fixture.unpaid(ofRun: 1)
    #expect(first == ["R000000001 approved 2026-11-22 policy: \(Self.looksAtIt)"])
    _ = try fixture.prepare()
    let second = try fixture.unpaid(closing: 1)
    #expect(second == ["R000000001 prepared 2026-11-22 policy: In batch B000001, prepared on 2026-11-23; it waits to be sent."])
    try fixture.send(chain)
    let hash = try #require(chain.pool.keys.first)
    let third = try fixture.unpaid(closing: 2)
    #expect(third == ["R000000001 sent 2026-11-22 policy: Sent on 2026-11-23 from batch B000001 with \(hash); it waits for 10 blocks."])
    chain.mine(10)
    try fixture.send(chain)
    #expect(try fixture.unpaid(closing: 3) == [])
    for (run, lines) in [(Int64(1), first), (2, second), (3, third)] { #expect(try fixture.unpaid(ofRun: run) == lines) }
  }

  @Test func `stuck, and given up`() throws {
    let fixture = try PayoutFixture(Addresses.monero(1))
    let chain = StubChain()
    _ = try fixture.prepare()
    try fixture.send(chain)
    let hash = try #require(chain.pool.keys.first)
    chain.sweepInput(of: hash)
    try fixture.send(chain)
    let stuck = try fixture.unpaid(closing: 1)
    let place = "Sent on 2026-11-23 from batch B000001 with \(hash)"
    #expect(stuck == ["R000000001 sent 2026-11-22 policy: \(place); stuck: another transaction spent its inputs."])
    let lock = try RunLock(database: fixture.store.path)
    _ = try Cancelling.abandon(hash, network: "fakechain", chain, note: "swept", by: "ann", at: fixture.now, on: fixture.store, holding: lock)
    _ = consume lock
    let reason = "It was taken back from B000001 on 2026-11-23: swept; the next 'payout prepare' looks at it."
    #expect(try fixture.unpaid(closing: 2) == ["R000000001 approved 2026-11-22 policy: \(reason)"])
    #expect(try fixture.unpaid(ofRun: 2) == stuck)
  }

  @Test func `by the processor: waiting, failed, and paid although it was taken back`() throws {
    let fixture = try PayoutFixture([("LTC", "", "LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA", "")])
    _ = try fixture.prepare(["LTC": "80"])
    let waiting = "In batch B000001, prepared on 2026-11-23; it waits for what the processor did."
    #expect(try fixture.unpaid(closing: 1) == ["R000000001 prepared 2026-11-22 policy: \(waiting)"])
    _ = try fixture.settle("item_id,txid,settled_at,status,note\nR000000001,,,failed,no such wallet")
    let failed = "It was taken back from B000001 on 2026-11-23: no such wallet; the next 'payout prepare' looks at it."
    #expect(try fixture.unpaid(closing: 2) == ["R000000001 approved 2026-11-22 policy: \(failed)"])
    _ = try fixture.settle("item_id,txid,settled_at\nR000000001,tx1,2026-11-23T04:30:00Z")
    let conflict =
      "The processor says that it paid it with tx1, although it was taken back (H4); a person settles it with "
      + "'makegood payout settle --accept P000001-0001', or '--dismiss'."
    #expect(try fixture.unpaid(closing: 3) == ["R000000001 approved 2026-11-22 policy: \(conflict)"])
    #expect(try fixture.unpaid(ofRun: 3) == ["R000000001 approved 2026-11-22 policy: \(failed)"])
  }

  /// Of those that a batch leaves behind for the rate; what is wrong with an address is told with or without a batch.
  @Test func `left behind by a batch, until it is approved anew`() throws {
    let fixture = try PayoutFixture([
      ("XMR", "", Addresses.standard, ""), ("LTC", "", "LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA", ""), ("LTC", "", "", ""),
    ])
    _ = try fixture.prepare()
    let left = "R000000002 approved 2026-11-22 policy: There is no rate of LTC (H2). B000001 of 2026-11-23 left it behind."
    let none = "R000000003 approved 2026-11-22 policy: No address was given (H1)."
    #expect(try fixture.unpaid(closing: 1).dropFirst() == [left, none])
    try fixture.store.transaction { connection in
      let desk = try ReviewDesk(Reviewer("ann"), at: fixture.now.advanced(bySeconds: 60), on: connection, restating: Reopening.restate)
      _ = try desk.decide(.reopen, ItemID(2), note: "Look.")
      _ = try desk.decide(.approve, ItemID(2), note: nil)
      try desk.finish()
      return (.commit, ())
    }
    #expect(try fixture.unpaid(closing: 2).dropFirst() == ["R000000002 approved 2026-11-23 ann: \(Self.looksAtIt)", none])
    #expect(try fixture.unpaid(ofRun: 2).dropFirst() == [left, none])
  }

  @Test func `not owed any more, before and after it is prepared`() throws {
    let fixture = try PayoutFixture(Addresses.monero(2))
    let used = ["order_id,day,outbound_calls,outbound_sms,verifications", "O-1000,2026-11-16,1,0,0"]
    let notOwed = "R000000001 approved 2026-11-22 policy: " + PayoutObstacle.notOwed.sentence
    #expect(try fixture.unpaid(closing: 1, after: [("usage", used)]).first == notOwed)
    #expect(try fixture.unpaid(ofRun: 1).first == "R000000001 approved 2026-11-22 policy: \(Self.looksAtIt)")
    _ = try fixture.prepare(at: 86_400)
    let later = ["order_id,day,outbound_calls,outbound_sms,verifications", "O-1001,2026-11-16,1,0,0"]
    let prepared = "days of it are not owed any more; take it back, and approve it again if it is to be paid (N5)."
    #expect(
      try fixture.unpaid(closing: 2, after: [("usage", later)])
        == [notOwed, "R000000002 prepared 2026-11-22 policy: In batch B000001, prepared on 2026-11-24; \(prepared)"])
  }

  /// G1: two people; and what a person released is approved by the policy still.
  @Test func `approved by whom`() throws {
    let fixture = try PayoutFixture(Addresses.monero(1), worth: { _ in Cents(600_00) })
    try fixture.review(by: "Ann Lee") { _ = try $0.decide(.reopen, ItemID(1), note: "Look.") }
    try fixture.review(by: "Ann Lee") { _ = try $0.decide(.hold, ItemID(1), note: nil) }
    try fixture.review(by: "Bob") { _ = try $0.decide(.release, ItemID(1), note: nil) }
    #expect(try fixture.unpaid(closing: 1) == ["R000000001 approved 2026-11-23 policy: \(Self.looksAtIt)"])
  }
}
