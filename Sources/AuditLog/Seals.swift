public import RefundPolicy
public import Storage

/// The chain of seals: each act that changes the database (an import, a run, a person's review, new settings, a step of payouts) ends with a SHA-256 over all that
/// it wrote and over the seal before it. Who edits, removes or inserts anything later breaks the chain at that act.
public enum AuditSchema {
  public static let migration = Store.Migration(
    name: "audit 1",
    sql: """
      CREATE TABLE seals (
        seal_id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('origin', 'import', 'run', 'review', 'settings', 'payout')),
        -- The import's, run's, first review's or payout act's number; the instant from which settings hold; 1 for the origin.
        subject INTEGER NOT NULL,
        actor TEXT NOT NULL,
        sealed_at INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32)
      ) STRICT;
      CREATE UNIQUE INDEX seal_of_act ON seals (kind, subject);
      -- The last seal, told a second time: so that its removal shows.
      CREATE TABLE seal_head (one INTEGER PRIMARY KEY CHECK (one = 1), seal_id INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
      INSERT INTO seal_head VALUES (1, 0, zeroblob(32));

      CREATE TRIGGER seals_follow BEFORE INSERT ON seals
      WHEN NEW.seal_id <> (SELECT seal_id + 1 FROM seal_head)
      BEGIN SELECT RAISE(ABORT, 'a seal follows the last one'); END;
      CREATE TRIGGER seals_head AFTER INSERT ON seals
      BEGIN UPDATE seal_head SET seal_id = NEW.seal_id, hash = NEW.hash; END;
      CREATE TRIGGER seals_stay BEFORE DELETE ON seals BEGIN SELECT RAISE(ABORT, 'seals are never removed'); END;
      CREATE TRIGGER seals_fixed BEFORE UPDATE ON seals BEGIN SELECT RAISE(ABORT, 'seals are never changed'); END;
      CREATE TRIGGER seal_head_stays BEFORE DELETE ON seal_head BEGIN SELECT RAISE(ABORT, 'the head of the seals stays'); END;
      CREATE TRIGGER seal_head_follows BEFORE UPDATE ON seal_head
      WHEN NEW.seal_id <> OLD.seal_id + 1 OR NOT EXISTS (SELECT 1 FROM seals WHERE seal_id = NEW.seal_id AND hash = NEW.hash)
      BEGIN SELECT RAISE(ABORT, 'the head of the seals is the last seal'); END;

      \(LedgerOrigin.sql)
      """)
}

/// What an act is that a seal ends.
public enum SealKind: String, Sendable, CaseIterable {
  case origin
  case imported = "import"
  case run, review, settings, payout
}

/// A seal as it is stored.
public struct Seal: Hashable, Sendable {
  public var id: Int64
  public var kind: SealKind
  public var subject: Int64
  public var actor: String
  public var at: Instant
  public var hash: [UInt8]
}

extension Connection {
  /// Seals an act at the end of its transaction.
  ///
  /// - Parameter content: Adds everything that the act wrote, in an order that can be found again.
  public func seal(_ kind: SealKind, _ subject: Int64, by actor: String, at: Instant, content: (inout Fingerprint) throws -> Void) throws {
    let head = try prepare("SELECT seal_id, hash FROM seal_head")
    guard try head.step() else { throw StorageError.refused(why: "the head of the seals is gone; 'makegood verify' tells more") }
    let (last, before) = (head.int(0), head.blob(1))
    head.reset()
    let hash = try Seal.hash(after: before, kind, subject, by: actor, at: at, content: content)
    let insert = try prepare("INSERT INTO seals (seal_id, kind, subject, actor, sealed_at, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    try insert.bind(1, last + 1)
    try insert.bind(2, kind.rawValue)
    try insert.bind(3, subject)
    try insert.bind(4, actor)
    try insert.bind(5, at.seconds)
    try insert.bind(6, blob: hash)
    try insert.run()
  }

  /// Every seal, oldest first.
  public func eachSeal(_ body: (Seal) throws -> Void) throws {
    let rows = try prepare("SELECT seal_id, kind, subject, actor, sealed_at, hash FROM seals ORDER BY seal_id")
    while try rows.step() {
      guard let kind = SealKind(rawValue: rows.text(1)) else { throw StorageError.refused(why: "seal \(rows.int(0)) is of an unknown kind") }
      try body(
        Seal(id: rows.int(0), kind: kind, subject: rows.int(2), actor: rows.text(3), at: Instant(seconds: rows.int(4)), hash: rows.blob(5)))
    }
  }

  /// The number and hash of the last seal.
  public func sealHead() throws -> (id: Int64, hash: [UInt8])? {
    let row = try prepare("SELECT seal_id, hash FROM seal_head")
    return try row.step() ? (row.int(0), row.blob(1)) : nil
  }
}

extension Seal {
  /// What a seal's hash is: the seal before it, the act, and all that the act wrote.
  public static func hash(
    after before: [UInt8], _ kind: SealKind, _ subject: Int64, by actor: String, at: Instant, content: (inout Fingerprint) throws -> Void
  ) throws -> [UInt8] {
    var fingerprint = Fingerprint()
    fingerprint.add(blob: before)
    fingerprint.add(kind.rawValue)
    fingerprint.add(subject)
    fingerprint.add(actor)
    fingerprint.add(at.seconds)
    try content(&fingerprint)
    return fingerprint.finish()
  }
}
