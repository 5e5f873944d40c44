public import AuditLog
import Foundation
import RefundPolicy
public import Storage

/// One pass of an import through its inputs, inside its transaction.
final class ImportPass {
  private(set) var failure = ImportFailure()
  /// Rows that only the end of the pass found bad.
  private(set) var lateProblems: [FactPlace: ImportProblem] = [:]
  private(set) var rejectLines: [[UInt8]] = []
  /// Rows that were refused because an earlier one of the same key said otherwise.
  private var disagreeing: Set<FactPlace> = []

  private let connection: Connection
  let importID: Int64
  /// Rows that an earlier pass found bad at its end, with what was wrong.
  private let excluded: [FactPlace: ImportProblem]
  private let keepsRejects: Bool
  private var imports: [String: TableImport] = [:]
  /// How many bad rows there were, by table.
  private var rejected: [String: Int] = [:]
  private let putAside: RawStatement

  init(excluded: [FactPlace: ImportProblem], keepsRejects: Bool, on connection: Connection) throws {
    (self.excluded, self.keepsRejects, self.connection) = (excluded, keepsRejects, connection)
    let last = try connection.prepare("SELECT coalesce(max(import_id), 0) + 1 FROM imports")
    _ = try last.step()
    importID = last.int(0)
    try connection.execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS suspects (
        kind TEXT NOT NULL, order_id TEXT NOT NULL, period_id TEXT NOT NULL, source TEXT NOT NULL, line INTEGER NOT NULL, excerpt TEXT) STRICT;
      DELETE FROM suspects;
      """)
    putAside = try connection.prepare("INSERT INTO suspects VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
  }

  var counts: [String: ImportSummary.Count] { imports.mapValues(\.count).merging(quick) { first, _ in first } }
  /// What a quick import counted.
  private var quick: [String: ImportSummary.Count] = [:]

  func take(_ counts: QuickCounts, of parts: [ImportPart]) {
    let all = [
      "orders": counts.orders, "periods": counts.periods, "addons": counts.addons, "usage": counts.usage, "restorations": counts.restorations,
    ]
    for (name, count) in all where parts.contains(where: { $0.table.name == name }) {
      quick[name] = ImportSummary.Count(read: count.read, new: count.new, changed: count.changed)
    }
  }

  /// Takes the orders that rows are about out of their blocks: those they name, and those that hold a record of one of their ids.
  func open(_ parts: [ImportPart]) throws {
    let opened = try OpenedOrders(connection)
    guard try connection.count("SELECT EXISTS (SELECT 1 FROM order_blocks)") == 1 else { return }
    try connection.execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS touched (order_id TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;
      DELETE FROM touched;
      """)
    let touch = try connection.prepare("INSERT INTO touched VALUES (?1) ON CONFLICT DO NOTHING")
    let blocks = try OrderBlocks(connection)
    for part in parts where part.table.isPacked {
      let source = try part.open()
      let order = source.columns.firstIndex(of: "order_id")
      let ids = source.columns.indices.compactMap { field in FactKey.Kind(column: source.columns[field]).map { (field, $0) } }
      loop: while true {
        switch try source.next() {
        case .end: break loop
        case .bad: continue
        case .row:
          if let order, order < source.fieldCount {
            unsafe try touch.bind(1, bytes: source.field(order))
            try touch.run()
          }
          for (field, kind) in ids where field < source.fieldCount {
            let key = unsafe FactKey(String(decoding: source.field(field), as: UTF8.self))
            for orderID in try blocks.orders(with: key, kind) {
              try touch.bind(1, orderID)
              try touch.run()
            }
          }
        }
      }
    }
    let touched = try connection.prepare("SELECT order_id FROM touched ORDER BY order_id")
    while try touched.step() { try opened.open(touched.text(0)) }
  }

  /// Takes every row of a part that can be taken; the others are noted.
  func take(_ part: ImportPart, _ progress: (String, Int) -> Void) throws {
    let source = try part.open()
    let (header, voided) = try columns(of: source, part.table)
    let rows = try imports[part.table.name] ?? TableImport(part.table, importID: importID, on: connection)
    imports[part.table.name] = rows
    let failuresBefore = failure.count
    defer { rejected[part.table.name, default: 0] += failure.count - failuresBefore }
    var read = 0
    while true {
      if read % 100_000 == 0 { progress(part.name, read) }
      read += 1
      switch try source.next() {
      case .end: return
      case .bad(let field, let error): note(source, field: field, error)
      case .row:
        if !excluded.isEmpty, let problem = excluded[FactPlace(source: source.name, line: source.line)] {
          failure.add(problem)
          rejectLines.append(RejectsFile.line(problem, raw: source.raw))
          continue
        }
        guard source.fieldCount == source.columns.count else {
          note(
            source, field: min(source.fieldCount, source.columns.count) - 1,
            FieldError(
              "the row has \(source.fieldCount) fields, the header \(source.columns.count)",
              hint: "Give every row the header's fields; quote a field that holds a comma."))
          continue
        }
        do {
          try rows.take(source, header: header, voidedField: voided) { try setAside($0, source) }
        } catch let error as RowError {
          if error.isDisagreement { disagreeing.insert(FactPlace(source: source.name, line: source.line)) }
          note(source, field: error.column.flatMap { header[$0] }, error.error)
        }
      }
    }
  }

  /// Rows that were equal to what was stored, when another row of the same key then replaced it: the two disagree (contract 2).
  func recheck(_ parts: [ImportPart]) throws {
    for part in parts {
      guard let rows = imports[part.table.name], !rows.replaced.isEmpty else { continue }
      let source = try part.open()
      let (header, voided) = try columns(of: source, part.table)
      loop: while true {
        switch try source.next() {
        case .end: break loop
        case .bad: continue
        case .row:
          let place = FactPlace(source: source.name, line: source.line)
          guard source.fieldCount == source.columns.count, excluded[place] == nil, !disagreeing.contains(place),
            try rows.disagrees(source, header: header, voidedField: voided)
          else { continue }
          let error = RowError.disagreement(part.table.key.first).error
          noteLate(
            ImportProblem(
              place: source.place(ofField: header[part.table.key[0]]), what: error.what, hint: error.hint, excerpt: source.text(around: 0)),
            row: place)
        }
      }
    }
  }

  /// Overlaps and fees, when all rows are in: two periods may have changed places in one call.
  func lookAtSuspects() throws {
    let suspects = try connection.prepare("SELECT DISTINCT kind, order_id, period_id, source, line, excerpt FROM suspects ORDER BY source, line")
    let overlapping = try connection.prepare(
      """
      SELECT other.period_id FROM periods AS one JOIN periods AS other
        ON other.order_id = one.order_id AND other.period_id <> one.period_id AND other.voided = 0
          AND other.starts_on < one.ends_on AND other.ends_on > one.starts_on
      WHERE one.order_id = ?1 AND one.period_id = ?2 AND one.voided = 0
      """)
    let fees = try connection.prepare(
      """
      SELECT p.setup_fee_cents + coalesce((SELECT sum(a.fee_cents) FROM addons AS a WHERE a.period_id = p.period_id AND a.voided = 0), 0),
        p.paid_cents
      FROM periods AS p WHERE p.period_id = ?1 AND p.voided = 0
      """)
    while try suspects.step() {
      let place = FactPlace(source: suspects.text(3), line: Int(suspects.int(4)))
      if suspects.text(0) == "overlap" {
        try overlapping.bind(1, suspects.text(1))
        try overlapping.bind(2, suspects.text(2))
        if try overlapping.step() {
          noteLate(
            ImportProblem(
              place: place, what: "period '\(suspects.text(2))' overlaps period '\(overlapping.text(0))' of order '\(suspects.text(1))'",
              hint: "Periods of one order never share a day; ends_on is the first day not paid for.", excerpt: suspects.optionalText(5)),
            row: place)
        }
        overlapping.reset()
      } else {
        try fees.bind(1, suspects.text(2))
        if try fees.step(), fees.int(0) > fees.int(1) {
          noteLate(
            ImportProblem(
              place: place,
              what: "the fees of period '\(suspects.text(2))' are \(Cents(fees.int(0))) USD together, above the \(Cents(fees.int(1))) USD paid",
              hint: "paid_usd is everything, the setup fee and all add-ons included.", excerpt: suspects.optionalText(5)),
            row: place)
        }
        fees.reset()
      }
    }
  }

  /// Notes the import itself, also one that changed nothing: what it contained is known up to its time (G4).
  ///
  /// - Parameter areBlocksWritten: Whether a quick import wrote the orders.
  func record(_ inputs: [ImportInput], at now: Instant, areBlocksWritten: Bool = false) throws {
    let total = ImportSummary(counts: counts).total
    let names = inputs.map { input in
      switch input {
      case .path(let path): path
      case .standardInput(let table): "- as \(table)"
      }
    }
    let insert = try connection.prepare("INSERT INTO imports VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    try insert.bind(1, importID)
    try insert.bind(2, now.seconds)
    try insert.bind(3, names.joined(separator: " "))
    try insert.bind(4, total.read)
    try insert.bind(5, total.new)
    try insert.bind(6, total.changed)
    try insert.run()
    try recordTables(at: now)
    try RowChain.append(.imports, "SELECT * FROM imports WHERE import_id = \(importID)", on: connection)
    try RowChain.append(
      .importTables, "SELECT * FROM import_tables WHERE import_id = \(importID) ORDER BY table_name", on: connection)
    for rows in imports.values where !rows.table.isPacked {
      try rows.table.seal(
        rows.changedBuckets, new: rows.count.new, changed: rows.count.changed, by: importID, on: connection)
    }
    if !areBlocksWritten, imports.values.contains(where: { $0.table.isPacked && ($0.count.new > 0 || $0.count.changed > 0) }) {
      var writer = try BlockWriter(importID: importID, on: connection)
      try OrderClosing(connection).close(into: &writer)
      _ = try writer.finish(mayRepeat: true)
    }
    try connection.seal(.imported, importID, by: "makegood", at: now) { try ImportContent.add(importID, from: connection, to: &$0) }
  }

  private func recordTables(at now: Instant) throws {
    let insert = try connection.prepare("INSERT INTO import_tables VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
    for (name, count) in counts {
      try insert.bind(1, importID)
      try insert.bind(2, name)
      try insert.bind(3, now.seconds)
      try insert.bind(4, count.read)
      try insert.bind(5, count.new)
      try insert.bind(6, count.changed)
      try insert.bind(7, Int64(rejected[name] ?? 0))
      try insert.run()
    }
  }

  /// For each column of the table its field, and the field of `voided`.
  private func columns(of source: any RowSource, _ table: FactTable) throws -> (header: [Int?], voided: Int?) {
    func refuse(_ field: Int?, _ what: String, _ hint: String) -> ImportFailure {
      let column = field.map { source.columns[..<$0].reduce(1) { $0 + $1.utf8.count + 1 } }
      let place = FactPlace(source: source.name, line: 1, column: column)
      return ImportFailure(problems: [ImportProblem(place: place, what: what, hint: hint)], count: 1)
    }
    let names = table.columns.map(\.name) + ["voided"]
    for (field, name) in source.columns.enumerated() {
      guard names.contains(name) else {
        throw refuse(field, "unknown column '\(name)'", "The columns of \(table.name) are \(names.joined(separator: ", ")).")
      }
      if source.columns[..<field].contains(name) { throw refuse(field, "column '\(name)' stands twice", "Keep one of the two.") }
    }
    for column in table.columns where column.isRequired && !source.columns.contains(column.name) {
      throw refuse(nil, "column '\(column.name)' is missing", "Every file of \(table.name) needs it.")
    }
    return (table.columns.map { source.columns.firstIndex(of: $0.name) }, source.columns.firstIndex(of: "voided"))
  }

  private func setAside(_ suspicion: TableImport.Suspicion, _ source: any RowSource) throws {
    switch suspicion {
    case .overlap(let order, let period):
      try putAside.bind(1, "overlap")
      try putAside.bind(2, order)
      try putAside.bind(3, period)
    case .fees(let period):
      try putAside.bind(1, "fees")
      try putAside.bind(2, "")
      try putAside.bind(3, period)
    }
    try putAside.bind(4, source.name)
    try putAside.bind(5, Int64(source.line))
    try putAside.bind(6, source.text(around: 0))
    try putAside.run()
  }

  private func note(_ source: any RowSource, field: Int?, _ error: FieldError) {
    let problem = ImportProblem(
      place: source.place(ofField: field), what: error.what, hint: error.hint, excerpt: source.text(around: field ?? 0))
    failure.add(problem)
    if keepsRejects { rejectLines.append(RejectsFile.line(problem, raw: source.raw)) }
  }

  private func noteLate(_ problem: ImportProblem, row: FactPlace) {
    failure.add(problem)
    lateProblems[row] = problem
  }
}

extension FactKey.Kind {
  /// The kind of record that a column names.
  fileprivate init?(column: String) {
    switch column {
    case "period_id": self = .period
    case "addon_id": self = .addon
    case "ticket_id": self = .ticket
    default: return nil
    }
  }
}

/// What an import wrote beside the facts themselves, in the order in which its seal is over it.
public enum ImportContent {
  public static func add(_ importID: Int64, from connection: Connection, to fingerprint: inout Fingerprint) throws {
    for query in [
      "SELECT * FROM imports WHERE import_id = ?1",
      // They lie together: as a range of the table they are read faster than one by one from the index.
      """
      SELECT * FROM fact_changes WHERE +import_id = ?1 AND change_id BETWEEN (SELECT min(change_id) FROM fact_changes WHERE import_id = ?1)
        AND (SELECT max(change_id) FROM fact_changes WHERE import_id = ?1) ORDER BY change_id
      """,
      "SELECT * FROM import_tables WHERE import_id = ?1 ORDER BY table_name",
      "SELECT * FROM ends_taken_back WHERE import_id = ?1 ORDER BY change_id",
    ] {
      let rows = try connection.prepare(query)
      try rows.bind(1, importID)
      while try rows.step() { fingerprint.add(row: rows) }
    }
  }
}
