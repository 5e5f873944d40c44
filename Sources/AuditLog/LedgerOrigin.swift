public import RefundPolicy
public import Storage

/// When a ledger was made, and under which clock. Written once, before anything else, and sealed.
public struct LedgerOrigin: Hashable, Sendable {
  /// The clock that a ledger was made under.
  public enum Clock: String, Sendable, CaseIterable {
    /// The machine's own.
    case real
    /// One that `MAKEGOOD_NOW` pretended: the ledger is a rehearsal for good, and is never paid on a main net.
    case pretended
  }

  public var madeAt: Instant
  public var clock: Clock
  /// 16 bytes that no other ledger has: anchors know a ledger by the seal over them.
  public var id: [UInt8]

  public init(madeAt: Instant, clock: Clock, id: [UInt8]) { (self.madeAt, self.clock, self.id) = (madeAt, clock, id) }

  /// Of a ledger that is being made at a path: random, but for a rehearsal, which has to come out the same each time.
  public init(madeAt: Instant, clock: Clock, at path: String) {
    self.init(madeAt: madeAt, clock: clock, id: [])
    switch clock {
    case .real:
      var generator = SystemRandomNumberGenerator()
      id = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    case .pretended:
      var fingerprint = Fingerprint()
      fingerprint.add(path)
      id = fingerprint.short()
    }
  }

  static let sql = """
    -- When the ledger was made, and whether its clock was the machine's own: one that was made under a pretended clock is a rehearsal for good.
    CREATE TABLE ledger_origin (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      made_at INTEGER NOT NULL,
      clock TEXT NOT NULL CHECK (clock IN ('real', 'pretended')),
      -- No other ledger has the same.
      ledger_id BLOB NOT NULL CHECK (length(ledger_id) = 16)
    ) STRICT;
    CREATE TRIGGER ledger_origin_first BEFORE INSERT ON ledger_origin
    WHEN EXISTS (SELECT 1 FROM seals) OR EXISTS (SELECT 1 FROM ledger_origin)
    BEGIN SELECT RAISE(ABORT, 'a ledger is stamped once, when it is made'); END;
    CREATE TRIGGER ledger_origin_stays BEFORE DELETE ON ledger_origin
    BEGIN SELECT RAISE(ABORT, 'the origin of the ledger is never removed'); END;
    CREATE TRIGGER ledger_origin_fixed BEFORE UPDATE ON ledger_origin
    BEGIN SELECT RAISE(ABORT, 'the origin of the ledger is never changed'); END;

    """
}

/// What the seal of the origin is over.
public enum OriginContent {
  public static func add(from connection: Connection, to fingerprint: inout Fingerprint) throws {
    let row = try connection.prepare("SELECT * FROM ledger_origin")
    while try row.step() { fingerprint.add(row: row) }
  }
}

extension Connection {
  /// Stamps a ledger that is being made: the first thing written to it.
  ///
  /// - Throws: ``StorageError/refused(why:)`` where it has a stamp, or anything else was written before.
  public func stampOrigin(_ origin: LedgerOrigin) throws {
    let insert = try prepare("INSERT INTO ledger_origin (one, made_at, clock, ledger_id) VALUES (1, ?1, ?2, ?3)")
    try insert.bind(1, origin.madeAt.seconds)
    try insert.bind(2, origin.clock.rawValue)
    try insert.bind(3, blob: origin.id)
    try insert.run()
    try seal(.origin, 1, by: "makegood", at: origin.madeAt) { try OriginContent.add(from: self, to: &$0) }
  }

  /// How the ledger was made; nil where its stamp is gone, or was never there.
  public func origin() throws -> LedgerOrigin? {
    let row = try prepare("SELECT made_at, clock, ledger_id FROM ledger_origin")
    guard try row.step(), let clock = LedgerOrigin.Clock(rawValue: row.text(1)) else { return nil }
    return LedgerOrigin(madeAt: Instant(seconds: row.int(0)), clock: clock, id: row.blob(2))
  }
}
