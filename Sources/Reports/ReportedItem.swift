public import RefundPolicy

/// A text of a row: of Swift's own, or bytes that lie where they were read.
public protocol ReportText: Sendable {
  var string: String { get }
  func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void)
}

extension String: ReportText {
  public var string: String { self }

  @inline(__always)
  public func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    let isThere: Void? = unsafe utf8.withContiguousStorageIfAvailable { unsafe body($0) }
    precondition(isThere != nil, "a text of Swift's own lies in one piece")
  }
}

/// A text that lies where it was read; good as long as that.
@safe public struct TextBytes: ReportText, @unchecked Sendable {
  @usableFromInline let bytes: UnsafeBufferPointer<UInt8>

  @inlinable @inline(__always) public init(_ bytes: UnsafeBufferPointer<UInt8>) { unsafe self.bytes = bytes }

  public var string: String { unsafe String(decoding: bytes, as: UTF8.self) }

  @inline(__always)
  public func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) { unsafe body(bytes) }
}

/// An item as the files of a run tell it.
public struct ReportedItem<Text: ReportText>: Sendable {
  public var id: ItemID
  public var orderID: Text
  public var periodID: Text
  public var state: ItemState
  public var openedOn: ServiceDay
  public var dueOn: ServiceDay
  public var causes: CauseSet
  /// Both days are inclusive; none for a withdrawn item.
  public var firstDay: ServiceDay?
  public var lastDay: ServiceDay?
  public var days: Int
  public var amount: Cents
  public var coin: Text
  /// Empty for none, as address and tag.
  public var network: Text
  public var address: Text
  public var tag: Text
  public var flags: FlagSet
  public var explanation: RefundExplanation

  // Put together in other modules, for their kind of text.
  @inlinable @inline(__always) public init(
    id: ItemID, orderID: Text, periodID: Text, state: ItemState, openedOn: ServiceDay, dueOn: ServiceDay, causes: CauseSet,
    firstDay: ServiceDay?, lastDay: ServiceDay?, days: Int, amount: Cents, coin: Text, network: Text, address: Text, tag: Text,
    flags: FlagSet, explanation: RefundExplanation
  ) {
    (self.id, self.orderID, self.periodID, self.state) = (id, orderID, periodID, state)
    (self.openedOn, self.dueOn, self.causes) = (openedOn, dueOn, causes)
    (self.firstDay, self.lastDay, self.days, self.amount) = (firstDay, lastDay, days, amount)
    (self.coin, self.network, self.address, self.tag) = (coin, network, address, tag)
    (self.flags, self.explanation) = (flags, explanation)
  }

  public var isOverdue: Bool { flags.has(.overdue) }

  /// The same, to be kept.
  var kept: ReportedItem<String> {
    ReportedItem<String>(
      id: id, orderID: orderID.string, periodID: periodID.string, state: state, openedOn: openedOn, dueOn: dueOn, causes: causes,
      firstDay: firstDay, lastDay: lastDay, days: days, amount: amount, coin: coin.string, network: network.string, address: address.string,
      tag: tag.string, flags: flags, explanation: explanation)
  }
}
