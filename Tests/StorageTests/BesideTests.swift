import Foundation
import Storage
import Testing

@Suite struct `what is read beside a transaction` {
  /// What was committed before it began to read, and nothing that is committed meanwhile.
  @Test func `is one view of everything`() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-beside-\(UUID().uuidString).db").path
    defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
    let numbers = Store.Migration(name: "one", sql: "CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")
    let store = try Store.made(at: path, migrations: [numbers])
    func add(then body: () throws -> Void = {}) throws {
      try store.transaction { connection in
        try connection.execute("INSERT INTO numbers SELECT coalesce(max(number), 0) + 1 FROM numbers")
        try body()
        return (.commit, ())
      }
    }
    func count(_ connection: Connection) throws -> Int64 {
      let row = try connection.prepare("SELECT count(*) FROM numbers")
      return try row.step() ? row.int(0) : -1
    }
    try add()
    // While the transaction goes on.
    try add { try #expect(store.readBeside(count) == 1) }
    try store.readBeside { connection in
      #expect(try count(connection) == 2)
      try add()
      #expect(try count(connection) == 2)
    }
    #expect(try store.readBeside(count) == 3)
  }

  /// A connection that has read is kept for the next; it must not outlive the one that writes, which takes the log into the database.
  @Test func `leaves no log beside the database`() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-beside-\(UUID().uuidString).db").path
    defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
    do {
      let numbers = Store.Migration(name: "one", sql: "CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")
      let store = try Store.made(at: path, migrations: [numbers])
      for _ in 0..<2 { try store.readBeside { _ in } }
      try store.transaction { (.commit, try $0.execute("INSERT INTO numbers VALUES (1)")) }
      #expect(FileManager.default.fileExists(atPath: path + "-wal"))
    }
    #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
  }
}
