import RefundPolicy

/// One of the eleven files of facts: its columns as the contract names them, and as the database does.
public struct FactTable: Sendable {
  /// The file's name without `.csv`, and the table's.
  public let name: String
  public let columns: [Column]
  /// Indexes of the columns that name a row.
  let key: [Int]
  /// The column with an order's id, for the order's log.
  let order: Int?
  /// Another table's row that must be there.
  let parent: Parent?

  /// Whether its rows know the bucket of ``FactBuckets`` that they are in: tables that may be too large to be checked as a whole each night.
  var hasBuckets: Bool { ["requests", "rates"].contains(name) }

  /// The columns that say when something happened to a record for good: emptied, it has not happened any more (G5).
  var ends: [String] {
    switch name {
    case "orders": ["provisioned_at", "activated_at", "ended_at"]
    case "outages": ["ended_at"]
    case "withdrawals": ["reversed_at"]
    case "feature_faults": ["fixed_at"]
    case "restorations": ["restored_at"]
    default: []
    }
  }

  /// Whether its rows lie in blocks of orders.
  public var isPacked: Bool { ["orders", "periods", "addons", "usage", "restorations"].contains(name) }

  public struct Column: Sendable {
    /// In the files.
    public let name: String
    /// In the database.
    let stored: String
    let kind: Kind
    public let isRequired: Bool
  }

  /// What a column holds.
  enum Kind: Sendable, Hashable {
    case text, line
    /// A text that names a record, compared to the letter: nothing invisible is in it.
    case id
    case word([String])
    case money, count, day, instant, decimal
  }

  struct Parent: Sendable {
    let column: Int
    let table: String
    let keyColumn: String
  }

  /// In the order in which they are taken in: what others refer to comes first.
  public static let all: [FactTable] = [
    orders, periods, addons, usage, outages, withdrawals, featureFaults, planFeatures, restorations, requests, rates,
  ]

  public static func named(_ name: String) -> FactTable? { all.first { $0.name == name } }

  private static func required(_ name: String, _ kind: Kind = .text, stored: String? = nil) -> Column {
    Column(name: name, stored: stored ?? name, kind: kind, isRequired: true)
  }

  private static func optional(_ name: String, _ kind: Kind = .text) -> Column {
    Column(name: name, stored: name, kind: kind, isRequired: false)
  }

  private static let scopes = Kind.word(["platform", "region", "carrier", "prefix", "line", "plan"])

  static let orders = FactTable(
    name: "orders",
    columns: [
      required("order_id", .id), required("line", .line), required("carrier"), required("region"), required("plan"),
      optional("provisioned_at", .instant), optional("activated_at", .instant), optional("ended_at", .instant),
      optional("end_reason", .word(EndReason.allCases.map(\.rawValue))),
    ], key: [0], order: 0, parent: nil)

  static let periods = FactTable(
    name: "periods",
    columns: [
      required("period_id", .id), required("order_id", .id), required("starts_on", .day), required("ends_on", .day),
      required("paid_usd", .money, stored: "paid_cents"), required("setup_fee_usd", .money, stored: "setup_fee_cents"), required("coin"),
      optional("network"), optional("paid_amount", .decimal), optional("txid", .id), required("paid_at", .instant),
    ], key: [0], order: 1, parent: Parent(column: 1, table: "orders", keyColumn: "order_id"))

  static let addons = FactTable(
    name: "addons",
    columns: [
      required("addon_id", .id), required("period_id", .id), required("category", .word(AddonCategory.allCases.map(\.rawValue))),
      required("fee_usd", .money, stored: "fee_cents"), optional("active_from", .instant), optional("active_to", .instant),
    ], key: [0], order: nil, parent: Parent(column: 1, table: "periods", keyColumn: "period_id"))

  static let usage = FactTable(
    name: "usage",
    columns: [
      required("order_id", .id), required("day", .day), required("outbound_calls", .count), required("outbound_sms", .count),
      required("verifications", .count),
    ], key: [0, 1], order: 0, parent: Parent(column: 0, table: "orders", keyColumn: "order_id"))

  static let outages = FactTable(
    name: "outages",
    columns: [
      required("outage_id", .id), required("origin", .word(OutageOrigin.allCases.map(\.rawValue))), required("scope", scopes),
      optional("scope_value"), required("started_at", .instant), optional("ended_at", .instant),
    ], key: [0], order: nil, parent: nil)

  static let withdrawals = FactTable(
    name: "withdrawals",
    columns: [
      required("withdrawal_id", .id), required("reason", .word(WithdrawalReason.allCases.map(\.rawValue))), required("scope", scopes),
      optional("scope_value"), required("effective_at", .instant), optional("reversed_at", .instant),
    ], key: [0], order: nil, parent: nil)

  static let featureFaults = FactTable(
    name: "feature_faults",
    columns: [
      required("fault_id", .id), required("feature"), required("scope", scopes), optional("scope_value"), required("started_at", .instant),
      optional("fixed_at", .instant),
    ], key: [0], order: nil, parent: nil)

  static let planFeatures = FactTable(
    name: "plan_features", columns: [required("plan", .id), required("feature", .id)], key: [0, 1], order: nil, parent: nil)

  static let restorations = FactTable(
    name: "restorations",
    columns: [required("ticket_id", .id), required("order_id", .id), required("opened_at", .instant), optional("restored_at", .instant)],
    key: [0], order: 1, parent: Parent(column: 1, table: "orders", keyColumn: "order_id"))

  static let requests = FactTable(
    name: "requests",
    columns: [
      required("request_id", .id), optional("order_id"), optional("txid"), required("requested_at", .instant),
      required("channel", .word(RequestChannel.allCases.map(\.rawValue))), optional("address"), optional("network"), optional("tag"),
    ], key: [0], order: 1, parent: nil)

  static let rates = FactTable(
    name: "rates", columns: [required("coin", .id), required("quoted_at", .instant), required("usd", .decimal)], key: [0, 1], order: nil, parent: nil)
}
