import RefundPolicy
import Storage

/// Takes the rows of one table into the database, inside the import's transaction.
///
/// The hot path of a new row is one insert; only where a row of that key is there already is it read and compared.
final class TableImport {
  let table: FactTable
  private let importID: Int64
  private let insert, stored, update: RawStatement
  private let parent: RawStatement?
  private let logChange, noteEnd: RawStatement
  private var lastParent: [UInt8] = []
  private var values: [FactValue]
  private let overlap: RawStatement?
  private let feeSuspect: RawStatement?

  private(set) var count = ImportSummary.Count()
  /// The buckets whose rows it changed.
  private(set) var changedBuckets = ChangedBuckets()
  /// Nil for rows that lie in blocks of orders.
  private let buckets: FactBuckets?
  /// Hashes of the keys whose stored values this import replaced: another row with the same key must agree with the new ones.
  private(set) var replaced: Set<Int> = []

  init(_ table: FactTable, importID: Int64, on connection: Connection) throws {
    self.table = table
    self.importID = importID
    values = Array(repeating: .null, count: table.columns.count)
    buckets = table.isPacked ? nil : FactBuckets(table)
    let names = table.columns.map(\.stored)
    let all = names + ["voided", "import_id"] + (table.hasBuckets ? ["bucket"] : [])
    let places = (1...all.count).map { "?\($0)" }
    insert = try connection.prepare(
      "INSERT INTO \(table.name) (\(all.joined(separator: ", "))) VALUES (\(places.joined(separator: ", "))) ON CONFLICT DO NOTHING")
    let key = table.key.enumerated().map { "\(names[$0.element]) = ?\($0.offset + 1)" }.joined(separator: " AND ")
    stored = try connection.prepare("SELECT \(names.joined(separator: ", ")), voided, import_id FROM \(table.name) WHERE \(key)")
    let assignments = zip(all, places).map { "\($0.0) = \($0.1)" }.joined(separator: ", ")
    let updateKey = table.key.map { "\(names[$0]) = ?\($0 + 1)" }.joined(separator: " AND ")
    update = try connection.prepare("UPDATE \(table.name) SET \(assignments) WHERE \(updateKey)")
    parent = try table.parent.map { try connection.prepare("SELECT 1 FROM \($0.table) WHERE \($0.keyColumn) = ?1") }
    logChange = try connection.prepare(
      "INSERT INTO fact_changes (import_id, former_import_id, table_name, key, order_id, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
    noteEnd = try connection.prepare("INSERT INTO ends_taken_back VALUES (last_insert_rowid(), ?1)")
    overlap =
      table.name == "periods"
      ? try connection.prepare(
        "SELECT 1 FROM periods WHERE order_id = ?1 AND period_id <> ?2 AND voided = 0 AND starts_on < ?4 AND ends_on > ?3") : nil
    feeSuspect =
      table.name == "periods"
      ? try connection.prepare("SELECT 1 FROM addons WHERE period_id = ?1 LIMIT 1") : nil
  }

  /// What the end of the import must look at again.
  enum Suspicion {
    case overlap(order: String, period: String)
    case fees(period: String)
  }

  /// Takes one row.
  ///
  /// - Parameters:
  ///   - header: For each column of the table its field in the source, nil where the source has none.
  ///   - voidedField: The field of the column `voided`.
  func take(_ source: any RowSource, header: [Int?], voidedField: Int?, suspect: (Suspicion) throws -> Void) throws {
    count.read += 1
    try parse(source, header)
    let voided = try parseVoided(source, voidedField)
    let isWhole = !header.contains(nil)
    if isWhole {
      try table.check(values)
      try checkParent()
      try bind(insert, voided: voided ?? false)
      try insert.run()
      if insert.changes == 1 {
        count.new += 1
        if let buckets { changedBuckets.add(buckets.bucket(of: values)) }
        return try lookForSuspicion(voided: voided ?? false, isNew: true, suspect)
      }
    }
    guard try find() else {
      // Only where columns are absent: those of a new record are empty.
      try table.check(values)
      try checkParent()
      try bind(insert, voided: voided ?? false)
      try insert.run()
      count.new += 1
      if let buckets { changedBuckets.add(buckets.bucket(of: values)) }
      return try lookForSuspicion(voided: voided ?? false, isNew: true, suspect)
    }
    defer { stored.reset() }
    let former = table.columns.indices.map { FactValue(stored, $0) }
    let formerVoided = stored.int(table.columns.count) == 1
    let formerImport = stored.int(table.columns.count + 1)
    for (column, field) in header.enumerated() where field == nil { values[column] = former[column] }
    let isVoided = voided ?? formerVoided
    let isEqual = isVoided == formerVoided && table.columns.indices.allSatisfy { values[$0].equals(stored, $0) }
    if isEqual { return }
    if formerImport == importID { throw RowError.disagreement(table.key.first) }
    try table.check(values)
    try checkParent()
    stored.reset()
    try bind(update, voided: isVoided)
    try update.run()
    count.changed += 1
    if let buckets {
      changedBuckets.add(buckets.bucket(of: former), former: FactLeaves.digest(former, voided: formerVoided, formerImport))
      changedBuckets.add(buckets.bucket(of: values))
    }
    replaced.insert(keyHash())
    try log(former, of: formerImport, formerVoided, isVoided)
    try lookForSuspicion(voided: isVoided, isNew: false, suspect)
  }

  /// Whether a row that was taken before a replacement disagrees with what is stored now.
  func disagrees(_ source: any RowSource, header: [Int?], voidedField: Int?) throws -> Bool {
    do {
      try parse(source, header)
      let voided = try parseVoided(source, voidedField)
      guard replaced.contains(keyHash()), try find() else { return false }
      defer { stored.reset() }
      if let voided, voided != (stored.int(table.columns.count) == 1) { return true }
      return header.indices.contains { header[$0] != nil && !values[$0].equals(stored, $0) }
    } catch is RowError {
      return false
    }
  }

  private func parse(_ source: any RowSource, _ header: [Int?]) throws {
    for (column, field) in header.enumerated() {
      guard let field else {
        values[column] = .null
        continue
      }
      let bytes = unsafe source.field(field)
      if bytes.isEmpty {
        values[column] = .null
      } else {
        do throws(FieldError) { values[column] = unsafe try table.columns[column].kind.parse(bytes) } catch {
          let shown = unsafe HiddenCharacter.shown(String(decoding: bytes.prefix(60), as: UTF8.self))
          throw RowError(column, "\(table.columns[column].name) '\(shown)' \(error.what)", hint: error.hint)
        }
      }
    }
  }

  private func parseVoided(_ source: any RowSource, _ field: Int?) throws(RowError) -> Bool? {
    guard let field else { return nil }
    let bytes = unsafe source.field(field)
    if bytes.isEmpty { return false }
    do { return unsafe try FieldParser.flag(bytes) } catch { throw RowError(nil, "voided \(error.what)", hint: error.hint) }
  }

  private func checkParent() throws {
    guard let parent, let link = table.parent else { return }
    guard case .bytes(let key) = values[link.column] else {
      // A value kept from the stored row was checked when it came.
      return
    }
    if unsafe lastParent.elementsEqual(key) { return }
    unsafe try parent.bind(1, bytes: key)
    let isThere = try parent.step()
    parent.reset()
    guard isThere else {
      let shown = unsafe String(decoding: key, as: UTF8.self)
      throw RowError(
        link.column, "there is no \(link.keyColumn) '\(shown)'",
        hint: "Import its row of \(link.table).csv in the same call or before.")
    }
    lastParent.removeAll(keepingCapacity: true)
    unsafe lastParent.append(contentsOf: key)
  }

  private func bind(_ statement: RawStatement, voided: Bool) throws {
    for (index, value) in values.enumerated() { try value.bind(to: statement, at: index + 1) }
    try statement.bind(values.count + 1, voided ? 1 : 0)
    try statement.bind(values.count + 2, importID)
    if let buckets, table.hasBuckets { try statement.bind(values.count + 3, buckets.bucket(of: values)) }
  }

  private func find() throws -> Bool {
    for (index, column) in table.key.enumerated() {
      if values[column].isNull {
        throw RowError(column, "\(table.columns[column].name) is empty", hint: "Fill it in: every row needs it.")
      }
      try values[column].bind(to: stored, at: index + 1)
    }
    let isThere = try stored.step()
    if !isThere { stored.reset() }
    return isThere
  }

  private func keyHash() -> Int {
    var hasher = Hasher()
    for column in table.key {
      switch values[column] {
      case .null: hasher.combine(0)
      case .int(let value): hasher.combine(value)
      case .bytes(let bytes): unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
      case .text(let text): for byte in text.utf8 { hasher.combine(byte) }
      }
    }
    return hasher.finalize()
  }

  private func lookForSuspicion(voided: Bool, isNew: Bool, _ suspect: (Suspicion) throws -> Void) throws {
    switch table.name {
    case "periods":
      if !voided, let overlap {
        try values[1].bind(to: overlap, at: 1)
        try values[0].bind(to: overlap, at: 2)
        try values[2].bind(to: overlap, at: 3)
        try values[3].bind(to: overlap, at: 4)
        let overlaps = try overlap.step()
        overlap.reset()
        if overlaps { try suspect(.overlap(order: text(1), period: text(0))) }
      }
      if !isNew { try suspect(.fees(period: text(0))) }
    case "addons": try suspect(.fees(period: text(1)))
    default: break
    }
  }

  private func text(_ column: Int) -> String { table.columns[column].kind.text(values[column]) ?? "" }

  private func log(_ former: [FactValue], of formerImport: Int64, _ formerVoided: Bool, _ voided: Bool) throws {
    let (before, after) = (JSONMembers(), JSONMembers())
    var isEndTakenBack = formerVoided && !voided
    for (column, description) in table.columns.enumerated() {
      let old = description.kind.text(former[column])
      let new = description.kind.text(values[column])
      if old == new { continue }
      // What is void is not open again.
      if table.ends.contains(description.name) && new == nil && !voided { isEndTakenBack = true }
      before.add(description.name, old)
      after.add(description.name, new)
    }
    if formerVoided != voided {
      before.add("voided", "\(formerVoided)")
      after.add("voided", "\(voided)")
    }
    try logChange.bind(1, importID)
    try logChange.bind(2, formerImport)
    try logChange.bind(3, table.name)
    try logChange.bind(4, table.key.map(text).joined(separator: " "))
    try logChange.bind(5, table.order.flatMap { table.columns[$0].kind.text(values[$0]) })
    try logChange.bind(6, before.string)
    try logChange.bind(7, after.string)
    try logChange.run()
    if isEndTakenBack {
      try noteEnd.bind(1, importID)
      try noteEnd.run()
    }
  }
}
