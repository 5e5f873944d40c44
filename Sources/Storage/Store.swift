import CSQLite
import Synchronization

/// The database file: opened with the durability the ledger needs, and with one writer at a time.
public final class Store: Sendable {
  /// Bytes of a page of the file: orders and items lie in rows of about a page. Measured: with twice SQLite's own 4096 a heavy night and a first import
  /// take some 5 to 8 % less time.
  public static let pageSize = 8192

  public let path: String
  private let database: Database
  private let held: HeldFile
  private let statements = StatementCache()
  private let besides = Mutex<[Beside]>([])
  private let schema: PristineSchema

  deinit {
    // Those that only read go first: the last one takes the write-ahead log into the database.
    besides.withLock { $0 = [] }
    statements.close()
  }

  /// How a database file is opened.
  public enum Access: Sendable {
    /// The file must be a ledger.
    case existing
    /// The file must be a ledger, and nothing is written to it.
    case readOnly
    /// The file is new and nobody knows it yet: it is made durable when it is complete.
    case building
  }

  /// Opens the database and brings its schema up to date. A file that is no ledger is refused before anything is written to it.
  ///
  /// - Parameter migrations: The whole schema, oldest migration first.
  /// - Throws: ``StorageError``.
  public init(path: String, access: Access, migrations: [Migration]) throws {
    let file = access == .building ? path : try LedgerFile.locate(path)
    held = try HeldFile(file)
    if access != .building {
      try LedgerFile.checkHeader(of: held.descriptor, path)
      try WriteAheadLog.check(beside: file, held.descriptor)
    }
    self.path = file
    schema = PristineSchema(migrations)
    do {
      database = try Database(path: file, access == .readOnly ? .readOnly : access == .building ? .creating : .readWrite)
      try database.execute("PRAGMA foreign_keys = ON")
      switch access {
      case .readOnly: break
      case .building:
        try database.execute(
          """
          PRAGMA page_size = \(Store.pageSize); PRAGMA application_id = \(LedgerFile.applicationID);
          PRAGMA journal_mode = memory; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384; PRAGMA temp_store = FILE
          """)
      case .existing:
        // A committed night must survive a power cut: both are read back, not believed.
        let journal = try database.text("PRAGMA journal_mode = wal") ?? ""
        try database.execute("PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA temp_store = FILE")
        let synchronous = try database.integer("PRAGMA synchronous") ?? -1
        guard synchronous == 2, journal == "wal" else {
          throw StorageError.inputOutput(path: path, why: "journal_mode is \(journal), synchronous is \(synchronous); wal and 2 are needed")
        }
      }
      try migrate(migrations, access: access)
    } catch let error as SQLiteError {
      throw StorageError(error, path: path)
    }
  }

  /// One step of the schema.
  public struct Migration: Sendable {
    public let name: String
    public let sql: String

    public init(name: String, sql: String) { (self.name, self.sql) = (name, sql) }
  }

  /// Takes the steps of the schema that a database has not taken yet; it keeps their number as the last byte of its `user_version`.
  private func migrate(_ migrations: [Migration], access: Access) throws {
    let taken = WriteAheadLog.schema(try database.integer("PRAGMA user_version") ?? 0)
    if taken > migrations.count { throw StorageError.notOurs(path: path, why: "it was written by another version of this program") }
    if taken == migrations.count { return }
    if access == .readOnly { throw StorageError.notOurs(path: path, why: "its schema is older than this program") }
    try database.migrate(migrations, from: taken, on: WriteAheadLog.header(of: held.descriptor, path))
  }

  /// The last step of building: everything is in the file itself, and later openings find it in WAL mode.
  func finishBuilding() throws {
    try mapped {
      try database.execute("PRAGMA journal_mode = wal")
      statements.close()
      try database.close()
    }
  }

  /// Reads without a transaction of its own; for queries that need one view of everything use ``transaction(_:)``.
  public func read<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    try mapped { try database.use { try body(Connection(database, statements, held, schema)) } }
  }

  /// Reads on a connection of its own, on any thread, while a transaction may go on: it sees what was committed before, and nothing that is
  /// committed meanwhile.
  public func readBeside<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    try mapped {
      let beside = try besides.withLock { $0.popLast() } ?? Beside(path)
      let result = try beside.database.snapshot { try body(Connection(beside.database, beside.statements, held, schema)) }
      besides.withLock { $0.append(beside) }
      return result
    }
  }

  /// A connection that reads beside. Reading the schema costs as much as some hundred pages: threads take those that others have left.
  private final class Beside: Sendable {
    let database: Database
    let statements = StatementCache()

    init(_ path: String) throws {
      database = try Database(path: path, .readOnly)
      // Pages are read once: to keep more of them takes memory, and no less time.
      try database.execute("PRAGMA cache_size = 24")
    }

    deinit { statements.close() }
  }

  /// How a transaction ends when its body returns.
  public enum Ending: Sendable { case commit, rollback }

  /// Runs `body` in one immediate transaction: all of it is in the database afterwards, or nothing.
  public func transaction<Result>(_ body: (Connection) throws -> (Ending, Result)) throws -> Result {
    try mapped {
      try database.use {
        try database.execute("BEGIN IMMEDIATE")
        do {
          let connection = try Connection(database, statements, held, schema)
          try connection.mark()
          let (ending, result) = try body(connection)
          // After some failures of memory or disk SQLite has rolled back by itself, and what followed would have been kept piece by piece.
          guard database.isInTransaction else {
            throw StorageError.inputOutput(path: path, why: "SQLite ended the transaction after an error; nothing of it is kept")
          }
          try database.execute(ending == .commit ? "COMMIT" : "ROLLBACK")
          return result
        } catch {
          if database.isInTransaction { try? database.execute("ROLLBACK") }
          throw error
        }
      }
    }
  }

  private func mapped<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as SQLiteError { throw StorageError(error, path: path) }
  }
}

/// A connection inside ``Store/read(_:)`` or ``Store/transaction(_:)``; not to be kept beyond it.
@safe public struct Connection: StatementSource {
  private let database: Database
  private let handle: OpaquePointer
  private let statements: StatementCache
  private let file: HeldFile
  let schema: PristineSchema

  init(_ database: Database, _ statements: StatementCache, _ file: HeldFile, _ schema: PristineSchema) throws {
    guard let handle = unsafe database.handle else { throw StorageError.refused(why: "the connection is closed") }
    unsafe (self.database, self.handle) = (database, handle)
    (self.statements, self.file, self.schema) = (statements, file, schema)
  }

  /// Begins a transaction so that its log can be told from another database's (``WriteAheadLog``).
  func mark() throws {
    let header = try WriteAheadLog.header(of: file.descriptor, "the database")
    let version = try database.integer("PRAGMA user_version") ?? 0
    try database.execute("PRAGMA user_version = \(WriteAheadLog.mark(of: header, schema: version))")
  }

  /// Writes something small outside of a transaction, in one of its own.
  public func commit(_ body: () throws -> Void) throws {
    if database.isInTransaction { return try body() }
    try database.execute("BEGIN IMMEDIATE")
    do {
      try mark()
      try body()
      try database.execute("COMMIT")
    } catch {
      if database.isInTransaction { try? database.execute("ROLLBACK") }
      throw error
    }
  }

  /// Prepares a statement for the hot path.
  public func prepare(_ sql: String) throws -> RawStatement { unsafe RawStatement(sql, on: handle, cache: statements) }

  /// Runs statements that give no rows, separated by semicolons.
  public func execute(_ sql: String) throws { try database.execute(sql) }
}
