import Foundation
import CSQLite

extension Store {
  /// What SQLite leaves beside a database that was not closed: a new database in its place would take it for its own.
  static let companions = ["-wal", "-journal", "-shm"]

  /// Makes a new database with the whole schema: built under another name, synced, and put where nothing is. Nothing is ever replaced.
  ///
  /// - Parameter body: What is written first: without it there is no database.
  /// - Throws: ``StorageError/occupied(path:what:)`` when anything is at the path, a link to nothing too, or a log of an earlier database beside it;
  ///   ``StorageError``.
  public static func create(path: String, migrations: [Migration], _ body: (Store) throws -> Void = { _ in }) throws {
    try refuseOccupied(path)
    let aside = aside(path)
    do {
      try makeFile(aside)
      do {
        let store = try Store(path: aside, access: .building, migrations: migrations)
        try body(store)
        try store.finishBuilding()
      }
      try sync(aside, flags: O_RDWR)
      try DurableFile.place(aside, at: path)
      try sync(URL(fileURLWithPath: path).deletingLastPathComponent().path, flags: O_RDONLY | O_DIRECTORY)
    } catch {
      removeAll(aside)
      throw error
    }
  }

  /// Makes a new database and opens it.
  public static func made(at path: String, migrations: [Migration]) throws -> Store {
    try create(path: path, migrations: migrations)
    return try Store(path: path, access: .existing, migrations: migrations)
  }

  /// A name beside a path that nobody else uses.
  static func aside(_ path: String) -> String { "\(path).\(getpid())-\(String(UInt64.random(in: 0...UInt64.max), radix: 36)).new" }

  static func removeAll(_ path: String) { for suffix in [""] + companions { unsafe unlink(path + suffix) } }

  static func refuseOccupied(_ path: String) throws(StorageError) {
    if let entry = try LedgerFile.entry(path) {
      let what =
        switch entry.st_mode & S_IFMT {
        case S_IFLNK: "a symbolic link"
        case S_IFDIR: "a folder"
        case S_IFREG: entry.st_size == 0 ? "an empty file" : "a file"
        default: "something that is no regular file"
        }
      throw .occupied(path: path, what: what)
    }
    for suffix in companions where try LedgerFile.entry(path + suffix) != nil {
      throw .occupied(path: path + suffix, what: "what an earlier database left")
    }
  }

  /// An empty file that only its owner may write and its group may read, whatever the umask; SQLite gives its logs the same mode.
  static func makeFile(_ path: String) throws(StorageError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(path, errno) }
    defer { close(descriptor) }
    guard fchmod(descriptor, 0o640) == 0 else { throw .system(path, errno) }
  }

  static func sync(_ path: String, flags: CInt) throws(StorageError) {
    let descriptor = unsafe open(path, flags | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system(path, errno) }
  }
}
