public import RefundPolicy
public import Storage

/// The chain of seals: each act that changes the database (an import, a run, a person's review, new settings, a step of payouts) ends with a
/// seal. Its hash is over the seal before it, over all that the act wrote (`content`), and over what the tables hold after it (`state`).
///
/// So the chain can be followed without reading what acts wrote, one act can be checked without the others, and one row without the rest of
/// its table (``DigestTree``). Who edits, removes or inserts anything later breaks one of the three.
public enum AuditSchema {
  public static let migration = Store.Migration(
    name: "audit 1",
    sql: """
      CREATE TABLE seals (
        seal_id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('origin', 'import', 'run', 'review', 'settings', 'payout', 'look')),
        -- The import's, run's, first review's payout act's or look's number; the instant from which settings hold; 1 for the origin.
        subject INTEGER NOT NULL,
        actor TEXT NOT NULL,
        -- The system user and host that the program ran as: user@host.
        machine TEXT NOT NULL,
        sealed_at INTEGER NOT NULL,
        -- Of all that the act wrote.
        content BLOB NOT NULL CHECK (length(content) = 32),
        -- Of all rows of state_roots after it.
        state BLOB NOT NULL CHECK (length(state) = 32),
        -- Of all these columns, and of the hash before it.
        hash BLOB NOT NULL CHECK (length(hash) = 32)
      ) STRICT;
      CREATE UNIQUE INDEX seal_of_act ON seals (kind, subject);
      -- The last seal, told a second time: so that its removal shows.
      CREATE TABLE seal_head (one INTEGER PRIMARY KEY CHECK (one = 1), seal_id INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
      INSERT INTO seal_head VALUES (1, 0, zeroblob(32));

      -- What each table that decides about money comes to: its rows counted, and the root of the digests of all of them. The last seal is over
      -- these.
      CREATE TABLE state_roots (
        tree INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        row_count INTEGER NOT NULL,
        levels INTEGER NOT NULL CHECK (levels BETWEEN 0 AND 15),
        root BLOB NOT NULL
      ) STRICT;
      -- Digests of rows, 64 to a page, and of pages: tree * 2^40 + level * 2^36 + the page's number in its level.
      CREATE TABLE digest_pages (page INTEGER PRIMARY KEY, digests BLOB NOT NULL) STRICT;

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
  /// Somebody looked at the exceptions.
  case look
}

/// A seal as it is stored.
public struct Seal: Hashable, Sendable {
  public var id: Int64
  public var kind: SealKind
  public var subject: Int64
  public var actor: String
  /// The system user and host that the program ran as: `user@host`.
  public var machine: String
  public var at: Instant
  /// Of all that the act wrote.
  public var content: [UInt8]
  /// Of the roots of all tables after it.
  public var state: [UInt8]
  public var hash: [UInt8]

  static let columns = "seal_id, kind, subject, actor, machine, sealed_at, content, state, hash"

  /// - Parameter row: ``columns``.
  init(_ row: RawStatement) throws {
    guard let kind = SealKind(rawValue: row.text(1)) else { throw Damage("seal \(row.int(0))", "it is of an unknown kind") }
    (id, self.kind, subject, actor, machine, at) = (row.int(0), kind, row.int(2), row.text(3), row.text(4), row.instant(5))
    (content, state, hash) = (row.blob(6), row.blob(7), row.blob(8))
  }

  init(
    id: Int64, kind: SealKind, subject: Int64, actor: String, machine: String, at: Instant, content: [UInt8], state: [UInt8], after before: [UInt8]
  ) {
    (self.id, self.kind, self.subject, self.actor, self.machine, self.at) = (id, kind, subject, actor, machine, at)
    (self.content, self.state, hash) = (content, state, [])
    hash = hash(after: before)
  }

  /// What its hash must be behind the hash of the seal before it.
  public func hash(after before: [UInt8]) -> [UInt8] {
    var fingerprint = Fingerprint()
    fingerprint.add(blob: before)
    fingerprint.add(kind.rawValue)
    fingerprint.add(subject)
    fingerprint.add(actor)
    fingerprint.add(machine)
    fingerprint.add(at.seconds)
    fingerprint.add(blob: content)
    fingerprint.add(blob: state)
    return fingerprint.finish()
  }

  /// The digest of all that an act wrote.
  public static func content(_ body: (inout Fingerprint) throws -> Void) rethrows -> [UInt8] {
    var fingerprint = Fingerprint()
    try body(&fingerprint)
    return fingerprint.finish()
  }

  static let genesis = [UInt8](repeating: 0, count: 32)
}

extension Connection {
  /// Seals an act at the end of its transaction.
  ///
  /// - Parameter content: Adds everything that the act wrote, in an order that can be found again.
  /// - Throws: ``Damage`` where the last seal, or what it says of the state, was changed: nothing may be built on it.
  public func seal(
    _ kind: SealKind, _ subject: Int64, by actor: String, at: Instant, content: (inout Fingerprint) throws -> Void
  ) throws {
    let last = try checkedState()
    try takeOverRoots()
    let seal = Seal(
      id: (last?.id ?? 0) + 1, kind: kind, subject: subject, actor: actor, machine: SystemUser.current.description, at: at,
      content: try Seal.content(content),
      state: try stateDigest(), after: last?.hash ?? Seal.genesis)
    let insert = try prepare("INSERT INTO seals (\(Seal.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
    try insert.bind(1, seal.id)
    try insert.bind(2, seal.kind.rawValue)
    try insert.bind(3, seal.subject)
    try insert.bind(4, seal.actor)
    try insert.bind(5, seal.machine)
    try insert.bind(6, seal.at.seconds)
    try insert.bind(7, blob: seal.content)
    try insert.bind(8, blob: seal.state)
    try insert.bind(9, blob: seal.hash)
    try insert.run()
  }

  /// The last seal, checked: it is the one that `seal_head` names, its hash is of what it says and of the seal before it, and the roots of all
  /// tables are those that it is over. Nil before the first.
  ///
  /// - Throws: ``Damage``.
  @discardableResult public func checkedState() throws -> Seal? {
    guard let head = try sealHead() else { throw Damage("seal_head", "it is missing") }
    let rows = try prepare("SELECT \(Seal.columns) FROM seals ORDER BY seal_id DESC LIMIT 2")
    guard try rows.step() else {
      if head.id != 0 || head.hash != Seal.genesis { throw Damage("seal \(head.id)", "it was the last one, and is not there") }
      if try stateDigest() != Connection.emptyState { throw Damage("state_roots", "they are of no seal") }
      return nil
    }
    let last = try Seal(rows)
    let before = try rows.step() ? Seal(rows).hash : Seal.genesis
    guard head.id == last.id, head.hash == last.hash else {
      throw Damage("seal \(head.id)", "it was the last one, and is not there as it was")
    }
    guard last.hash(after: before) == last.hash else { throw Damage("seal \(last.id)", "it is not as the program left it") }
    guard try stateDigest() == last.state else { throw Damage("state_roots", "they are not those that seal \(last.id) is over") }
    return last
  }

  private static let emptyState = Fingerprint().finish()

  /// Every seal, oldest first.
  ///
  /// - Throws: ``Damage`` at one of an unknown kind.
  public func eachSeal(from first: Int64 = 1, _ body: (Seal) throws -> Void) throws {
    let rows = try prepare("SELECT \(Seal.columns) FROM seals WHERE seal_id >= ?1 ORDER BY seal_id")
    try rows.bind(1, first)
    while try rows.step() { try body(Seal(rows)) }
  }

  /// The seal of an act; nil where there is none.
  public func seal(of kind: SealKind, _ subject: Int64) throws -> Seal? {
    let row = try prepare("SELECT \(Seal.columns) FROM seals WHERE kind = ?1 AND subject = ?2")
    try row.bind(1, kind.rawValue)
    try row.bind(2, subject)
    return try row.step() ? Seal(row) : nil
  }

  /// The number and hash of the last seal.
  public func sealHead() throws -> (id: Int64, hash: [UInt8])? {
    let row = try prepare("SELECT seal_id, hash FROM seal_head WHERE one = 1")
    return try row.step() ? (row.int(0), row.blob(1)) : nil
  }

  /// Whether each seal from one on is over the seal before it, without a gap, and the last one over the tables' state.
  ///
  /// What acts wrote is not read: about a microsecond a seal.
  public func chainFindings(from first: Int64 = 1) throws -> [Finding] {
    var findings: [Finding] = []
    var before = Seal.genesis
    var next = first
    if first > 1 {
      let row = try prepare("SELECT hash FROM seals WHERE seal_id = ?1")
      try row.bind(1, first - 1)
      if try row.step() { before = row.blob(0) } else { findings.append(Finding("seal \(first - 1)", "it is missing")) }
    }
    do {
      try eachSeal(from: first) { seal in
        if seal.id != next { findings.append(Finding("seal \(next)", "it is missing")) }
        if seal.hash(after: before) != seal.hash {
          findings.append(Finding("seal \(seal.id), of \(seal.act)", "it, or the seal before it, was changed afterwards"))
        }
        (before, next) = (seal.hash, seal.id + 1)
      }
      if findings.isEmpty { try checkedState() }
    } catch let damage as Damage {
      findings += damage.findings
    }
    return findings
  }
}

extension Seal {
  /// What it is over, in words.
  public var act: String {
    switch kind {
    case .origin: "the ledger's origin"
    case .imported: "import \(subject)"
    case .run: "run \(subject)"
    case .review: "reviews from number \(subject) on, by \(actor)"
    case .settings: "settings of \(Instant(seconds: subject))"
    case .payout: "payout act \(subject), by \(actor)"
    case .look: "look \(subject) at the exceptions, by \(actor)"
    }
  }
}

extension RawStatement {
  fileprivate func instant(_ column: Int) -> Instant { Instant(seconds: int(column)) }
}
