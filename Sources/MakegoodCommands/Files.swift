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
  ///
  /// - Throws: ``Diagnostic`` (78) where `MAKEGOOD_NOW` pretends a clock on a ledger that was not made under one.
  static func store(at path: String, _ access: Store.Access) throws -> Store {
    let store = try Store(path: path, access: access, migrations: migrations)
    if try Console.pretendedNow() != nil, try store.read({ try $0.origin() })?.clock != .pretended {
      throw Diagnostic(
        .badConfiguration, "MAKEGOOD_NOW is set, but '\(path)' was not made under a pretended clock",
        hint: "Unset MAKEGOOD_NOW: it is for rehearsals, on a ledger that was made while it was set.")
    }
    return store
  }

  /// Makes a new ledger; `init` and `demo` alone do so.
  ///
  /// - Parameter origin: When, and under which clock: for good. Nil is now, by the clock there is.
  static func create(_ path: String, _ origin: LedgerOrigin? = nil) throws {
    let clock: LedgerOrigin.Clock = try Console.pretendedNow() == nil ? .real : .pretended
    let origin = try origin ?? LedgerOrigin(madeAt: try Console.now(), clock: clock, at: path)
    do {
      try Store.create(path: path, migrations: migrations) { store in
        try store.transaction { (.commit, try $0.stampOrigin(origin)) }
      }
    } catch StorageError.inputOutput(_, let why) {
      throw Diagnostic(
        .cannotCreate, "cannot create the database '\(path)': \(why)", hint: "Name a file in a folder that is there and may be written.")
    }
  }
}
