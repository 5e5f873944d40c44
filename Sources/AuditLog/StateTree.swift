/// What the state of the database is made of: each part has a root, and every seal is over the roots of all of them.
///
/// So the last seal alone says what the tables must hold now, and one row can be checked against it without reading the others.
public enum StateTree: Int64, CaseIterable, Sendable {
  // Facts, as imports leave them.
  case imports = 1
  case orderBlocks = 2
  case blockPatches = 3
  case keyLevels = 4
  case outages = 5
  case withdrawals = 6
  case featureFaults = 7
  case planFeatures = 8
  case requests = 9
  case rates = 10
  case importTables = 11
  // The ledger.
  case runs = 20
  case items = 21
  case openExceptions = 22
  case matchedRequests = 23
  case agenda = 24
  case sheetsLeft = 25
  case payments = 30

  /// The table that it is of.
  public var name: String {
    switch self {
    case .imports: "imports"
    case .orderBlocks: "order_blocks"
    case .blockPatches: "block_patches"
    case .keyLevels: "key_levels"
    case .outages: "outages"
    case .withdrawals: "withdrawals"
    case .featureFaults: "feature_faults"
    case .planFeatures: "plan_features"
    case .requests: "requests"
    case .rates: "rates"
    case .importTables: "import_tables"
    case .runs: "runs"
    case .items: "items"
    case .openExceptions: "exceptions"
    case .matchedRequests: "matched_requests"
    case .agenda: "agenda"
    case .sheetsLeft: "sheets"
    case .payments: "payments"
    }
  }

  public init?(table: String) {
    guard let tree = StateTree.allCases.first(where: { $0.name == table }) else { return nil }
    self = tree
  }
}
