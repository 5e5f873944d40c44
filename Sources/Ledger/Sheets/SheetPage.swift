import Glibc
public import RefundPolicy

/// An item on a sheet, as it was opened: figures, and texts that lie where they were read. Good until another sheet is read.
@safe public struct SheetItem {
  public let id: ItemID
  public let order, period, coin: UnsafeBufferPointer<UInt8>
  /// Empty for none.
  public let network: UnsafeBufferPointer<UInt8>
  public let amount: Cents
  public let dayCount: Int
  public let firstDay, lastDay: ServiceDay
  public let base, paid: Cents
  /// All days of the period.
  public let periodDays: DayRange
  public let causes: CauseSet
  /// As it was opened, without what the state of the whole sheet adds.
  fileprivate let flags: FlagSet
  public let dueOn: ServiceDay
  /// Their places among those of the sheet.
  fileprivate let stretches: Range<Int>

  init(
    id: ItemID, order: UnsafeBufferPointer<UInt8>, period: UnsafeBufferPointer<UInt8>, coin: UnsafeBufferPointer<UInt8>,
    network: UnsafeBufferPointer<UInt8>, amount: Cents, dayCount: Int, firstDay: ServiceDay, lastDay: ServiceDay, base: Cents, paid: Cents,
    periodDays: DayRange, causes: CauseSet, flags: FlagSet, dueOn: ServiceDay, stretches: Range<Int>
  ) {
    unsafe (self.id, self.order, self.period, self.coin, self.network) = (id, order, period, coin, network)
    (self.amount, self.dayCount, self.firstDay, self.lastDay) = (amount, dayCount, firstDay, lastDay)
    (self.base, self.paid, self.periodDays, self.causes) = (base, paid, periodDays, causes)
    (self.flags, self.dueOn, self.stretches) = (flags, dueOn, stretches)
  }
}

/// Days of an item on a sheet that have one cause and one evidence.
@safe public struct SheetStretch {
  public fileprivate(set) var days: DayRange
  public let cause: Cause
  public internal(set) var evidence: UnsafeBufferPointer<UInt8>
  /// The place of the evidence among the words of the sheet, until those are read; -1 where it stands with the days.
  let word: Int
  public fileprivate(set) var amount: Cents
  fileprivate let base: Cents

  init(days: DayRange, cause: Cause, evidence: UnsafeBufferPointer<UInt8>, word: Int, amount: Cents, base: Cents) {
    unsafe (self.days, self.cause, self.evidence, self.word, self.amount, self.base) = (days, cause, evidence, word, amount, base)
  }

  fileprivate func goesOn(in next: SheetStretch) -> Bool {
    guard days.end == next.days.first, cause == next.cause, unsafe evidence.count == next.evidence.count else { return false }
    guard let one = unsafe evidence.baseAddress, let other = unsafe next.evidence.baseAddress else { return true }
    return unsafe memcmp(one, other, evidence.count) == 0
  }
}

/// What all items of a sheet share.
public struct SheetHead: Hashable, Sendable {
  public var run: RunID
  public var openedOn: ServiceDay
  public var state: ItemState

  static let columns = "first_item, last_item, run_id, opened_on, state, item_count, left_count, items, digest"
}

/// The items of one sheet as they lie in its text, of which it keeps a copy.
@safe public final class SheetPage {
  public private(set) var head: SheetHead
  /// Ascending, as they were opened.
  private(set) var items: [SheetItem] = []
  private var stretches: [SheetStretch] = []
  private var words: [UnsafeBufferPointer<UInt8>] = unsafe []
  private var text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 16_384)
  /// Items mostly have the same evidence as the one before: one text for all of them.
  private var lastEvidence = ""

  init() {
    head = SheetHead(run: RunID(0), openedOn: ServiceDay(ordinal: 0), state: .pending)
    unsafe text.initialize(repeating: 0)
  }

  deinit { unsafe text.deallocate() }

  /// - Parameter text: The column `items`.
  func read(_ text: UnsafeBufferPointer<UInt8>, _ head: SheetHead) throws(SheetParser.Unreadable) {
    self.head = head
    if unsafe text.count + SheetParser.padding > self.text.count {
      unsafe self.text.deallocate()
      unsafe self.text = .allocate(capacity: 2 * text.count + SheetParser.padding)
      unsafe self.text.initialize(repeating: 0)
    }
    unsafe _ = self.text.update(fromContentsOf: text)
    var parser = unsafe SheetParser(UnsafeMutableBufferPointer(rebasing: self.text[..<text.count]))
    do throws(SheetParser.Unreadable) { unsafe try parser.read(&items, &stretches, &words) } catch {
      items.removeAll(keepingCapacity: true)
      throw error
    }
  }

  /// Leaves items out.
  func remove(_ ids: Set<ItemID>) { items.removeAll { ids.contains($0.id) } }

  public func flags(of item: SheetItem) -> FlagSet { head.state == .held ? item.flags.union(.nightLimit) : item.flags }

  /// Calls `body` with an item's days, neighbours of one cause and evidence joined: as the reports tell them.
  public func eachJoined(_ item: SheetItem, _ body: (SheetStretch) throws -> Void) rethrows {
    var at = item.stretches.lowerBound
    while at < item.stretches.upperBound {
      var joined = stretches[at]
      at += 1
      while at < item.stretches.upperBound, joined.goesOn(in: stretches[at]), let days = DayRange(joined.days.first, upTo: stretches[at].days.end) {
        joined.days = days
        joined.amount += stretches[at].amount
        at += 1
      }
      try body(joined)
    }
  }

  /// The evidence of an item's first days, and that of its other days where it differs.
  public func evidence(of item: SheetItem) -> (first: UnsafeBufferPointer<UInt8>, others: [UnsafeBufferPointer<UInt8>]) {
    let first = unsafe stretches[item.stretches.lowerBound].evidence
    var others: [UnsafeBufferPointer<UInt8>] = unsafe []
    for index in item.stretches.dropFirst() {
      let other = unsafe stretches[index].evidence
      if unsafe other.baseAddress != first.baseAddress && !other.elementsEqual(first) { unsafe others.append(other) }
    }
    return unsafe (first, others)
  }

  /// The item as a value of its own.
  func value(of item: SheetItem) -> ItemWithDays {
    func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String { unsafe String(decoding: bytes, as: UTF8.self) }
    let value = unsafe Item(
      id: item.id, orderID: text(item.order), periodID: text(item.period), coin: text(item.coin),
      network: item.network.isEmpty ? nil : text(item.network), openedOn: head.openedOn, state: head.state, isAutomatic: false, amount: item.amount,
      dayCount: item.dayCount, firstDay: item.firstDay, lastDay: item.lastDay, base: item.base, paid: item.paid, period: item.periodDays,
      causes: item.causes, flags: flags(of: item), dueOn: item.dueOn, address: nil, tag: nil, run: head.run, version: 1, revision: 1, reviewID: nil)
    let days = stretches[item.stretches].map { stretch in
      if unsafe !lastEvidence.utf8.elementsEqual(stretch.evidence) { lastEvidence = unsafe text(stretch.evidence) }
      return ItemStretch(days: stretch.days, cause: stretch.cause, evidence: lastEvidence, amount: stretch.amount, base: stretch.base)
    }
    return ItemWithDays(item: value, stretches: days)
  }
}
