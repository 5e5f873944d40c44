import Foundation
import Storage
import Threads

/// Takes in files that are as the panel's export jobs write them: sorted by order id, and nothing wrong with them. Two threads read stretches of
/// order ids, this one writes what they made, in order.
///
/// It checks everything that the careful import checks, and explains nothing: at the first row that is not quite right it gives up, all of it is
/// rolled back, and the careful import takes its place.
struct QuickImport {
  private let files: QuickFiles
  private let addons: QuickAddons
  private let hasVoided: Set<String>
  private let importID: Int64
  private let connection: Connection
  /// Where the workers read what is known; nil where nothing is.
  private let database: String?

  enum Outcome {
    case done(QuickCounts)
    /// Add-ons of periods that no file tells of: another try may look for their orders.
    case addonsLeft([Int])
    /// The careful import has to look; nothing that was written is to be kept.
    case refused
  }

  /// About so many bytes of the largest file make a stretch.
  private let stretch: Int

  /// - Parameter addonsAlone: The places of add-ons whose periods no other file tells of.
  /// - Returns: Nil where the files are not of the kind.
  init?(_ parts: [ImportPart], addonsAlone: [Int], importID: Int64, database: String, on connection: Connection, stretch: Int) throws {
    self.stretch = stretch
    let packed = parts.filter(\.table.isPacked)
    guard packed.contains(where: { $0.table.name != "addons" }), Set(packed.map(\.table.name)).count == packed.count else { return nil }
    var files = QuickFiles()
    var addonsFile: (MappedFile, Range<Int>, QuickColumns)?
    var hasVoided: Set<String> = []
    for part in packed {
      guard let file = part.file, let (header, start) = QuickImport.header(file), let columns = QuickColumns(part.table, header: header) else {
        return nil
      }
      if columns.voided != nil { hasVoided.insert(part.table.name) }
      let order = part.table.columns.firstIndex { $0.name == "order_id" } ?? 0
      let known = QuickFiles.Part(
        table: part.table, file: file, columns: columns, start: start, order: order, headerHash: QuickImport.headerHash(part.table, file, start))
      switch part.table.name {
      case "orders": files.orders = known
      case "periods": files.periods = known
      case "usage": files.usage = known
      case "restorations": files.restorations = known
      default: unsafe addonsFile = (file, start..<file.bytes.count, columns)
      }
    }
    guard let addons = QuickAddons(addonsFile?.0, addonsFile?.1 ?? 0..<0, addonsFile?.2) else { return nil }
    (self.files, self.addons, self.hasVoided, self.importID, self.connection) = (files, addons, hasVoided, importID, connection)
    self.database = try connection.count("SELECT EXISTS (SELECT 1 FROM order_blocks)") == 1 ? database : nil
    if !addonsAlone.isEmpty {
      let blocks = try OrderBlocks(connection)
      let orders = try Set(addonsAlone.flatMap { try blocks.orders(with: FactKey(addons.period($0).string), .period) })
      addons.orders = orders.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    }
  }

  private static func headerHash(_ table: FactTable, _ file: MappedFile, _ start: Int) -> UInt64 {
    let place = FactTable.all.firstIndex { $0.name == table.name } ?? 0
    return unsafe SourceHash.of(ByteText(UnsafeBufferPointer(rebasing: file.bytes[..<start])), after: UInt64(place) + 1)
  }

  private static func header(_ file: MappedFile) -> (names: [String], end: Int)? {
    let reader = unsafe CSVReader(file.bytes)
    guard reader.next() == .record else { return nil }
    return ((0..<reader.fieldCount).map { unsafe String(decoding: reader.field($0), as: UTF8.self) }, reader.nextOffset)
  }

  /// - Parameter meanwhile: What this thread does first, while the others begin.
  func run(meanwhile: () throws -> Void, _ progress: (Int64) -> Void) throws -> Outcome {
    guard let stretches = try stretches() else { return .refused }
    var writer = try BlockWriter(importID: importID, on: connection)
    let log = try connection.prepare(
      "INSERT INTO fact_changes (import_id, former_import_id, table_name, key, order_id, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
    let noteEnd = try connection.prepare("INSERT INTO ends_taken_back VALUES (last_insert_rowid(), ?1)")
    let pipeline = QuickPipeline(stretches.count)
    defer { pipeline.stopAndWait() }
    for _ in 0..<pipeline.workers {
      let work = Worker(
        stretches: stretches, files: files, addons: addons, hasVoided: hasVoided, importID: importID, database: database, pipeline: pipeline)
      pipeline.workerBegins()
      do { try WorkThread.start { work.run() } } catch {
        pipeline.workerEnded()
        throw error
      }
    }
    try meanwhile()
    var counts = QuickCounts()
    var isAddonTaken = Array(repeating: false, count: addons.count)
    for number in stretches.indices {
      while let batch = try pipeline.take(number) {
        for block in batch.blocks { try writer.write(block) }
        for change in batch.changes {
          try log.bind(1, importID)
          try log.bind(2, change.formerImport)
          try log.bind(3, change.table)
          try log.bind(4, change.key)
          try log.bind(5, change.orderID)
          try log.bind(6, change.before)
          try log.bind(7, change.after)
          try log.run()
          if change.isEndTakenBack {
            try noteEnd.bind(1, importID)
            try noteEnd.run()
          }
        }
      }
      guard let result = pipeline.result(number) else { return .refused }
      counts += result.counts
      for place in result.takenAddons {
        // Twice: its period stands with two orders.
        if isAddonTaken[Int(place)] { return .refused }
        isAddonTaken[Int(place)] = true
      }
      progress(counts.orders.read)
    }
    let left = isAddonTaken.indices.filter { !isAddonTaken[$0] }
    if !left.isEmpty { return database == nil || !addons.orders.isEmpty ? .refused : .addonsLeft(left) }
    return try writer.finish(mayRepeat: false) ? .done(counts) : .refused
  }

  /// The same order ids in every file, cut where the largest file has read so many bytes; nil where the files are not sorted.
  private func stretches() throws -> [Stretch]? {
    let all = files.all
    guard let largest = all.max(by: { $0.end < $1.end }) else { return nil }
    var cuts: [[Int]] = [all.map(\.start)]
    var orderCuts = [0]
    let block = try connection.prepare(
      "SELECT min(first_order) FROM order_blocks WHERE first_order >= ?1 AND first_order > (SELECT min(first_order) FROM order_blocks)")
    var last: [UInt8] = []
    for place in stride(from: largest.start + stretch, to: largest.end, by: stretch) {
      let start = largest.recordStart(after: place)
      guard start < largest.end, let order = largest.order(at: start) else { continue }
      var key = unsafe Array(order.bytes)
      if database != nil {
        // Where blocks are cut, so that no two stretches meet in one.
        unsafe try block.bind(1, bytes: order.bytes)
        defer { block.reset() }
        guard try block.step(), !block.isNull(0) else { break }
        key = unsafe Array(block.bytes(0))
      }
      if key.elementsEqual(last) { continue }
      last = key
      let cut = unsafe key.withUnsafeBufferPointer { key in all.map { unsafe $0.lowerBound(ByteText(key)) } }
      guard let before = cuts.last, zip(before, cut).allSatisfy({ $0 <= $1 }) else { return nil }
      cuts.append(cut)
      // Looking for cuts touches pages all over the files.
      if cuts.count % 8 == 0 { for part in all { part.file.release(part.start..<part.end) } }
      orderCuts.append(addons.orders.firstIndex { !$0.lexicographicallyPrecedes(key) } ?? addons.orders.count)
    }
    for part in all { part.file.release(part.start..<part.end) }
    cuts.append(all.map(\.end))
    orderCuts.append(addons.orders.count)
    return cuts.indices.dropLast().map { index in
      Stretch(ranges: zip(cuts[index], cuts[index + 1]).map { $0..<$1 }, orders: addons.orders[orderCuts[index]..<orderCuts[index + 1]])
    }
  }

  /// A stretch of order ids: where it lies in each file, and the orders of it that are looked at for their add-ons alone.
  struct Stretch: Sendable {
    let ranges: [Range<Int>]
    let orders: ArraySlice<[UInt8]>
  }
}

/// One thread of a quick import.
private struct Worker: @unchecked Sendable {
  let stretches: [QuickImport.Stretch]
  let files: QuickFiles
  let addons: QuickAddons
  let hasVoided: Set<String>
  let importID: Int64
  let database: String?
  let pipeline: QuickPipeline

  func run() {
    defer { pipeline.workerEnded() }
    do {
      let batch = Batch(pipeline)
      let target: QuickRange.Target =
        if let database { .known(try BlockRewriter(ForeignDatabase(path: database), emit: batch.add)) } else { .new(BlockEditor(emit: batch.add)) }
      while let number = pipeline.next() {
        var merge = QuickMerge(importID: importID, addons: addons, hasVoided: hasVoided)
        batch.stretch = number
        let range = QuickRange(files: files, ranges: stretches[number].ranges, orders: stretches[number].orders)
        guard try range.run(&merge, into: target) else { return pipeline.refuse() }
        try batch.hand(merge.takeChanges())
        pipeline.finish(number, QuickPipeline.Result(counts: merge.counts, takenAddons: merge.takenAddons))
      }
    } catch { pipeline.refuse() }
  }

  /// What a thread has made of a stretch and not yet handed on.
  private final class Batch {
    private let pipeline: QuickPipeline
    private var blocks: [BlockOutput] = []
    var stretch = 0

    init(_ pipeline: QuickPipeline) { self.pipeline = pipeline }

    func add(_ block: BlockOutput) throws {
      blocks.append(block)
      if blocks.count >= 32 { try hand([]) }
    }

    func hand(_ changes: [QuickChange]) throws {
      try pipeline.hand(stretch, QuickPipeline.Batch(blocks: blocks, changes: changes))
      blocks.removeAll(keepingCapacity: true)
    }
  }
}
