import Synchronization

/// The schema as the program makes it: worked out once, where somebody asks for it.
final class PristineSchema: Sendable {
  private let migrations: [Store.Migration]
  private let known = Mutex<[String: String]?>(nil)

  init(_ migrations: [Store.Migration]) { self.migrations = migrations }

  /// Each table, index, view and trigger by its kind and name, with its SQL.
  func entries() throws -> [String: String] {
    if let known = known.withLock({ $0 }) { return known }
    let pristine = try Database(path: ":memory:", .creating)
    try pristine.migrate(migrations, from: 0)
    let entries = try PristineSchema.read(pristine.statement(PristineSchema.query)).entries
    known.withLock { $0 = entries }
    return entries
  }

  // What SQLite itself makes, for its own use, is left out.
  static let query = """
    SELECT type || ' ' || name, sql FROM main.sqlite_master
    WHERE sql IS NOT NULL AND NOT (type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4'))
    """

  /// `trigger items_stay` and its SQL; and what is there more than once.
  static func read(_ rows: RawStatement) throws -> (entries: [String: String], repeated: [String]) {
    var entries: [String: String] = [:]
    var repeated: [String] = []
    while try rows.step() { if entries.updateValue(rows.text(1), forKey: rows.text(0)) != nil { repeated.append(rows.text(0)) } }
    return (entries, repeated)
  }
}

extension Connection {
  /// What of the database's tables, indexes, views and triggers is not as the program makes it: a guard that was taken away guards nothing.
  ///
  /// - Returns: One sentence for each, by their names.
  public func schemaFaults() throws -> [String] {
    let expected = try schema.entries()
    let (found, repeated) = try PristineSchema.read(prepare(PristineSchema.query))
    let faults = Set(expected.keys).union(found.keys).sorted().compactMap { name in
      switch (expected[name], found[name]) {
      case (nil, _): "\(name) was added"
      case (_, nil): "\(name) is missing"
      case (let expected?, let found?): expected == found ? nil : "\(name) was changed"
      }
    }
    return faults + repeated.map { "\($0) is there twice" }
  }
}
