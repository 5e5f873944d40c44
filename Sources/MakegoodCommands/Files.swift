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

  /// Opens the database with the whole schema: facts, then ledger.
  static func store(at path: String, _ access: Store.Access) throws -> Store {
    try creating(path, isAllowed: access == .creating) { try Store(path: path, access: access, migrations: migrations) }
  }

  /// Makes what needs a file of a path, and says so where the file cannot be made.
  static func creating<Result>(_ path: String, isAllowed: Bool = true, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch StorageError.inputOutput(_, let why) where isAllowed && !FileManager.default.fileExists(atPath: path) {
      throw cannotCreate(path, why)
    }
  }

  static func cannotCreate(_ path: String, _ why: String) -> Diagnostic {
    Diagnostic(.cannotCreate, "cannot create the database '\(path)': \(why)", hint: "Name a file in a folder that is there and may be written.")
  }
}
