import Foundation

extension Store {
  /// Copies the database as it is at one moment, while others may go on writing: what was committed before is in the copy, and nothing else.
  ///
  /// The copy is written under another name, looked at by `check`, synced, and gets its name in one step that fails where anything is.
  ///
  /// - Parameter check: Looks at the copy before it gets its name; what it throws leaves nothing behind.
  /// - Throws: ``StorageError/occupied(path:what:)``, ``StorageError``, and what `check` throws.
  public func backUp<Result>(to path: String, migrations: [Migration], check: (Store) throws -> Result) throws -> Result {
    try Store.refuseOccupied(path)
    let aside = Store.aside(path)
    do {
      try Store.makeFile(aside)
      try read { connection in
        let copy = try connection.prepare("VACUUM INTO ?1")
        try copy.bind(1, aside)
        try copy.run()
      }
      let result = try check(Store(path: aside, access: .existing, migrations: migrations))
      try Store.sync(aside, flags: O_RDWR)
      try DurableFile.place(aside, at: path)
      try Store.sync(URL(fileURLWithPath: path).deletingLastPathComponent().path, flags: O_RDONLY | O_DIRECTORY)
      return result
    } catch {
      Store.removeAll(aside)
      throw error
    }
  }
}
