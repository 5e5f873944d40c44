import AuditLog
import Foundation
import Hashing
public import RefundPolicy
public import Storage

/// What a ledger had done when it last did something, kept outside of the database: by it a ledger that was restored from a backup is recognised.
///
/// The chain of seals cannot tell: a backup is a whole chain, only a shorter one.
public struct Anchor: Hashable, Sendable {
  /// The hash of the ledger's first seal, in hexadecimal digits: every other ledger has another.
  public var ledger: String
  /// The number and hash of the last seal.
  public var seal: Int64
  public var hash: String
  public var sealedAt: Instant
  /// The numbers of the newest import, run, review, act of payouts, batch, transaction and item; 0 for none.
  public var imported: Int64
  public var run: Int64
  public var review: Int64
  public var act: Int64
  public var batch: Int64
  public var attempt: Int64
  public var item: Int64

  /// The text of an anchor's file.
  public var json: String {
    """
    {
      "ledger": "\(ledger)",
      "seal": \(seal),
      "hash": "\(hash)",
      "sealed_at": "\(sealedAt)",
      "import": \(imported),
      "run": \(run),
      "review": \(review),
      "payout_act": \(act),
      "batch": \(batch),
      "attempt": \(attempt),
      "item": \(item)
    }

    """
  }

  /// Reads an anchor's file; nil where it is not one, or not all of one.
  public init?(json text: String) {
    guard let parsed = try? JSONDecoder().decode(Stored.self, from: Data(text.utf8)), let sealedAt = Instant(written: parsed.sealed_at),
      [parsed.ledger, parsed.hash].allSatisfy(Anchor.isHash), parsed.seal >= 1,
      [parsed.import, parsed.run, parsed.review, parsed.payout_act, parsed.batch, parsed.attempt, parsed.item].allSatisfy({ $0 >= 0 })
    else { return nil }
    (ledger, seal, hash, self.sealedAt) = (parsed.ledger, parsed.seal, parsed.hash, sealedAt)
    (imported, run, review, act) = (parsed.import, parsed.run, parsed.review, parsed.payout_act)
    (batch, attempt, item) = (parsed.batch, parsed.attempt, parsed.item)
  }

  fileprivate init(ledger: String, seal: Int64, hash: String, at sealedAt: Instant, numbers: RawStatement) {
    (self.ledger, self.seal, self.hash, self.sealedAt) = (ledger, seal, hash, sealedAt)
    (imported, run, review, act) = (numbers.int(0), numbers.int(1), numbers.int(2), numbers.int(3))
    (batch, attempt, item) = (numbers.int(4), numbers.int(5), numbers.int(6))
  }

  private static func isHash(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private struct Stored: Decodable {
    var ledger, hash, sealed_at: String
    var seal, `import`, run, review, payout_act, batch, attempt, item: Int64
  }
}

extension Instant {
  /// `2026-11-23T04:00:00Z`, as ``description`` writes it.
  fileprivate init?(written text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 20, bytes[10] == UInt8(ascii: "T"), bytes[19] == UInt8(ascii: "Z"), bytes[13] == UInt8(ascii: ":"),
      bytes[16] == UInt8(ascii: ":"), let day = ServiceDay(text.prefix(10))
    else { return nil }
    func number(_ at: Int) -> Int64? { Int64(String(decoding: bytes[at..<at + 2], as: UTF8.self)) }
    guard let hour = number(11), let minute = number(14), let second = number(17), (0..<24).contains(hour), (0..<60).contains(minute),
      (0..<60).contains(second)
    else { return nil }
    self = day.start.advanced(bySeconds: hour * 3600 + minute * 60 + second)
  }
}

/// What an anchor says of the ledger that finds it.
public enum AnchorStanding: Hashable, Sendable {
  /// The ledger has done all that the anchor tells of, or a person has accepted what it lacks.
  case known
  /// The anchor's seal lies after the ledger's last one: the ledger was restored from a backup.
  case newer
  /// Another seal has the anchor's number: the ledger was restored from a backup, and has done something else since.
  case forked
  /// The anchor is of a ledger that began otherwise.
  case foreign
}

extension Connection {
  /// What this ledger has done so far; nil where it has done nothing.
  public func anchor() throws -> Anchor? {
    let seals = try prepare(
      """
      SELECT first.hash, last.seal_id, last.hash, last.sealed_at FROM seals AS first, seals AS last
      WHERE first.seal_id = (SELECT min(seal_id) FROM seals) AND last.seal_id = (SELECT max(seal_id) FROM seals)
      """)
    guard try seals.step() else { return nil }
    let numbers = try prepare(
      """
      SELECT (SELECT coalesce(max(import_id), 0) FROM imports), (SELECT coalesce(max(run_id), 0) FROM runs),
        (SELECT coalesce(max(review_id), 0) FROM reviews), (SELECT coalesce(max(act_id), 0) FROM payout_acts),
        (SELECT coalesce(max(batch_id), 0) FROM batches), (SELECT coalesce(max(attempt_id), 0) FROM attempts),
        max((SELECT coalesce(max(item_id), 0) FROM items), coalesce((SELECT last_item FROM sheets ORDER BY first_item DESC LIMIT 1), 0))
      """)
    guard try numbers.step() else { return nil }
    return Anchor(
      ledger: seals.blob(0).hexadecimal, seal: seals.int(1), hash: seals.blob(2).hexadecimal, at: seals.instant(3), numbers: numbers)
  }

  public func standing(of anchor: Anchor) throws -> AnchorStanding {
    let own = try prepare("SELECT hash FROM seals WHERE seal_id = ?1")
    try own.bind(1, anchor.seal)
    let isThere = try own.step()
    if isThere && own.blob(0).hexadecimal == anchor.hash { return .known }
    let accepted = try prepare("SELECT 1 FROM accepted_anchors WHERE hash = ?1")
    try accepted.bind(1, blob: anchor.hash.hexadecimalBytes)
    if try accepted.step() { return .known }
    let first = try prepare("SELECT hash FROM seals ORDER BY seal_id LIMIT 1")
    guard try first.step() else { return .newer }
    if first.blob(0).hexadecimal != anchor.ledger { return .foreign }
    return isThere ? .forked : .newer
  }
}

extension String {
  /// The bytes that an even number of hexadecimal digits stand for.
  var hexadecimalBytes: [UInt8] {
    let digits = utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }.map(UInt8.init)
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

extension Connection {
  /// Whether this ledger has prepared a batch, or a person has said that it is void.
  public func knows(_ batch: BatchID) throws -> Bool {
    try integer(
      "SELECT EXISTS (SELECT 1 FROM batches WHERE batch_id = ?1) OR EXISTS (SELECT 1 FROM void_batches WHERE batch_id = ?1)", batch.number) == 1
  }

  /// The folders of reports that this ledger has written to, by their real paths.
  public func reportFolders() throws -> [String] {
    let rows = try prepare("SELECT path FROM report_folders ORDER BY path")
    var paths: [String] = []
    while try rows.step() { paths.append(rows.text(0)) }
    return paths
  }

  /// Remembers a folder of reports by its real path.
  public func note(reportFolder path: String) throws {
    let known = try prepare("SELECT 1 FROM report_folders WHERE path = ?1")
    try known.bind(1, path)
    if try known.step() { return }
    known.reset()
    let insert = try prepare("INSERT INTO report_folders (path) VALUES (?1)")
    try insert.bind(1, path)
    try commit { try insert.run() }
  }

  /// The number of the next batch: never one that stands on a folder already, also where this ledger does not know of it (any more).
  public func nextBatch() throws -> BatchID {
    BatchID(
      try integer(
        """
        SELECT 1 + max(
          (SELECT coalesce(max(batch_id), 0) FROM batches), (SELECT coalesce(max(batch_id), 0) FROM void_batches),
          (SELECT coalesce(max(batch_number), 0) FROM accepted_anchors))
        """))
  }

  /// The number of the next transaction, by the same rule.
  func nextAttempt() throws -> Int64 {
    try integer(
      """
      SELECT 1 + max((SELECT coalesce(max(attempt_id), 0) FROM attempts), (SELECT coalesce(max(attempt_number), 0) FROM accepted_anchors))
      """)
  }

  /// The batches that the newest act is about; none where the ledger did something else since.
  public func batchesOfLastAct() throws -> [BatchID] {
    let rows = try prepare(
      """
      WITH last(act) AS (SELECT subject FROM seals WHERE kind = 'payout' AND seal_id = (SELECT seal_id FROM seal_head))
      SELECT batch_id FROM batches WHERE act_id IN last UNION SELECT batch_id FROM payout_moves WHERE act_id IN last
      UNION SELECT batch_id FROM settlement_questions WHERE act_id IN last
      UNION SELECT batch_id FROM settlement_answers AS w JOIN settlement_questions USING (question_id) WHERE w.act_id IN last UNION SELECT batch_id FROM attempts WHERE act_id IN last
      UNION SELECT batch_id FROM attempt_steps AS s JOIN attempts AS a USING (attempt_id) WHERE s.act_id IN last ORDER BY batch_id
      """)
    var batches: [BatchID] = []
    while try rows.step() { batches.append(BatchID(rows.int(0))) }
    return batches
  }
}
