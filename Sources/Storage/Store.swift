import Foundation
public import GRDB
import GRDBSQLite
import SQLiteSetup
import Synchronization

/// The database file: opened with the durability the ledger needs, and with one writer at a time.
public final class Store: Sendable {
  /// Bytes of a page of the file: orders and items lie in rows of about a page. Measured: with twice SQLite's own 4096 a heavy night and a first import
  /// take some 5 to 8 % less time.
  public static let pageSize = 8192

  public let path: String
  private let queue: DatabaseQueue
  private let held: HeldFile
  private let statements = StatementCache()
  private let besides = Mutex<[Beside]>([])

  private static let setup = sqlite_setup()

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
    // Where SQLite was in use already it works as ever, only slower.
    _ = Store.setup
    let file = access == .building ? path : try LedgerFile.locate(path)
    held = try HeldFile(file)
    if access != .building { try LedgerFile.checkHeader(of: held.descriptor, path) }
    var configuration = Configuration()
    configuration.label = "makegood"
    configuration.readonly = access == .readOnly
    configuration.foreignKeysEnabled = true
    // Asking GRDB for WAL would write to the file at every opening, a dry run's too.
    configuration.journalMode = .default
    configuration.busyMode = .timeout(5)
    do {
      self.queue = try DatabaseQueue(path: file, configuration: configuration)
      self.path = file
      try queue.inDatabase { db in
        // It counts for a file with nothing in it yet.
        if access != .readOnly { try db.execute(sql: "PRAGMA page_size = \(Store.pageSize)") }
        if access == .building {
          try db.execute(sql: "PRAGMA application_id = \(LedgerFile.applicationID)")
          try db.execute(sql: "PRAGMA journal_mode = memory; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384; PRAGMA temp_store = FILE")
        } else if access != .readOnly {
          // A committed night must survive a power cut: both are read back, not believed.
          let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode = wal") ?? ""
          try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA temp_store = FILE")
          let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
          guard synchronous == 2, journal == "wal" else {
            throw StorageError.inputOutput(path: path, why: "journal_mode is \(journal), synchronous is \(synchronous); wal and 2 are needed")
          }
        }
      }
      try migrate(migrations, access: access)
    } catch let error as DatabaseError {
      throw StorageError(error, path: path)
    }
  }

  /// One step of the schema; its name is stored when it has been taken.
  public struct Migration: Sendable {
    public let name: String
    public let sql: String

    public init(name: String, sql: String) { (self.name, self.sql) = (name, sql) }
  }

  static func migrator(_ migrations: [Migration]) -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for migration in migrations {
      migrator.registerMigration(migration.name) { db in try db.execute(sql: migration.sql) }
    }
    return migrator
  }

  private func migrate(_ migrations: [Migration], access: Access) throws {
    let migrator = Store.migrator(migrations)
    let (superseded, complete) = try queue.inDatabase { db in
      (try migrator.hasBeenSuperseded(db), try migrator.hasCompletedMigrations(db))
    }
    if superseded { throw StorageError.notOurs(path: path, why: "it was written by another version of this program") }
    if complete { return }
    guard try access == .building || queue.inDatabase({ try $0.tableExists("grdb_migrations") }) else {
      throw StorageError.notOurs(path: path, why: "it holds other tables")
    }
    if access == .readOnly { throw StorageError.notOurs(path: path, why: "its schema is older than this program") }
    try migrator.migrate(queue)
  }

  /// The last step of building: everything is in the file itself, and later openings find it in WAL mode.
  func finishBuilding() throws {
    try mapped {
      try queue.inDatabase { db in try db.execute(sql: "PRAGMA journal_mode = wal") }
      statements.close()
      try queue.close()
    }
  }

  /// Reads without a transaction of its own; for queries that need one view of everything use ``transaction(_:)``.
  public func read<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    try mapped { try queue.inDatabase { try body(Connection($0, statements)) } }
  }

  /// Reads on a connection of its own, on any thread, while a transaction may go on: it sees what was committed before, and nothing that is
  /// committed meanwhile.
  public func readBeside<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    try mapped {
      let beside = try besides.withLock { $0.popLast() } ?? Beside(path)
      let result = try beside.queue.read { try body(Connection($0, beside.statements)) }
      besides.withLock { $0.append(beside) }
      return result
    }
  }

  /// A connection that reads beside. Reading the schema costs as much as some hundred pages: threads take those that others have left.
  private final class Beside: Sendable {
    let queue: DatabaseQueue
    let statements = StatementCache()

    init(_ path: String) throws {
      var configuration = Configuration()
      configuration.label = "makegood beside"
      configuration.readonly = true
      configuration.busyMode = .timeout(5)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      // Pages are read once: to keep more of them takes memory, and no less time.
      try queue.inDatabase { db in try db.execute(sql: "PRAGMA cache_size = 24") }
    }

    deinit { statements.close() }
  }

  /// How a transaction ends when its body returns.
  public enum Ending: Sendable { case commit, rollback }

  /// Runs `body` in one immediate transaction: all of it is in the database afterwards, or nothing.
  public func transaction<Result>(_ body: (Connection) throws -> (Ending, Result)) throws -> Result {
    try mapped {
      var result: Result?
      try queue.inDatabase { db in
        try db.inTransaction(.immediate) {
          let (ending, value) = try body(Connection(db, statements))
          result = value
          return ending == .commit ? .commit : .rollback
        }
      }
      guard let result else { throw StorageError.refused(why: "a transaction ended without its result") }
      return result
    }
  }

  private func mapped<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as DatabaseError { throw StorageError(error, path: path) }
  }
}

/// A connection inside ``Store/read(_:)`` or ``Store/transaction(_:)``; not to be kept beyond it.
@safe public struct Connection: StatementSource {
  /// For small queries.
  public let grdb: Database
  private let handle: OpaquePointer
  private let statements: StatementCache

  init(_ grdb: Database, _ statements: StatementCache) throws {
    guard let handle = unsafe grdb.sqliteConnection else { throw StorageError.refused(why: "the connection is closed") }
    unsafe (self.grdb, self.handle) = (grdb, handle)
    self.statements = statements
  }

  /// Prepares a statement for the hot path.
  public func prepare(_ sql: String) throws -> RawStatement { unsafe RawStatement(sql, on: handle, cache: statements) }

  public func execute(_ sql: String) throws { try grdb.execute(sql: sql) }
}
