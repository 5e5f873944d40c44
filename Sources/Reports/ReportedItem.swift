package import RefundPolicy

/// A text of a row: of Swift's own, or bytes that lie where they were read.
package protocol ReportText: Sendable {
  var string: String { get }
  func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void)
}

extension String: ReportText {
  package var string: String { self }

  @inline(__always)
  package func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    let isThere: Void? = unsafe utf8.withContiguousStorageIfAvailable { unsafe body($0) }
    precondition(isThere != nil, "a text of Swift's own lies in one piece")
  }
}

/// A text that lies where it was read; good as long as that.
@safe package struct TextBytes: ReportText, @unchecked Sendable {
  @usableFromInline let bytes: UnsafeBufferPointer<UInt8>

  @inlinable @inline(__always) package init(_ bytes: UnsafeBufferPointer<UInt8>) { unsafe self.bytes = bytes }

  package var string: String { unsafe String(decoding: bytes, as: UTF8.self) }

  @inline(__always)
  package func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) { unsafe body(bytes) }
}

/// An item as the files of a run tell it.
package struct ReportedItem<Text: ReportText>: Sendable {
  package var id: ItemID
  package var orderID: Text
  package var periodID: Text
  package var state: ItemState
  package var openedOn: ServiceDay
  package var dueOn: ServiceDay
  package var causes: CauseSet
  /// Both days are inclusive; none for a withdrawn item.
  package var firstDay: ServiceDay?
  package var lastDay: ServiceDay?
  package var days: Int
  package var amount: Cents
  package var coin: Text
  /// Empty for none, as address and tag.
  package var network: Text
  package var address: Text
  package var tag: Text
  package var flags: FlagSet
  package var explanation: RefundExplanation

  // Put together in other modules, for their kind of text.
  @inlinable @inline(__always) package init(
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

  package var isOverdue: Bool { flags.has(.overdue) }

  /// The same, to be kept.
  var kept: ReportedItem<String> {
    ReportedItem<String>(
      id: id, orderID: orderID.string, periodID: periodID.string, state: state, openedOn: openedOn, dueOn: dueOn, causes: causes,
      firstDay: firstDay, lastDay: lastDay, days: days, amount: amount, coin: coin.string, network: network.string, address: address.string,
      tag: tag.string, flags: flags, explanation: explanation)
  }
}
