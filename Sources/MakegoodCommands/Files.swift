import AuditLog
import Facts
import Foundation
import Ledger
import Storage

enum Files {
  /// Whether two paths name the same place, as far as it exists.
  static func isSame(_ left: String, _ right: String) -> Bool {
    func resolved(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path }
    return resolved(left) == resolved(right)
  }
}

extension Makegood {
  /// The whole schema, oldest migration first.
  static let migrations = [AuditSchema.migration, FactSchema.migration, LedgerSchema.migration, PayoutSchema.migration]

  /// Opens the database with the whole schema: facts, then ledger.
  static func store(at path: String, _ access: Store.Access) throws -> Store {
    do {
      return try Store(path: path, access: access, migrations: migrations)
    } catch StorageError.inputOutput(_, let why) where access == .creating && !FileManager.default.fileExists(atPath: path) {
      throw Diagnostic(
        .cannotCreate, "cannot create the database '\(path)': \(why)", hint: "Name a file in a folder that is there and may be written.")
    }
  }
}
