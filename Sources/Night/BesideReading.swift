import Facts
import Foundation
import Storage

/// Reads a database's blocks of orders on threads beside the one that writes, from the moment it is made.
///
/// Each thread has a connection of its own, which sees what was committed before the transaction at hand began: a run changes no block.
final class BesideReading {
  private let work: OrderedWork<ScannedBlocks>
  private let parts: Int
  /// What was gone through: its memory takes the next blocks.
  private let spares = Handed<ScannedBlocks>()

  /// - Parameters:
  ///   - connection: The one that writes.
  ///   - outlooks: Those of the night.
  ///   - part: The number of blocks that a thread reads before it gives what it found.
  init(_ store: Store, _ connection: Connection, like outlooks: LineOutlooks, _ settlement: PlainSettlement, part: Int) throws {
    let firsts = try BesideReading.firsts(of: part, on: connection)
    parts = firsts.count
    // A scan for each thread, made here: what it is made from is this thread's.
    let scans = Handed((0..<OrderedWork<ScannedBlocks>.threads).map { _ in BlockScan(like: outlooks, settlement) })
    work = try OrderedWork(parts: firsts.count) { [spares] work in
      guard var scan = scans.take() else { return }
      try store.readBeside { connection in
        let blocks = try connection.prepare(
          "SELECT \(BlockScan.columns) FROM \(BlockSchema.patchedBlocks) WHERE first_order >= ?1 ORDER BY first_order LIMIT ?2")
        let proof = try BlockProof(connection)
        while let next = work.begin() {
          try blocks.bind(1, firsts[next])
          try blocks.bind(2, Int64(part))
          var scanned = spares.take() ?? ScannedBlocks()
          try scan.scan(blocks, proof, into: &scanned)
          work.give(next, consume scanned)
          blocks.reset()
        }
      }
    }
  }

  /// Calls `body` with what was found in blocks, in their order.
  func each(_ body: (ScannedBlocks) throws -> Void) throws {
    for part in 0..<parts {
      let scanned = try work.result(of: part)
      try body(scanned)
      spares.give(consume scanned)
    }
  }

  /// Ends, whatever was read of it.
  func stop() { work.stop() }

  /// The ids that parts begin with.
  private static func firsts(of part: Int, on connection: Connection) throws -> [String] {
    let rows = try connection.prepare("SELECT first_order FROM order_blocks ORDER BY first_order")
    var firsts: [String] = []
    var count = 0
    while try rows.step() {
      if count % part == 0 { firsts.append(rows.text(0)) }
      count += 1
    }
    return firsts
  }
}
