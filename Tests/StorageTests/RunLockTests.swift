import Foundation
import Storage
import Testing

@Suite struct `the run lock` {
  private static func withDatabase(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-lock-\(UUID().uuidString).db").path
    try Store.create(path: path, migrations: [])
    defer { for suffix in ["", "-lock"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
    try body(path)
  }

  private static func take(_ path: String) throws { _ = try RunLock(database: path) }

  @Test func `keeps others out as long as it is held`() throws {
    try Self.withDatabase { path in
      let lock = try RunLock(database: path)
      #expect(throws: StorageError.busy(path: path)) { try Self.take(path) }
      _ = consume lock
      try Self.take(path)
    }
  }

  /// A process that is being started has every open file of this one, until it runs its own program.
  @Test func `is let go where its file is still open elsewhere`() throws {
    try Self.withDatabase { path in
      let lock = try RunLock(database: path)
      let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
      let descriptor = try #require(
        open.first { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path + "-lock" })
      let other = dup(descriptor)
      defer { close(other) }
      _ = consume lock
      try Self.take(path)
    }
  }
}
