/// Goes through the orders of a block, with the patch laid over it that holds those that came or changed since it was written.
///
/// Texts it gives lie in the block, in the patch or in its arena: good until the next ``open(_:patch:)``.
public final class BlockReader {
  // Asked for with every order: nothing that it calls comes back here, so nobody needs to see to it each time.
  @exclusivity(unchecked) private var cursor = BlockCursor()

  public init() {}

  public var words: [ByteText] { unsafe cursor.words }
  var orderTemplate: ByteText { unsafe cursor.orderTemplate }
  var periodTemplate: ByteText { unsafe cursor.periodTemplate }

  /// The row of the order that ``next()`` came to.
  public var order: OrderRow { unsafe cursor.order }
  /// Its id.
  public var orderID: ByteText { unsafe cursor.order.id }
  /// Its carrier, region and plan.
  public var place: LinePlace { unsafe cursor.place }
  /// Whether restoration tickets are among its rows.
  public var hasTickets: Bool { unsafe cursor.hasTickets }

  /// Whether an order of the block may have been withdrawn, or may have a ticket.
  public var isNotable: Bool { unsafe cursor.isNotable }

  /// Begins a block; false where the bytes are none.
  ///
  /// - Parameter patch: What lies over it; empty where nothing does.
  public func open(_ bytes: UnsafeBufferPointer<UInt8>, patch: UnsafeBufferPointer<UInt8>) -> Bool { unsafe cursor.open(bytes, patch) }

  /// Begins a patch without its block: its orders are gone to by ``nextPatched()``, and of their rows the orders' ids, the transactions and the imports
  /// can be told; other ids and the words may lie in the block. False where the bytes are none, or do not say what ids are told against.
  func open(patchAlone patch: UnsafeBufferPointer<UInt8>) -> Bool { unsafe cursor.open(patchAlone: patch) }

  /// Goes to the next order and reads its own row; what belongs to it is read by ``read(into:)``, or passed over.
  public func next() -> Bool { unsafe cursor.next() }

  /// Goes to the next order and reads its id alone; nothing else of it may be asked for before ``readRow()``.
  func nextID() -> Bool { unsafe cursor.nextID() }

  /// Goes to the order that lies there and reads its id alone, as ``nextID()`` does; not to be mixed with that or ``next()``.
  public func go(to offset: OrderOffset) { unsafe cursor.go(to: offset) }

  /// Reads the row of the order that ``nextID()`` or ``go(to:)`` came to; once.
  public func readRow() { unsafe cursor.readRow() }

  /// Goes to the next order like ``nextID()``; its id, and of which rows it was made.
  func nextHead() -> (id: ByteText, sourceHash: UInt64)? { unsafe cursor.nextHead() }

  /// Reads what every order of the block begins with, behind what was there: no more is known of most. Any of them is gone to by ``go(to:)`` then.
  public func readHeads(into heads: inout [OrderHead]) { unsafe cursor.readHeads(into: &heads) }

  /// Whether something in the block did not fit.
  public var isBroken: Bool { unsafe cursor.isBroken }

  /// The order's bytes as they stand.
  var raw: ByteText { unsafe cursor.raw }

  // What lies over the block.

  /// Whether anything does.
  var hasPatch: Bool { unsafe cursor.hasPatch }
  /// How many of the words are the block's own; those of its patch follow.
  var blockWordCount: Int { unsafe cursor.blockWordCount }
  /// The block's own bytes, and the patch's.
  var block: ByteText { unsafe cursor.block }
  var patch: ByteText { unsafe cursor.patch }
  /// Whether the order at hand lies in the patch.
  var isPatched: Bool { unsafe cursor.isPatched }
  /// The place over the block of the order at hand; also where one would come that stands in its stead.
  var patchPlace: PatchPlace { unsafe cursor.patchPlace }
  /// The place over the block of an order that comes before the one at hand, or after the last.
  var placeBefore: PatchPlace { unsafe PatchPlace(index: cursor.passed, replaces: false) }
  /// The patch's entries before the order at hand, and all others.
  var entriesBefore: ByteText { unsafe cursor.entriesBefore }
  var entriesLeft: ByteText { unsafe cursor.entriesLeft }

  /// Goes to the next order of the patch, whatever lies in the block between; not to be mixed with ``next()``.
  func nextPatched() -> Bool { unsafe cursor.nextPatched() }

  /// Reads the whole order; once after each ``next()``.
  ///
  /// - Parameter withPayments: Whether to read amounts of coin and transaction ids, which say nothing of what is owed; else they stay empty.
  public func read(into rows: inout OrderRows, withPayments: Bool = true) { unsafe cursor.read(into: &rows, withPayments) }
}

/// The numbers of a line's carrier, region and plan among a block's words.
public struct LinePlace: Sendable {
  public internal(set) var carrier: UInt32 = 0
  public internal(set) var region: UInt32 = 0
  public internal(set) var plan: UInt32 = 0
}

/// Where an order lies in a block with its patch: good for these.
public struct OrderOffset: Sendable {
  /// Where its id begins, and whether that is in the patch.
  private let number: UInt32

  init(_ start: Int, isPatched: Bool) { number = UInt32(truncatingIfNeeded: start) << 1 | (isPatched ? 1 : 0) }

  var start: Int { Int(number >> 1) }
  var isPatched: Bool { number & 1 != 0 }
}

/// What an order begins with.
public struct OrderHead: Sendable {
  /// The digits of the number, without its `+`.
  public let line: UInt64
  public let offset: OrderOffset
  public let place: LinePlace
  public let isVoided, isWithdrawn, hasTickets: Bool

  /// Whether it is none of what only some are.
  public var isOrdinary: Bool { !isVoided && !isWithdrawn && !hasTickets }
}
