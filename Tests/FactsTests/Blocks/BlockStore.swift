import AuditLog
import Foundation
import Storage

@testable import Facts

/// A database whose blocks are written order by order, without files.
final class BlockStore {
  private let folder: URL
  let store: Store
  private var importID: Int64 = 0

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-blocks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    store = try Store.made(at: folder.appendingPathComponent("makegood.db").path, migrations: [AuditSchema.migration] + FactSchema.migrations)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Puts orders, which must ascend, into the blocks, as an import does.
  func put(_ files: [OrderRows]) throws {
    importID += 1
    try store.transaction { connection in
      try connection.execute("INSERT INTO imports VALUES (\(importID), 0, 'x', 1, 1, 0)")
      var writer = try BlockWriter(importID: importID, on: connection)
      var outputs: [BlockOutput] = []
      let rewriter = try BlockRewriter(connection) { outputs.append($0) }
      func write() throws {
        for output in outputs { try writer.write(output) }
        outputs.removeAll()
      }
      for file in files {
        var known: Set<UInt64> = []
        try rewriter.go(to: file.order.id)?.eachKey { known.insert($0) }
        var keys: [UInt64] = []
        file.eachKey { if !known.contains($0) { keys.append($0) } }
        try rewriter.put(file, keys: keys)
        try write()
      }
      try rewriter.end()
      try write()
      _ = try writer.finish(mayRepeat: true)
      try RowChain.append(.imports, "SELECT * FROM imports WHERE import_id = \(importID)", on: connection)
      return (.commit, ())
    }
  }

  /// Every order as its lines, in the order in which they lie.
  func orders() throws -> [[String]] {
    try store.read { connection in
      let rows = try connection.prepare("SELECT orders, entries FROM \(BlockSchema.patchedBlocks) ORDER BY first_order")
      var orders: [[String]] = []
      while try rows.step() { orders += readBlock(rows.blob(0), patch: rows.blob(1)).orders }
      return orders
    }
  }

  func count(_ query: String) throws -> Int64 { try store.read { try $0.count(query) } }

  func faults() throws -> [String] { try store.read { try FactState.findings(on: $0) }.map(\.description) }

  /// The orders that are found by an id.
  func orders(ofLine line: UInt64) throws -> Set<String> { try store.read { try Set(OrderBlocks($0).orders(ofLines: [line])) } }

  func orders(with key: String, _ kind: FactKey.Kind) throws -> [String] {
    try store.read { try OrderBlocks($0).orders(with: FactKey(key), kind) }
  }
}
