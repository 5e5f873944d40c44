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
  private var offsets: [OrderOffset] = []

  struct Block: Sendable {
    var orderCount: Int64
    /// The id that it begins with.
    var first: Openings.Text
    /// All of it as it lies in the database, and what lies over it.
    var orders, patch: Openings.Text
    /// Whether all that something may be the matter with are plain.
    var isPlain = true
    fileprivate var findings: Range<Int>
    fileprivate var offsets: Range<Int>
  }

  /// An order that something may be the matter with.
  struct Finding: Sendable {
    /// Its place in the block.
    var index: Int
    /// Nil where it has a fault, a ticket or an end of its own.
    var settled: SettledOrder?
  }

  func findings(in block: Block) -> ArraySlice<Finding> { findings[block.findings] }

  /// Where its orders lie; none where they did not have to be looked at.
  func offsets(in block: Block) -> ArraySlice<OrderOffset> { offsets[block.offsets] }

  fileprivate mutating func clear() {
    settled.clear()
    blocks.removeAll(keepingCapacity: true)
    findings.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
  }

  /// - Parameter row: A block, with ``BlockScan/columns``.
  fileprivate mutating func begin(_ row: RawStatement) {
    let texts = settled.openings
    unsafe blocks.append(
      Block(
        orderCount: row.int(0), first: texts.keep(ByteText(row, 2).bytes), orders: texts.keep(row.blobBytes(1)), patch: texts.keep(row.blobBytes(3)),
        findings: findings.count..<findings.count, offsets: offsets.count..<offsets.count))
  }

  fileprivate mutating func add(_ offset: OrderOffset) { offsets.append(offset) }

  fileprivate mutating func end() { blocks[blocks.count - 1].offsets = blocks[blocks.count - 1].offsets.lowerBound..<offsets.count }

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

  /// Of each block its number of orders, the orders, the id that it begins with, and what lies over it.
  static let columns = "order_count + coalesce(added_count, 0), orders, first_order, entries"

  /// - Parameters:
  ///   - rows: Blocks, with ``columns``.
  ///   - scanned: Is made what was found in them.
  mutating func scan(_ rows: RawStatement, into scanned: inout ScannedBlocks) throws {
    scanned.clear()
    while try rows.step() {
      guard unsafe reader.open(rows.blobBytes(1), patch: rows.blobBytes(3)) else { throw OrderReader.unreadable }
      scanned.begin(rows)
      if reader.isNotable || outlooks.faults.mayQualify { try scan(into: &scanned) }
    }
  }

  private mutating func scan(into scanned: inout ScannedBlocks) throws {
    classes.begin(reader)
    var (head, classNumber, outlook) = (OrderHead(), 0, LineOutlook())
    // The closure stands where it is used: one that escapes is asked for its variables each time.
    while reader.next(where: {
      scanned.add($0.offset)
      (head, classNumber) = ($0, classes.number($0.place))
      outlook = outlooks.outlook(of: classNumber, line: $0.line)
      return outlook.isOfInterest($0, hasRows: false)
    }) {
      if head.isOrdinary && outlook.isOfShared {
        let faults = outlooks.faults(of: classNumber, line: head.line, outlook)
        try order.read(reader, faults)
        let settled = settlement.settle(&order, faults, into: &scanned.settled)
        if let settled { scanned.add(ScannedBlocks.Finding(index: reader.index, settled: settled)) }
      } else {
        scanned.add(ScannedBlocks.Finding(index: reader.index, settled: nil))
      }
    }
    scanned.end()
    if reader.isBroken { throw OrderReader.unreadable }
  }
}
