import Foundation
import Storage
import Testing

/// A database beside a write-ahead log: its own is taken in, any other is refused, and then not a byte changes.
@Suite struct `a log beside a database` {
  private static let migrations = [
    Store.Migration(name: "one", sql: "CREATE TABLE numbers (number INTEGER PRIMARY KEY, filling TEXT NOT NULL) STRICT")
  ]

  /// What is on the disk at one moment, as a crash would leave it, and what a reader must find in it.
  private struct Moment {
    var database: Data
    var log: Data
    var rows: [Int64]
    var step: String
  }

  private final class Folder {
    /// Memory where there is any: thousands of small databases are written and synced.
    let path = (FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()) + "/makegood-log-\(UUID().uuidString)"
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private static func rows(_ store: Store) throws -> [Int64] {
    try store.read { connection in
      let rows = try connection.prepare("SELECT number FROM numbers ORDER BY number")
      var numbers: [Int64] = []
      while try rows.step() { numbers.append(rows.int(0)) }
      return numbers
    }
  }

  private static func isWhole(_ store: Store) throws -> Bool {
    try store.read { connection in
      let rows = try connection.prepare("PRAGMA integrity_check")
      return try rows.step() && rows.text(0) == "ok"
    }
  }

  /// A ledger's life in steps: rows come, change and go; logs are taken in, begun anew and cut off; a first process ends and a second goes on.
  private static func moments(in folder: String, from first: Int64 = 1) throws -> [Moment] {
    let path = "\(folder)/a.db"
    if !FileManager.default.fileExists(atPath: path) { try Store.create(path: path, migrations: migrations) }
    var moments: [Moment] = []
    var next = first
    for _ in 0..<2 {
      let store = try Store(path: path, access: .existing, migrations: migrations)
      func keep(_ step: String) throws {
        moments.append(
          Moment(
            database: try Data(contentsOf: URL(fileURLWithPath: path)),
            log: FileManager.default.contents(atPath: path + "-wal") ?? Data(), rows: try rows(store), step: "\(moments.count) \(step)"))
      }
      func insert(_ count: Int64) throws {
        try store.transaction { connection in
          let insert = try connection.prepare("INSERT INTO numbers VALUES (?1, ?2)")
          for _ in 0..<count {
            try insert.bind(1, next)
            try insert.bind(2, String(repeating: "\(next) ", count: 300))
            try insert.run()
            next += 1
          }
          return (.commit, ())
        }
      }
      try keep("opened")
      for step in ["", "PASSIVE", "RESTART", "", "TRUNCATE"] {
        try insert(12)
        try keep("inserted")
        if !step.isEmpty {
          try store.read { try $0.execute("PRAGMA wal_checkpoint(\(step))") }
          try keep(step)
        }
        let before = next
        try store.transaction { connection in
          try connection.execute("DELETE FROM numbers WHERE number = \(before - 5)")
          return (.commit, ())
        }
        try keep("removed")
        try store.read { connection in
          try connection.commit { try connection.execute("UPDATE numbers SET filling = 'small' WHERE number = \(before - 1)") }
        }
        try keep("changed outside")
      }
      // What is not committed is nothing, however much of it is in the log.
      try store.transaction { connection in
        try connection.execute("PRAGMA cache_size = 4")
        try connection.execute(
          """
          WITH RECURSIVE n(n) AS (SELECT 1000000 UNION ALL SELECT n + 1 FROM n WHERE n < 1000400)
          INSERT INTO numbers SELECT n, hex(zeroblob(200)) FROM n
          """)
        try moments.append(
          Moment(
            database: Data(contentsOf: URL(fileURLWithPath: path)), log: Data(contentsOf: URL(fileURLWithPath: path + "-wal")),
            rows: moments.last?.rows ?? [], step: "\(moments.count) not committed"))
        return (.rollback, ())
      }
      try keep("rolled back")
    }
    return moments
  }

  /// Opens one moment's database beside another's log. Nil where that is refused; both files must be as they were then.
  private static func open(_ database: Data, beside log: Data, in folder: String) throws -> [Int64]? {
    let path = "\(folder)/mixed.db"
    for end in ["", "-wal", "-shm", "-lock"] { try? FileManager.default.removeItem(atPath: path + end) }
    try database.write(to: URL(fileURLWithPath: path))
    try log.write(to: URL(fileURLWithPath: path + "-wal"))
    do {
      let store = try Store(path: path, access: .existing, migrations: migrations)
      #expect(try isWhole(store))
      return try rows(store)
    } catch StorageError.strayLog(let stray, let real) {
      #expect(stray == real + "-wal")
      #expect(FileManager.default.contents(atPath: path) == database)
      #expect(FileManager.default.contents(atPath: path + "-wal") == log)
      #expect(!FileManager.default.fileExists(atPath: path + "-shm"))
      return nil
    }
  }

  /// Every moment's database beside every moment's log. Where both are of one moment it opens, as it was; where they are not it is refused, or what
  /// opens is what the log is of: nothing is ever mixed.
  @Test func `is the database's own, or refused`() throws {
    let folder = try Folder()
    let moments = try Self.moments(in: folder.path)
    #expect(moments.count > 40)
    var (opened, refused) = (0, 0)
    for left in moments {
      for right in moments {
        let found = try Self.open(left.database, beside: right.log, in: folder.path)
        if left.step == right.step {
          #expect(found == left.rows, "\(left.step)")
        } else if let found {
          opened += 1
          // A log of which nothing counts leaves the database as it is alone.
          let isRight = try found == right.rows || found == Self.open(left.database, beside: Data(), in: folder.path)
          #expect(isRight, "\(left.step) beside the log of \(right.step)")
        } else {
          refused += 1
        }
      }
    }
    #expect(opened > 0 && refused > moments.count * moments.count / 2)
  }

  /// The log of a ledger that lived on, beside a copy from which another life began.
  @Test func `of another life of the same ledger is refused`() throws {
    let (one, other) = (try Folder(), try Folder())
    let first = try Self.moments(in: one.path)
    let copy = try #require(first.first { $0.step.hasSuffix("TRUNCATE") })
    try copy.database.write(to: URL(fileURLWithPath: other.path + "/a.db"))
    let second = try Self.moments(in: other.path, from: 50_000)
    for right in second where right.log.count > 32 && !right.step.hasSuffix("not committed") {
      for left in [first[first.count - 1], first[0]] {
        #expect(try Self.open(left.database, beside: right.log, in: one.path) == nil, "\(left.step) beside the log of \(right.step)")
      }
    }
  }

  @Test func `that is a rollback journal is no makegood's`() throws {
    let folder = try Folder()
    let path = folder.path + "/a.db"
    try Store.create(path: path, migrations: Self.migrations)
    try Data().write(to: URL(fileURLWithPath: path + "-journal"))
    _ = try Store(path: path, access: .existing, migrations: Self.migrations)
    try Data("a journal".utf8).write(to: URL(fileURLWithPath: path + "-journal"))
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(throws: StorageError.strayLog(path: path + "-journal", database: path)) {
      try Store(path: path, access: .existing, migrations: Self.migrations)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }
}
