import Facts
import Ledger
import RefundPolicy
import Storage

/// G8: records whose scope hits no order. What orders had before does not count, void ones neither.
struct RecordsWithoutOrder {
  private var records: [String: SharedRecord]
  private let index: FaultIndex
  private let ofLines: Bool
  /// The classes of the orders that were looked at.
  private var classes: Set<Int> = []

  /// - Parameter records: To be looked for; those that are left at the end hit nothing.
  init(_ records: [SharedRecord], like faults: FaultIndex) {
    self.records = Dictionary(records.map { ($0.record.evidence, $0) }, uniquingKeysWith: { first, _ in first })
    index = FaultIndex(of: records.map(\.asOfScope), like: faults)
    ofLines = records.contains { $0.scope.lineNumber != nil }
  }

  var isEmpty: Bool { records.isEmpty }

  mutating func look(at line: UInt64, ofClass number: Int) {
    if records.isEmpty { return }
    classes.insert(number)
    let hitting = index.faults(of: number, line: line)
    for record in hitting.records { records[record.id] = nil }
    if ofLines { for record in index.lineRecords(line, in: hitting) { records[record.id] = nil } }
  }

  /// - Parameter all: Tells the classes apart, to name what is almost the same.
  func exceptions(known all: LineClasses) -> [RecordedException] {
    let known = classes.map { all.members[$0] }
    return records.sorted { $0.key < $1.key }.map { evidence, shared in
      RecordedException(
        kind: .hitsNothing, subject: evidence, orderID: nil, periodID: nil, amount: .zero,
        explanation: "\(shared.words) hits no order: \(shared.scope.whyNothing(known)). Correct it, or void it (G8).")
    }
  }
}

extension SharedRecord {
  /// The record as what hits whatever its scope names: named by its evidence, a broken feature too where it is not advertised.
  fileprivate var asOfScope: SharedRecord {
    SharedRecord(record: FaultRecord(kind: .outage, id: record.evidence, start: record.start, end: record.end), scope: scope, importID: importID)
  }

  /// The record, in words for people.
  var words: String {
    switch record.kind {
    case .outage: "The outage \(record.id)"
    case .withdrawal: "The withdrawal \(record.id)"
    case .restoration: "The ticket \(record.id)"
    case .feature: "The feature fault \(record.id)"
    }
  }
}

extension Scope {
  fileprivate func whyNothing(_ classes: [LineClasses.Members]) -> String {
    func none(_ what: String, _ value: String, _ known: (LineClasses.Members) -> [UInt8]) -> String {
      let near = Set(classes.map { String(decoding: known($0), as: UTF8.self) }).sorted().first { AlmostSame($0) == AlmostSame(value) }
      return "no order has the \(what) '\(value)'" + (near.map { ", but there is '\($0)'" } ?? "")
    }
    return switch self {
    case .platform: "there is none"
    case .region(let value): none("region", value, \.region)
    case .carrier(let value): none("carrier", value, \.carrier)
    case .plan(let value): none("plan", value, \.plan)
    case .prefix(let value): "no order has a line that begins with \(value)"
    case .line(let value): "no order has the line \(value)"
    }
  }

  /// The scope as the files write it: `region us-east`.
  var words: String {
    switch self {
    case .platform: "platform"
    case .region(let value): "region \(value)"
    case .carrier(let value): "carrier \(value)"
    case .plan(let value): "plan \(value)"
    case .prefix(let value): "prefix \(value)"
    case .line(let value): "line \(value)"
    }
  }
}

/// A value without regard to case, spaces, underscores and hyphens.
struct AlmostSame: Hashable {
  private let text: String

  init(_ text: String) { self.text = text.lowercased().filter { !$0.isWhitespace && $0 != "_" && $0 != "-" } }
}

/// G8: features of fault records that no plan advertises.
struct UnknownFeatures {
  private var advertised: Set<String> = []

  init(_ connection: Connection) throws {
    let rows = try connection.prepare("SELECT DISTINCT feature FROM plan_features WHERE voided = 0")
    while try rows.step() { advertised.insert(rows.text(0)) }
  }

  func isUnknown(_ record: SharedRecord) -> Bool {
    guard case .feature(let feature) = record.record.kind else { return false }
    return !advertised.contains(feature)
  }

  func exception(of shared: SharedRecord) -> RecordedException? {
    guard case .feature(let feature) = shared.record.kind, !advertised.contains(feature) else { return nil }
    let near = advertised.sorted().first { AlmostSame($0) == AlmostSame(feature) }
    return RecordedException(
      kind: .hitsNothing, subject: shared.record.evidence, orderID: nil, periodID: nil, amount: .zero,
      explanation: "\(shared.words) hits no order: no plan advertises the feature '\(feature)'"
        + "\(near.map { ", but there is '\($0)'" } ?? ""). Correct it, or void it (G8).")
  }
}

/// P1: withdrawals that pass by orders, because those were sold after they took effect and before they were reversed.
struct SoldAfterWithdrawal {
  private struct Passed {
    var record: SharedRecord
    var count = 0
    var first: [String] = []
  }

  private var passed: [String: Passed]
  private let index: FaultIndex

  init(_ records: [SharedRecord], like faults: FaultIndex) {
    let withdrawals = records.filter { $0.record.kind == .withdrawal }
    passed = Dictionary(withdrawals.map { ($0.record.id, Passed(record: $0)) }, uniquingKeysWith: { first, _ in first })
    index = FaultIndex(of: withdrawals, like: faults)
  }

  var isEmpty: Bool { passed.isEmpty }

  func mayPass(_ line: UInt64, ofClass number: Int) -> Bool {
    !passed.isEmpty && (!index.faults(of: number, line: line).records.isEmpty || index.hasLineRecords(line))
  }

  mutating func look(at order: OrderRow, ofClass number: Int) {
    for record in records(passing: order, ofClass: number) {
      passed[record.id]?.count += 1
      if passed[record.id]?.first.count ?? 3 < 3 { passed[record.id]?.first.append(order.id.string) }
    }
  }

  /// Whether a withdrawal passes by the order.
  func passes(_ order: OrderRow, ofClass number: Int) -> Bool { !isEmpty && !records(passing: order, ofClass: number).isEmpty }

  private func records(passing order: OrderRow, ofClass number: Int) -> [FaultRecord] {
    guard let sold = order.provisioned.map({ Instant(seconds: $0) }) else { return [] }
    let hitting = index.faults(of: number, line: order.line)
    return (hitting.records + index.lineRecords(order.line, in: hitting)).filter { record in
      !record.hits(orderProvisionedAt: sold) && record.end.map { sold < $0 } ?? true
    }
  }

  var exceptions: [RecordedException] {
    passed.filter { $0.value.count > 0 }.sorted { $0.key < $1.key }.map { _, passed in
      let record = passed.record.record
      let orders = passed.count == 1 ? "1 order that was" : "\(passed.count) orders that were"
      return RecordedException(
        kind: .soldAfterWithdrawal, subject: record.evidence, orderID: nil, periodID: nil, amount: .zero,
        explanation: "\(passed.record.words) (\(passed.record.scope.words), in effect since \(record.start)) passes by \(orders) sold after it: "
          + "\(FirstNames(passed.first, of: passed.count)). If it was reversed, record when (P1).")
    }
  }
}

/// G8: records with instants more than a year after the import that brought them: typing errors, mostly. A leap year's length is a year.
struct FarFuture {
  private let connection: Connection
  private let cut: Instant
  private let importedAt: RawStatement
  private var limits: [Int64: Int64] = [:]
  private static let year: Int64 = 366 * 86_400

  init(_ connection: Connection, asOf cut: Instant) throws {
    (self.connection, self.cut) = (connection, cut)
    importedAt = try connection.prepare("SELECT imported_at FROM imports WHERE import_id = ?1")
  }

  /// Calls `body` for shared records; and for requests and rates whose time has not come.
  func eachShared(_ body: (RecordedException) throws -> Void) throws {
    try each(
      "outage", "outages", key: "outage_id", ["started_at", "ended_at"], body)
    try each("withdrawal", "withdrawals", key: "withdrawal_id", ["effective_at", "reversed_at"], body)
    try each("feature_fault", "feature_faults", key: "fault_id", ["started_at", "fixed_at"], body)
    try each("request", "requests", key: "request_id", ["requested_at"], where: "t.requested_at >= \(cut.seconds)", body)
    try each(
      "rate", "rates", key: "coin", ["quoted_at"],
      where: """
        (t.coin, t.quoted_at) IN (
          WITH RECURSIVE coins (coin) AS (
            SELECT min(coin) FROM rates UNION ALL SELECT (SELECT min(coin) FROM rates WHERE coin > coins.coin) FROM coins WHERE coin IS NOT NULL)
          SELECT rates.coin, rates.quoted_at FROM coins JOIN rates ON rates.coin = coins.coin AND rates.quoted_at >= \(cut.seconds))
        """, body)
  }

  private func each(
    _ word: String, _ table: String, key: String, _ columns: [String], where condition: String = "1", _ body: (RecordedException) throws -> Void
  ) throws {
    let late = columns.map { "coalesce(t.\($0) > i.imported_at + \(FarFuture.year), 0)" }
    let rows = try connection.prepare(
      """
      SELECT t.\(key), \(columns.map { "t.\($0)" }.joined(separator: ", ")), \(late.joined(separator: ", "))
      FROM \(table) AS t JOIN imports AS i USING (import_id)
      WHERE t.voided = 0 AND \(condition) AND (\(late.joined(separator: " OR "))) ORDER BY 1, 2
      """)
    while try rows.step() {
      let values = columns.indices.compactMap { index in
        rows.int(columns.count + 1 + index) == 1 ? (columns[index], rows.int(1 + index)) : nil
      }
      let id = word == "rate" ? "\(rows.text(0)) \(Instant(seconds: rows.int(1)))" : rows.text(0)
      try body(FarFuture.exception(subject: "\(word):\(id)", orderID: nil, "The \(word.split(separator: "_").joined(separator: " ")) \(id)", values))
    }
  }

  /// Whether a row of an order says such a thing; only numbers are asked of it.
  mutating func isFar(_ order: OrderRows) throws -> Bool { try !values(of: order) { _ in "" }.isEmpty }

  /// An order with rows that say such a thing.
  mutating func exception(of order: OrderRows) throws -> RecordedException? {
    if order.order.isVoided { return nil }
    let values = try values(of: order) { $0.string }
    let id = order.order.id.string
    return values.isEmpty ? nil : FarFuture.exception(subject: id, orderID: id, "The order \(id)", values)
  }

  /// - Parameter name: Of an id, for a message.
  private mutating func values(of order: OrderRows, _ name: (ByteText) -> String) throws -> [(String, Int64)] {
    var values: [(String, Int64)] = []
    func note(_ what: @autoclosure () -> String, _ instant: Int64?, _ limit: Int64) {
      if let instant, instant > limit { values.append((what(), instant)) }
    }
    let limit = try limit(order.order.importID)
    note("provisioned_at", order.order.provisioned, limit)
    note("activated_at", order.order.activated, limit)
    note("ended_at", order.order.ended, limit)
    for period in order.periods where !period.isVoided {
      note("paid_at of period \(name(period.id))", period.paidAt, try self.limit(period.importID))
    }
    for addon in order.addons where !addon.isVoided {
      note("active_from of add-on \(name(addon.id))", addon.from, try self.limit(addon.importID))
      note("active_to of add-on \(name(addon.id))", addon.to, try self.limit(addon.importID))
    }
    for day in order.usage where !day.isVoided { note("a day of usage", Int64(day.day) * 86_400, try self.limit(day.importID)) }
    for ticket in order.tickets where !ticket.isVoided {
      note("opened_at of ticket \(name(ticket.id))", ticket.opened, try self.limit(ticket.importID))
      note("restored_at of ticket \(name(ticket.id))", ticket.restored, try self.limit(ticket.importID))
    }
    return values
  }

  /// Behind what an import's instants lie too far ahead, in seconds.
  private mutating func limit(_ importID: Int64) throws -> Int64 {
    if let known = limits[importID] { return known }
    try importedAt.bind(1, importID)
    defer { importedAt.reset() }
    let limit = try importedAt.step() ? importedAt.int(0) + FarFuture.year : .max
    limits[importID] = limit
    return limit
  }

  private static func exception(subject: String, orderID: String?, _ what: String, _ values: [(String, Int64)]) -> RecordedException {
    let said = values.prefix(3).map { "\($0.0) \(Instant(seconds: $0.1))" }.joined(separator: ", ")
    return RecordedException(
      kind: .farFuture, subject: subject, orderID: orderID, periodID: nil, amount: .zero,
      explanation: "\(what) says \(said): more than a year after it was imported. Correct it, or void it (G8).")
  }
}
