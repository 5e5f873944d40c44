extension Store {
  /// What of the database's tables, indexes, views and triggers is not as the migrations make it: a guard that was taken away guards nothing.
  ///
  /// - Returns: One sentence for each, by their names.
  public func schemaFaults(_ migrations: [Migration]) throws -> [String] {
    let pristine = try Database(path: ":memory:", .creating)
    try pristine.migrate(migrations, from: 0)
    let expected = try Store.schema(pristine.statement(Store.schemaQuery))
    let found = try read { try Store.schema($0.prepare(Store.schemaQuery)) }
    return Set(expected.keys).union(found.keys).sorted().compactMap { name in
      switch (expected[name], found[name]) {
      case (nil, _): "\(name) was added"
      case (_, nil): "\(name) is missing"
      case (let expected?, let found?): expected == found ? nil : "\(name) was changed"
      }
    }
  }

  private static let schemaQuery =
    "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"

  /// `trigger items_stay` and its SQL.
  private static func schema(_ rows: RawStatement) throws -> [String: String] {
    var schema: [String: String] = [:]
    while try rows.step() { schema[rows.text(0)] = rows.text(1) }
    return schema
  }
}
