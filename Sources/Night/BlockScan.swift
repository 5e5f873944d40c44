import Facts
import Ledger
import RefundPolicy
import Storage

/// What was found in some blocks by their orders' rows alone, as if nothing else were known of any.
struct ScannedBlocks: Sendable {
  /// The plain ones; and the blocks' texts. There is room for all of a part, as what is not touched costs no memory.
  fileprivate(set) var settled = SettledOrders(capacity: 1 << 21)
  private(set) var blocks: [Block] = []
  private var findings: [Finding] = []
  fileprivate var heads: [OrderHead] = []

  struct Block: Sendable {
    var orderCount: Int64
    /// The id that it begins with.
    var first: Openings.Text
    /// All of it as it lies in the database, and what lies over it.
    var orders, patch: Openings.Text
    var number: Int64
    /// Whether it is known to be as an import made it: only then may anything be decided by what was found in it.
    var isProved = false
    /// Whether all that something may be the matter with are plain.
    var isPlain = true
    /// How many were settled by their rows alone, whatever came of it.
    var settledCount: Int64 = 0
    fileprivate var findings: Range<Int>
    fileprivate var heads: Range<Int>
  }

  /// An order that something may be the matter with.
  struct Finding: Sendable {
    /// Its place in the block.
    var index: Int
    /// Nil where it has a fault, a ticket or an end of its own.
    var settled: SettledOrder?
  }

  func findings(in block: Block) -> ArraySlice<Finding> { findings[block.findings] }

  /// The heads of its orders; none where they did not have to be looked at.
  func heads(in block: Block) -> ArraySlice<OrderHead> { heads[block.heads] }

  fileprivate mutating func clear() {
    settled.clear()
    blocks.removeAll(keepingCapacity: true)
    findings.removeAll(keepingCapacity: true)
    heads.removeAll(keepingCapacity: true)
  }

  /// - Parameter row: A block, with ``BlockScan/columns``.
  fileprivate mutating func begin(_ row: RawStatement) {
    let texts = settled.openings
    unsafe blocks.append(
      Block(
        orderCount: row.int(0), first: texts.keep(ByteText(row, 2).bytes), orders: texts.keep(row.blobBytes(1)), patch: texts.keep(row.blobBytes(3)),
        number: row.int(BlockScan.former), findings: findings.count..<findings.count, heads: heads.count..<heads.count))
  }

  /// Reads the heads of the block that was begun last.
  ///
  /// - Returns: Their places.
  fileprivate mutating func readHeads(_ reader: BlockReader) -> Range<Int> {
    let first = heads.count
    reader.readHeads(into: &heads)
    blocks[blocks.count - 1].heads = first..<heads.count
    return first..<heads.count
  }

  fileprivate var hasFindings: Bool { !blocks[blocks.count - 1].findings.isEmpty }

  fileprivate mutating func noteProved() { blocks[blocks.count - 1].isProved = true }

  fileprivate mutating func countSettled() { blocks[blocks.count - 1].settledCount += 1 }

  fileprivate mutating func add(_ finding: Finding) {
    findings.append(finding)
    blocks[blocks.count - 1].findings = blocks[blocks.count - 1].findings.lowerBound..<findings.count
    if finding.settled == nil { blocks[blocks.count - 1].isPlain = false }
  }
}

/// Looks through blocks for the orders that something may be the matter with, and settles the plain ones; on a thread of its own.
struct BlockScan {
  private let classes = LineClasses()
  private var outlooks: LineOutlooks
  private let settlement: PlainSettlement
  private let reader = BlockReader()
  private var order = PlainOrder()

  /// - Parameter outlooks: Those of the night, of which copies are made.
  init(like outlooks: LineOutlooks, _ settlement: PlainSettlement) {
    self.outlooks = LineOutlooks(like: outlooks, classes: classes)
    self.settlement = settlement
  }

  /// Of each block its number of orders, the orders, the id that it begins with, and what lies over it; then what it is proved by.
  static let columns = "order_count + coalesce(added_count, 0), orders, first_order, entries, \(BlockDigest.Former.columns)"
  /// Where the columns of ``BlockProof`` begin.
  static let former = 4

  /// - Parameters:
  ///   - rows: Blocks, with ``columns``.
  ///   - proof: Of the same connection.
  ///   - scanned: Is made what was found in them.
  /// - Throws: ``Damage`` where something was found in a block that is not as an import made it.
  mutating func scan(_ rows: RawStatement, _ proof: BlockProof, into scanned: inout ScannedBlocks) throws {
    scanned.clear()
    while try rows.step() {
      guard unsafe reader.open(rows.blobBytes(1), patch: rows.blobBytes(3)) else { throw OrderReader.unreadable }
      scanned.begin(rows)
      if reader.isNotable || outlooks.faults.mayQualify { try scan(into: &scanned) }
      if scanned.hasFindings {
        try proof.check(rows, from: BlockScan.former)
        scanned.noteProved()
      }
    }
  }

  private mutating func scan(into scanned: inout ScannedBlocks) throws {
    classes.begin(reader)
    let heads = scanned.readHeads(reader)
    if reader.isBroken { throw OrderReader.unreadable }
    for place in heads {
      let head = scanned.heads[place]
      let classNumber = classes.number(head.place)
      let outlook = outlooks.outlook(of: classNumber, line: head.line)
      if !outlook.isOfInterest(head, hasRows: false) { continue }
      let index = place - heads.lowerBound
      if outlook.isSettledAlone(head) {
        reader.go(to: head.offset)
        reader.readRow()
        let line = outlooks.faults(of: classNumber, line: head.line, outlook)
        let faults = outlooks.faults.faults(line, ofOrderProvisioned: reader.order.provisioned).lineFaults
        try order.read(reader, faults)
        let settled = settlement.settle(&order, faults, into: &scanned.settled)
        scanned.countSettled()
        if let settled { scanned.add(ScannedBlocks.Finding(index: index, settled: settled)) }
      } else {
        scanned.add(ScannedBlocks.Finding(index: index, settled: nil))
      }
    }
    if reader.isBroken { throw OrderReader.unreadable }
  }
}
