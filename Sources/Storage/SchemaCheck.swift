import GRDB

extension Store {
  /// What of the database's tables, indexes, views and triggers is not as the migrations make it: a guard that was taken away guards nothing.
  ///
  /// - Returns: One sentence for each, by their names.
  public func schemaFaults(_ migrations: [Migration]) throws -> [String] {
    let pristine = try DatabaseQueue()
    try Store.migrator(migrations).migrate(pristine)
    let expected = try pristine.read(Store.schema)
    let found = try read { try Store.schema($0.grdb) }
    return Set(expected.keys).union(found.keys).sorted().compactMap { name in
      switch (expected[name], found[name]) {
      case (nil, _): "\(name) was added"
      case (_, nil): "\(name) is missing"
      case (let expected?, let found?): expected == found ? nil : "\(name) was changed"
      }
    }
  }

  /// `trigger items_stay` and its SQL.
  private static func schema(_ db: Database) throws -> [String: String] {
    let rows = try Row.fetchAll(db, sql: "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    return Dictionary(rows.map { ($0[0], $0[1]) }) { first, _ in first }
  }
}
