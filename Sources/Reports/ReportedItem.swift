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

/// The records behind an item's days.
public struct ReportedEvidence<Text: ReportText>: Sendable {
  /// Of the first days: `outage:ID`, several joined by `+`.
  public var first: Text
  /// Of other days, where it is not that of the first; mostly there are none.
  public var others: [Text]

  // Put together in other modules, for their kind of text.
  @inlinable @inline(__always) public init(_ first: Text, others: [Text] = []) { (self.first, self.others) = (first, others) }

  /// Each record once, sorted by its bytes.
  public var records: [String] {
    let all = ([first] + others).flatMap { ReportedEvidence.records(in: $0.string) }
    return Set(all).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static var kinds: [String] { ["withdrawal:", "outage:", "restoration:", "feature_fault:", "request:"] }

  /// An id may have a `+` in it: a record begins only where its kind does.
  private static func records(in text: String) -> [String] {
    var records: [String] = []
    for part in text.split(separator: "+", omittingEmptySubsequences: false) {
      if let last = records.last, !kinds.contains(where: part.hasPrefix) {
        records[records.count - 1] = last + "+" + part
      } else {
        records.append(String(part))
      }
    }
    return records
  }
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
  public var evidence: ReportedEvidence<Text>
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
    evidence: ReportedEvidence<Text>, firstDay: ServiceDay?, lastDay: ServiceDay?, days: Int, amount: Cents, coin: Text, network: Text, address: Text,
    tag: Text,
    flags: FlagSet, explanation: RefundExplanation
  ) {
    (self.id, self.orderID, self.periodID, self.state) = (id, orderID, periodID, state)
    (self.openedOn, self.dueOn, self.causes, self.evidence) = (openedOn, dueOn, causes, evidence)
    (self.firstDay, self.lastDay, self.days, self.amount) = (firstDay, lastDay, days, amount)
    (self.coin, self.network, self.address, self.tag) = (coin, network, address, tag)
    (self.flags, self.explanation) = (flags, explanation)
  }

  public var isOverdue: Bool { flags.has(.overdue) }

  /// The same, to be kept.
  var kept: ReportedItem<String> {
    ReportedItem<String>(
      id: id, orderID: orderID.string, periodID: periodID.string, state: state, openedOn: openedOn, dueOn: dueOn, causes: causes,
      evidence: ReportedEvidence(evidence.first.string, others: evidence.others.map(\.string)), firstDay: firstDay, lastDay: lastDay, days: days,
      amount: amount, coin: coin.string, network: network.string, address: address.string,
      tag: tag.string, flags: flags, explanation: explanation)
  }
}
