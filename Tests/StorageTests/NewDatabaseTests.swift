import Foundation
import Storage
import Testing

/// A new database appears whole or not at all.
@Suite struct `a new database` {
  private static let migrations = [Store.Migration(name: "one", sql: "CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")]

  private static func withFolder<Result>(_ body: (_ folder: String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-new-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }

  private static func fill(_ store: Store) throws {
    try store.transaction { connection in
      try connection.execute(
        "WITH RECURSIVE all_of(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM all_of WHERE n < 100000) INSERT INTO numbers SELECT n FROM all_of")
      return (.commit, ())
    }
  }

  @Test func `is there, and nothing beside it, when all ended well`() throws {
    try Self.withFolder { folder in
      let told = try Store.create(path: "\(folder)/a.db", migrations: Self.migrations) { store in
        try Self.fill(store)
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/a.db"))
        return "done"
      }
      #expect(told == "done")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.db"])
      let store = try Store(path: "\(folder)/a.db", access: .existing, migrations: Self.migrations)
      let count = try store.read { connection in
        let row = try connection.prepare("SELECT count(*) FROM numbers")
        return try row.step() ? row.int(0) : 0
      }
      #expect(count == 100_000)
    }
  }

  private struct Failing: Error {}

  @Test func `leaves nothing when its making fails`() throws {
    try Self.withFolder { folder in
      #expect(throws: Failing.self) {
        try Store.create(path: "\(folder)/a.db", migrations: Self.migrations) { store in
          try Self.fill(store)
          throw Failing()
        }
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left == [])
    }
  }

  @Test func `is never half there, whenever the program is killed`() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-new-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
      try Store.create(path: "\(folder)/a.db", migrations: Self.migrations) { store in
        try Self.fill(store)
        kill(getpid(), SIGKILL)
      }
    }
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/a.db"))
    // What the killed one left aside is no hindrance.
    try Store.create(path: "\(folder)/a.db", migrations: Self.migrations) { try Self.fill($0) }
    #expect(FileManager.default.fileExists(atPath: "\(folder)/a.db"))
  }
}
