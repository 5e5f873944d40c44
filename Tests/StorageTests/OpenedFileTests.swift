import Foundation
import Storage
import Testing

/// What is no ledger is refused, and not a byte of it changes.
@Suite struct `a file that is opened as a ledger` {
  private static let migrations = [Store.Migration(name: "one", sql: "CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")]

  /// What is at `a.db`, and how opening it is refused.
  struct Case: Sendable, CustomTestStringConvertible {
    var what: String
    var prepare: @Sendable (_ folder: String) throws -> Void
    var refusal: @Sendable (_ path: String) -> StorageError
    var testDescription: String { what }
  }

  private static func write(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }

  private static func run(_ program: String, _ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  static let cases = [
    Case(what: "nothing", prepare: { _ in }, refusal: { .missing(path: $0, why: nil) }),
    Case(what: "an empty file", prepare: { try write("", $0 + "/a.db") }, refusal: { .missing(path: $0, why: "the file is empty") }),
    Case(
      what: "a link to nothing",
      prepare: { try FileManager.default.createSymbolicLink(atPath: $0 + "/a.db", withDestinationPath: "gone.db") },
      refusal: { .missing(path: $0, why: "it is a symbolic link to a file that is not there") }),
    Case(
      what: "a folder", prepare: { try FileManager.default.createDirectory(atPath: $0 + "/a.db", withIntermediateDirectories: true) },
      refusal: { .notOurs(path: $0, why: "it is no regular file") }),
    Case(
      what: "a pipe", prepare: { #expect(unsafe mkfifo($0 + "/a.db", 0o600) == 0) },
      refusal: { .notOurs(path: $0, why: "it is no regular file") }),
    Case(
      what: "a text", prepare: { try write(String(repeating: "These are my notes. ", count: 20), $0 + "/a.db") },
      refusal: { .notOurs(path: $0, why: "file is not a database") }),
    Case(
      what: "the first half of a header", prepare: { try write("SQLite format 3\0", $0 + "/a.db") },
      refusal: { .notOurs(path: $0, why: "file is not a database") }),
    Case(
      what: "another program's database",
      prepare: { try run("/usr/bin/sqlite3", $0 + "/a.db", "CREATE TABLE notes (note TEXT); INSERT INTO notes VALUES ('mine')") },
      refusal: { .notOurs(path: $0, why: "it is a database that makegood did not make") }),
    Case(
      what: "another program's database with its own id",
      prepare: { try run("/usr/bin/sqlite3", $0 + "/a.db", "PRAGMA application_id = 7; CREATE TABLE grdb_migrations (identifier TEXT)") },
      refusal: { .notOurs(path: $0, why: "it is a database that makegood did not make") }),
    Case(
      what: "one of two hard links",
      prepare: {
        try Store.create(path: $0 + "/b.db", migrations: migrations)
        #expect(unsafe link($0 + "/b.db", $0 + "/a.db") == 0)
      }, refusal: { .severalNames(path: $0) }),
  ]

  @Test(arguments: cases) func `is refused and untouched`(refused: Case) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-opened-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try refused.prepare(folder)
    let before = try Self.contents(of: folder)
    let path = folder + "/a.db"
    for access in [Store.Access.existing, .readOnly] {
      #expect(throws: refused.refusal(path)) { try Store(path: path, access: access, migrations: Self.migrations) }
    }
    #expect(try Self.contents(of: folder) == before)
  }

  private static func contents(of folder: String) throws -> [String: Data?] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    // A pipe is not read: nobody writes to it.
    return Dictionary(
      uniqueKeysWithValues: names.map { name in
        let path = "\(folder)/\(name)"
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        return (name, type == .typeRegular ? FileManager.default.contents(atPath: path) : nil)
      })
  }

  /// A symbolic link leads to the file: whoever opens it by either name takes the same lock and the same log.
  @Test func `is the file that a link leads to`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-linked-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder + "/elsewhere", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Store.create(path: folder + "/elsewhere/real.db", migrations: Self.migrations)
    try FileManager.default.createSymbolicLink(atPath: folder + "/a.db", withDestinationPath: "elsewhere/real.db")
    let store = try Store(path: folder + "/a.db", access: .existing, migrations: Self.migrations)
    let lock = try RunLock(database: folder + "/a.db")
    #expect(throws: StorageError.busy(path: folder + "/elsewhere/real.db")) { _ = try RunLock(database: folder + "/elsewhere/real.db") }
    try store.transaction { (.commit, try $0.execute("INSERT INTO numbers VALUES (1)")) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.db", "elsewhere"])
    _ = consume lock
  }
}
