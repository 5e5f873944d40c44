import Facts
public import Storage

/// Values by which records hit orders that differ by case, spaces, underscores or hyphens alone: mostly one of them was mistyped, and what is recorded
/// of the one does not hit the orders of the other.
public struct Spellings: Sendable {
  /// `region`, `carrier` or `plan`.
  public let what: String
  public let values: [String]

  /// Those among orders, records and plans as they are known now.
  public static func doubtful(on connection: Connection) throws -> [Spellings] {
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
    let recorded = SharedTable.allCases.map { "SELECT scope, scope_value FROM \($0.rawValue) WHERE voided = 0 AND scope IN ('region', 'carrier', 'plan')" }
    let rows = try connection.prepare((recorded + ["SELECT 'plan', plan FROM plan_features WHERE voided = 0"]).joined(separator: " UNION "))
    while try rows.step() { known[rows.text(0)]?.insert(rows.text(1)) }
    return ["region", "carrier", "plan"].flatMap { what in
      Dictionary(grouping: known[what] ?? [], by: AlmostSame.init).values.filter { $0.count > 1 }
        .map { Spellings(what: what, values: $0.sorted()) }.sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }
  }
}
