import Foundation
import Storage
import Testing

@Suite struct `a statement` {
  private static func withStore(_ body: (Connection) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-statement-\(UUID().uuidString).db").path
    defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
    let numbers = Store.Migration(name: "one", sql: "CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")
    try Store.made(at: path, migrations: [numbers]).read(body)
  }

  @Test func `that is wrong is told where it is used first, whichever way`() throws {
    try Self.withStore { connection in
      _ = try connection.prepare("SELECT * FROM letters")
      #expect(throws: (any Error).self) { try connection.prepare("SELECT * FROM letters").step() }
      #expect(throws: (any Error).self) { try connection.prepare("INSERT INTO letters VALUES (?1)").bind(1, 1) }
      #expect(throws: (any Error).self) { try connection.prepare("").step() }
    }
  }

  @Test func `begins anew with each who prepares it`() throws {
    try Self.withStore { connection in
      for number in 1...3 {
        let insert = try connection.prepare("INSERT INTO numbers VALUES (?1)")
        try insert.bind(1, Int64(number))
        try insert.run()
        let all = try connection.prepare("SELECT number FROM numbers WHERE number <= coalesce(?1, 9) ORDER BY number")
        if number == 2 { try all.bind(1, 1) }
        var found: [Int64] = []
        while try all.step() { found.append(all.int(0)) }
        #expect(found == (number == 2 ? [1] : Array(1...Int64(number))))
      }
    }
  }
}
