import Foundation
public import RefundPolicy
public import Storage

/// One thing given to an import.
public enum ImportInput: Hashable, Sendable {
  /// A CSV file by its name, a folder of them, or a SQLite database.
  case path(String)
  /// Standard input, with the table whose rows it holds.
  case standardInput(table: String)
}

/// What an import took in.
public struct ImportSummary: Hashable, Sendable {
  public struct Count: Hashable, Sendable {
    public var read: Int64 = 0
    public var new: Int64 = 0
    public var changed: Int64 = 0
  }

  /// In the order of the tables; those without input are left out.
  public var tables: [(name: String, count: Count)] { counts.map { ($0.key, $0.value) }.sorted { order($0.name) < order($1.name) } }
  public var counts: [String: Count] = [:]
  /// Files in folders that are no files of facts, and tables that are no tables of facts.
  public var ignored: [String] = []
  /// Tables that every import of the seven days before brought, at least two, and this export did not: the job that writes them may have failed.
  public var absent: [String] = []
  /// By table the newest instant that its rows tell of, or the newest day of usage, as the files write it.
  public var newest: [String: String] = [:]
  /// Rows left out into the rejects, each with its problem.
  public var rejected: ImportFailure?

  public var isEmpty: Bool { counts.values.allSatisfy { $0.new == 0 && $0.changed == 0 } }
  public var total: Count {
    counts.values.reduce(into: Count()) { total, count in
      total.read += count.read
      total.new += count.new
      total.changed += count.changed
    }
  }

  private func order(_ name: String) -> Int { FactTable.all.firstIndex { $0.name == name } ?? .max }
}

/// A bad row: where, what, and what to do.
public struct ImportProblem: Hashable, Sendable {
  public var place: FactPlace
  public var what: String
  public var hint: String
  /// The line it stands on.
  public var excerpt: String?
}

/// Bad input (65): nothing of the call was taken in, or with rejects the good rows only.
public struct ImportFailure: Error, Hashable, Sendable {
  /// The first problems in full, at most ``shown``.
  public var problems: [ImportProblem] = []
  public var count = 0

  public static let shown = 20

  mutating func add(_ problem: ImportProblem) {
    count += 1
    if problems.count < ImportFailure.shown { problems.append(problem) }
  }
}

/// An input that is not there or cannot be read (66).
public struct ImportMissing: Error, Hashable, Sendable {
  public var path: String
  public var why: String

  public init(path: String, why: String) { (self.path, self.why) = (path, why) }
}

/// An input that is there and cannot be read to its end, or that changed while it was read (74): nothing of the call was taken in.
public struct ImportUnreadable: Error, Hashable, Sendable {
  public var path: String
  public var why: String

  public init(path: String, why: String) { (self.path, self.why) = (path, why) }
}

/// Takes facts in: all of a call or nothing (contract 2).
public struct Import {
  private let inputs: [ImportInput]
  private let rejects: String?
  private let now: Instant

  /// - Parameters:
  ///   - rejects: A file for the bad rows; the good ones are taken in then.
  ///   - now: Kept with the import, for the log.
  public init(_ inputs: [ImportInput], rejects: String?, now: Instant) {
    (self.inputs, self.rejects, self.now) = (inputs, rejects, now)
  }

  /// - Parameter progress: Called now and then with an input's name and the number of its rows read so far.
  /// - Throws: ``ImportFailure``, ``ImportMissing``, ``ImportUnreadable``, ``ForeignDatabaseError``, ``RejectsError``, ``StorageError``.
  public func run(
    on store: Store, holding lock: borrowing RunLock, progress: (String, Int) -> Void = { _, _ in }
  ) throws -> ImportSummary {
    if let rejects { try RejectsFile.check(rejects, database: store.path, inputs: inputs) }
    let (parts, ignored) = try resolve()
    var summary: ImportSummary
    do {
      if let quick = try quick(parts, on: store, progress) {
        summary = quick
      } else {
        // What was not in order may be a file that somebody writes to at this moment.
        try ImportParts.checkUndisturbed(parts)
        summary = try careful(parts, on: store, progress)
      }
    } catch let failure as ImportFailure {
      try ImportParts.checkUndisturbed(parts)
      throw failure
    }
    summary.ignored = ignored
    var newest = NewestSeen()
    try newest.look(at: parts)
    summary.newest = newest.texts
    // Somebody who names files knows what they name; an export is a folder or a database.
    if parts.contains(where: { part in !inputs.contains(.path(part.name)) && part.name != "-" }) {
      summary.absent = try store.read { try $0.tablesMissedByNewestImport() }
    }
    return summary
  }

  func resolve() throws -> (parts: [ImportPart], ignored: [String]) {
    let (parts, ignored) = try ImportParts.resolve(inputs)
    return (parts.sorted { $0.order < $1.order }, ignored)
  }

  /// Takes in whatever it is, and tells what is wrong with it.
  func careful(_ parts: [ImportPart], on store: Store, _ progress: (String, Int) -> Void = { _, _ in }) throws -> ImportSummary {
    var excluded: [FactPlace: ImportProblem] = [:]
    while true {
      let pass: ImportPass = try store.transaction { connection in
        let pass = try ImportPass(excluded: excluded, keepsRejects: rejects != nil, on: connection)
        try pass.open(parts)
        for part in parts { try pass.take(part, progress) }
        try pass.recheck(parts)
        try pass.lookAtSuspects()
        try ImportParts.checkUndisturbed(parts)
        let isKept = pass.lateProblems.isEmpty && (rejects != nil || pass.failure.count == 0)
        if isKept { try pass.record(inputs, at: now) }
        // Before the good rows are kept: a bad one must not be lost where the file cannot be written.
        if let rejects, isKept, pass.failure.count > 0 { try RejectsFile.write(pass.rejectLines, to: rejects) }
        return (isKept ? .commit : .rollback, pass)
      }
      if rejects != nil && !pass.lateProblems.isEmpty {
        // What only the end could tell is left out from the start of the next pass.
        excluded.merge(pass.lateProblems) { first, _ in first }
        continue
      }
      if rejects == nil && pass.failure.count > 0 { throw pass.failure }
      var summary = ImportSummary(counts: pass.counts)
      if pass.failure.count > 0 { summary.rejected = pass.failure }
      return summary
    }
  }
}

extension Import {
  /// Takes files in that are sorted and in order, without a word about what may be wrong; nil where something is.
  ///
  /// - Parameter stretch: About so many bytes of the largest file are read together.
  func quick(
    _ parts: [ImportPart], on store: Store, stretch: Int = 2 << 20, _ progress: (String, Int) -> Void = { _, _ in }
  ) throws -> ImportSummary? {
    switch try quick(parts, addonsAlone: [], on: store, stretch, progress) {
    case .done(let summary): return summary
    case .addonsLeft(let addons):
      guard case .done(let summary) = try quick(parts, addonsAlone: addons, on: store, stretch, progress) else { return nil }
      return summary
    case .refused: return nil
    }
  }

  private enum Quick {
    case done(ImportSummary)
    case addonsLeft([Int])
    case refused
  }

  private func quick(
    _ parts: [ImportPart], addonsAlone: [Int], on store: Store, _ stretch: Int, _ progress: (String, Int) -> Void
  ) throws -> Quick {
    try store.transaction { connection in
      let pass = try ImportPass(excluded: [:], keepsRejects: false, on: connection)
      guard
        let quick = try QuickImport(
          parts, addonsAlone: addonsAlone, importID: pass.importID, database: store.path, on: connection, stretch: stretch)
      else { return (.rollback, .refused) }
      let counts: QuickCounts
      // While the threads make the first blocks.
      func takeOthers() throws { for part in parts where !part.table.isPacked { try pass.take(part, progress) } }
      switch try quick.run(meanwhile: takeOthers, { progress("orders", Int($0)) }) {
      case .done(let found): counts = found
      case .addonsLeft(let addons): return (.rollback, .addonsLeft(addons))
      case .refused: return (.rollback, .refused)
      }
      guard pass.failure.count == 0, pass.lateProblems.isEmpty else { return (.rollback, .refused) }
      try pass.recheck(parts.filter { !$0.table.isPacked })
      guard pass.lateProblems.isEmpty else { return (.rollback, .refused) }
      try ImportParts.checkUndisturbed(parts)
      pass.take(counts, of: parts)
      try pass.record(inputs, at: now, areBlocksWritten: true)
      return (.commit, .done(ImportSummary(counts: pass.counts)))
    }
  }
}

/// One input's rows of one table; it can be opened more than once.
struct ImportPart {
  let table: FactTable
  let name: String
  /// The CSV file itself, where it is one.
  var file: MappedFile?
  let open: () throws -> any RowSource

  var order: Int { FactTable.all.firstIndex { $0.name == table.name } ?? 0 }
}

enum ImportParts {
  static func resolve(_ inputs: [ImportInput]) throws -> (parts: [ImportPart], ignored: [String]) {
    var parts: [ImportPart] = []
    var ignored: [String] = []
    for input in inputs {
      switch input {
      case .path(let path): try add(path, to: &parts, ignored: &ignored)
      case .standardInput(let name):
        let table = try factTable(name, path: "-")
        let file = try readable("-") { () throws(InputFault) in try MappedFile.standardInput() }
        parts.append(ImportPart(table: table, name: "-", file: file) { try csv(file, name: "-") })
      }
    }
    return (parts, ignored)
  }

  private static func add(_ path: String, to parts: inout [ImportPart], ignored: inout [String]) throws {
    var entry = stat()
    guard unsafe stat(path, &entry) == 0 else { throw InputFault(code: errno).named(path) }
    if entry.st_mode & S_IFMT == S_IFDIR { return try addFolder(path, to: &parts, ignored: &ignored) }
    let file = try readable(path) { () throws(InputFault) in try MappedFile(path: path) }
    if unsafe file.bytes.starts(with: Array("SQLite format 3\0".utf8)) {
      let database = try ForeignDatabase(path: path)
      let count = parts.count
      for name in try database.tableNames() {
        if let table = FactTable.named(name) {
          parts.append(ImportPart(table: table, name: "\(path):\(name)") { try DatabaseRows(table, of: database) })
        } else {
          ignored.append("\(path):\(name)")
        }
      }
      if parts.count == count { throw ImportMissing(path: path, why: "it holds no table of facts") }
      return
    }
    let name = URL(fileURLWithPath: path).lastPathComponent
    let table = try factTable(name.hasSuffix(".csv") ? String(name.dropLast(4)) : name, path: path)
    try addFile(path, table, to: &parts)
  }

  private static func addFolder(_ path: String, to parts: inout [ImportPart], ignored: inout [String]) throws {
    let names: [String]
    do throws(StorageError) { names = try DurableFile.names(in: path) ?? [] } catch {
      guard case .inputOutput(_, let why) = error else { throw error }
      throw ImportUnreadable(path: path, why: "it cannot be listed to its end: \(why)")
    }
    let count = parts.count
    for name in names {
      let whole = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      if let table = FactTable.all.first(where: { "\($0.name).csv" == name }) {
        try addFile(whole, table, to: &parts)
      } else {
        ignored.append(whole)
      }
    }
    // An export that wrote nothing, or a folder that is not mounted, is not a night without facts.
    if parts.count == count { throw ImportMissing(path: path, why: names.isEmpty ? "the folder is empty" : "the folder holds no file of facts") }
  }

  private static func addFile(_ path: String, _ table: FactTable, to parts: inout [ImportPart]) throws {
    let file = try readable(path) { () throws(InputFault) in try MappedFile(path: path) }
    parts.append(ImportPart(table: table, name: path, file: file) { try csv(file, name: path) })
  }

  private static func csv(_ file: MappedFile, name: String) throws -> any RowSource {
    do throws(FieldError) { return try CSVRows(file, name: name) } catch {
      throw ImportFailure(
        problems: [ImportProblem(place: FactPlace(source: name, line: 1), what: error.what, hint: error.hint)], count: 1)
    }
  }

  private static func readable<Result>(_ path: String, _ body: () throws(InputFault) -> Result) throws -> Result {
    do throws(InputFault) { return try body() } catch { throw error.named(path) }
  }

  /// - Throws: ``ImportUnreadable`` where a file is not what it was when it was opened, or a part of it could not be read.
  static func checkUndisturbed(_ parts: [ImportPart]) throws(ImportUnreadable) {
    for part in parts {
      if let why = part.file?.disturbance { throw ImportUnreadable(path: part.name, why: why) }
    }
  }

  private static func factTable(_ name: String, path: String) throws -> FactTable {
    if let table = FactTable.named(name) { return table }
    throw ImportFailure(
      problems: [
        ImportProblem(
          place: FactPlace(source: path, line: 1), what: "'\(name)' is no file of facts",
          hint: "Facts are \(FactTable.all.map { "\($0.name).csv" }.joined(separator: ", ")); standard input takes its table with --as.")
      ], count: 1)
  }
}
