import Facts
public import Storage

/// Values by which records hit orders that differ by case, spaces, underscores or hyphens alone: mostly one of them was mistyped, and what is recorded
/// of the one does not hit the orders of the other.
public struct Spellings: Sendable {
  /// `region`, `carrier` or `plan`.
  public let what: String
  public let values: [String]

  /// The tables that have such values.
  public static let tables: Set<String> = ["orders", "outages", "withdrawals", "feature_faults", "plan_features"]

  /// Those among orders, records and plans as they are known now.
  public static func doubtful(on connection: Connection) throws -> [Spellings] {
    // Most often no two words at all are almost the same.
    var words: Set<String> = []
    var known: Set<[UInt8]> = []
    try OrderBlocks.eachWords(on: connection) { block in
      for word in block where unsafe known.insert(Array(word.bytes)).inserted { words.insert(word.string) }
    }
    words.formUnion(try recorded(on: connection).map(\.value))
    if Set(words.map(AlmostSame.init)).count == words.count { return [] }
    return try find(on: connection)
  }

  private static func recorded(on connection: Connection) throws -> [(what: String, value: String)] {
    let scopes = SharedTable.allCases.map {
      "SELECT scope, scope_value FROM \($0.rawValue) WHERE voided = 0 AND scope IN ('region', 'carrier', 'plan')"
    }
    let rows = try connection.prepare((scopes + ["SELECT 'plan', plan FROM plan_features WHERE voided = 0"]).joined(separator: " UNION "))
    var found: [(String, String)] = []
    while try rows.step() { found.append((rows.text(0), rows.text(1))) }
    return found
  }

  private static func find(on connection: Connection) throws -> [Spellings] {
    var known: [String: Set<String>] = ["region": [], "carrier": [], "plan": []]
    let classes = LineClasses()
    var seen: Set<Int> = []
    try OrderBlocks(connection).eachBlock { reader, heads in
      classes.begin(reader)
      for head in heads where !head.isVoided { seen.insert(classes.number(head.place)) }
      return .on
    }
    for number in seen {
      let members = classes.members[number]
      known["region"]?.insert(String(decoding: members.region, as: UTF8.self))
      known["carrier"]?.insert(String(decoding: members.carrier, as: UTF8.self))
      known["plan"]?.insert(String(decoding: members.plan, as: UTF8.self))
    }
    for (what, value) in try recorded(on: connection) { known[what]?.insert(value) }
    return ["region", "carrier", "plan"].flatMap { what in
      Dictionary(grouping: known[what] ?? [], by: AlmostSame.init).values.filter { $0.count > 1 }
        .map { Spellings(what: what, values: $0.sorted()) }.sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }
  }
}
