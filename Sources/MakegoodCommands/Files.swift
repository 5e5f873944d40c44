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
  static let migrations = [AuditSchema.migration] + FactSchema.migrations + LedgerSchema.migrations + [PayoutSchema.migration]

  /// Opens a ledger; every command does it here.
  static func store(at path: String, _ access: Store.Access) throws -> Store { try Store(path: path, access: access, migrations: migrations) }

  /// Makes a new ledger; `init` and `demo` alone do so.
  static func create(_ path: String) throws {
    do { try Store.create(path: path, migrations: migrations) } catch StorageError.inputOutput(_, let why) {
      throw Diagnostic(
        .cannotCreate, "cannot create the database '\(path)': \(why)", hint: "Name a file in a folder that is there and may be written.")
    }
  }
}
