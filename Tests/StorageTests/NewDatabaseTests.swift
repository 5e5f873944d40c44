import Foundation
import Storage
import Testing

/// A new database appears whole or not at all, and never in place of anything.
@Suite struct `a new database` {
  private static let migrations = [Store.Migration(name: "one", sql: "CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")]

  private static func withFolder<Result>(_ body: (_ folder: String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-new-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
  }

  private static func names(in folder: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

  private static func mode(of path: String) throws -> UInt16? {
    try (FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.uint16Value
  }

  @Test func `is there, and nothing beside it`() async throws {
    try await Self.withFolder { folder in
      try Store.create(path: "\(folder)/a.db", migrations: Self.migrations)
      #expect(try Self.names(in: folder) == ["a.db"])
      let store = try Store(path: "\(folder)/a.db", access: .existing, migrations: Self.migrations)
      try store.transaction { (.commit, try $0.execute("INSERT INTO numbers VALUES (1)")) }
      for name in ["a.db", "a.db-wal", "a.db-shm"] { #expect(try Self.mode(of: "\(folder)/\(name)") == 0o640, "\(name)") }
    }
  }

  /// What may be where a ledger is to be made, how it is made, and what the refusal calls it.
  static let obstacles: [(what: String, path: String, make: @Sendable (_ path: String) throws -> Void)] = [
    ("a file", "a.db", { try Data("x".utf8).write(to: URL(fileURLWithPath: $0)) }),
    ("an empty file", "a.db", { try Data().write(to: URL(fileURLWithPath: $0)) }),
    ("a folder", "a.db", { try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: true) }),
    ("a symbolic link", "a.db", { try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "/nowhere/at/all") }),
    ("something that is no regular file", "a.db", { #expect(unsafe mkfifo($0, 0o600) == 0) }),
    ("what an earlier database left", "a.db-wal", { try Data("x".utf8).write(to: URL(fileURLWithPath: $0)) }),
    ("what an earlier database left", "a.db-journal", { try Data().write(to: URL(fileURLWithPath: $0)) }),
    ("what an earlier database left", "a.db-shm", { try Data("x".utf8).write(to: URL(fileURLWithPath: $0)) }),
  ]

  @Test(arguments: obstacles.indices) func `is not made where anything is`(index: Int) async throws {
    let obstacle = Self.obstacles[index]
    try await Self.withFolder { folder in
      let path = "\(folder)/\(obstacle.path)"
      try obstacle.make(path)
      let before = try FileManager.default.attributesOfItem(atPath: path)
      #expect(throws: StorageError.occupied(path: path, what: obstacle.what)) {
        try Store.create(path: "\(folder)/a.db", migrations: Self.migrations)
      }
      #expect(try Self.names(in: folder) == [obstacle.path])
      let after = try FileManager.default.attributesOfItem(atPath: path)
      #expect(before[.size] as? Int == after[.size] as? Int && before[.modificationDate] as? Date == after[.modificationDate] as? Date)
    }
  }

  @Test func `leaves nothing when its making fails`() async throws {
    try await Self.withFolder { folder in
      let broken = Self.migrations + [Store.Migration(name: "two", sql: "CREATE TABLE numbers (number INTEGER)")]
      #expect(throws: StorageError.self) { try Store.create(path: "\(folder)/a.db", migrations: broken) }
      let left = try Self.names(in: folder)
      #expect(left == [])
    }
  }

  /// Many make a ledger at one path at once: one succeeds, the others are refused, and the one that is there is whole.
  @Test func `is made by one of many at once`() async throws {
    try await Self.withFolder { folder in
      let path = "\(folder)/a.db"
      let made = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 {
          group.addTask {
            do { try Store.create(path: path, migrations: Self.migrations) } catch StorageError.occupied { return false } catch {
              Issue.record(error)
              return false
            }
            return true
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(made == 1)
      #expect(try Self.names(in: folder) == ["a.db"])
      _ = try Store(path: path, access: .existing, migrations: Self.migrations)
    }
  }
}
