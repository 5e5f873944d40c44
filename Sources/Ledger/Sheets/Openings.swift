public import RefundPolicy

/// Figures of an item to be opened.
public struct ItemTerms: Hashable, Sendable {
  public var amount: Cents
  public var dayCount: Int
  public var firstDay: ServiceDay
  public var lastDay: ServiceDay
  /// What the daily shares are taken of, and all that was paid.
  public var base: Cents
  public var paid: Cents
  public var period: DayRange
  public var flags: FlagSet
  public var dueOn: ServiceDay

  public init(
    amount: Cents, dayCount: Int, firstDay: ServiceDay, lastDay: ServiceDay, base: Cents, paid: Cents, period: DayRange, flags: FlagSet,
    dueOn: ServiceDay
  ) {
    (self.amount, self.dayCount, self.firstDay, self.lastDay) = (amount, dayCount, firstDay, lastDay)
    (self.base, self.paid, self.period, self.flags, self.dueOn) = (base, paid, period, flags, dueOn)
  }

  /// Whether days that are all of the item's say nothing that its figures do not.
  fileprivate func areTold(by sole: borrowing ItemStretch) -> Bool {
    sole.days.first == firstDay && sole.days.last == lastDay && sole.days.dayCount == dayCount && sole.amount == amount && sole.base == base
  }
}

/// Items to be opened, in the text in which they will stand on a sheet once they have ids: a night that opens half a million of them makes no value
/// of any. Other texts that go along are kept with them. It may go from one thread to another as a whole.
@safe public final class Openings: @unchecked Sendable {
  /// A text among others.
  public struct Text: Hashable, Sendable {
    fileprivate var range: Range<Int>
  }

  public struct Entry: Sendable {
    /// From the comma behind the id on.
    fileprivate var text: Text
    /// The places of those words in it that a sheet tells once for all its items; see ``SheetFormat``.
    fileprivate var words: Range<Int>
    public var amount: Cents
    public var dueOn: ServiceDay
  }

  private let texts: SheetBytes
  /// Where evidence stands, with its quotes.
  private var words: [Range<Int>] = []

  /// - Parameter capacity: Bytes for which there is room at first.
  public init(capacity: Int = 8192) { texts = SheetBytes(capacity: capacity) }

  public func clear() {
    texts.clear()
    words.removeAll(keepingCapacity: true)
  }

  /// Keeps an id, or what else goes along.
  public func keep(_ id: UnsafeBufferPointer<UInt8>) -> Text {
    let start = texts.count
    texts.write(id.count) { unsafe $0.raw(id) }
    return Text(range: start..<texts.count)
  }

  /// Keeps an entry of another.
  func keep(_ entry: Entry, of other: Openings) -> Entry {
    var kept = entry
    kept.text = unsafe keep(other.bytes(entry.text))
    let (first, distance) = (words.count, kept.text.range.lowerBound - entry.text.range.lowerBound)
    for word in other.words[entry.words] { words.append(word.lowerBound + distance..<word.upperBound + distance) }
    kept.words = first..<words.count
    return kept
  }

  /// Good until something else is put in.
  public func bytes(_ text: Text) -> UnsafeBufferPointer<UInt8> { unsafe texts[text.range] }

  /// Calls `body` with an entry in pieces: what comes before each of its words, and the word; at last what comes behind them.
  func eachPiece(
    of entry: Entry, _ body: (_ text: UnsafeBufferPointer<UInt8>, _ word: UnsafeBufferPointer<UInt8>?) -> Void
  ) {
    var next = entry.text.range.lowerBound
    for index in entry.words {
      unsafe body(texts[next..<words[index].lowerBound], texts[words[index]])
      next = words[index].upperBound
    }
    unsafe body(texts[next..<entry.text.range.upperBound], nil)
  }

  /// The most that an entry takes with a number in the place of each word.
  func most(of entry: Entry) -> Int { entry.text.range.count + entry.words.count * SheetPen.mostOfNumber }

  /// Puts an item in; one of a pending item that the policy has not approved, without address and tag.
  ///
  /// - Parameter network: Empty for none.
  public func add(
    order: UnsafeBufferPointer<UInt8>, period: UnsafeBufferPointer<UInt8>, coin: UnsafeBufferPointer<UInt8>, network: UnsafeBufferPointer<UInt8>,
    _ terms: ItemTerms, _ stretches: [ItemStretch]
  ) -> Entry {
    let start = texts.count
    let bytes = order.count + period.count + coin.count + network.count
    texts.write(16 * SheetPen.mostOfNumber + SheetPen.most(of: bytes) + 16) { pen in
      unsafe pen.next(order)
      unsafe pen.next(period)
      unsafe pen.next(coin)
      if network.isEmpty { pen.nextNull() } else { unsafe pen.next(network) }
      pen.next(terms.amount.count)
      pen.next(Int64(terms.dayCount))
      pen.next(Int64(terms.firstDay.ordinal))
      pen.next(Int64(terms.lastDay.ordinal))
      pen.next(terms.base.count)
      pen.next(terms.paid.count)
      pen.next(Int64(terms.period.first.ordinal))
      pen.next(Int64(terms.period.dayCount))
      pen.next(Int64(terms.flags.rawValue))
      pen.next(Int64(terms.dueOn.ordinal))
      pen.byte(UInt8(ascii: ","))
    }
    let firstWord = words.count
    let isSole = stretches.count == 1 && terms.areTold(by: stretches[0])
    for index in stretches.indices {
      texts.write(4 * SheetPen.mostOfNumber) { pen in
        pen.byte(UInt8(ascii: index == 0 ? "[" : ","))
        pen.byte(UInt8(ascii: "["))
        if !isSole {
          pen.number(Int64(stretches[index].days.first.ordinal))
          pen.next(Int64(stretches[index].days.last.ordinal))
          pen.byte(UInt8(ascii: ","))
        }
        pen.number(Int64(stretches[index].cause.rawValue))
        pen.byte(UInt8(ascii: ","))
      }
      let word = texts.count
      texts.write(SheetPen.most(of: stretches[index].evidence.utf8.count)) { $0.text(stretches[index].evidence) }
      words.append(word..<texts.count)
      texts.write(4 * SheetPen.mostOfNumber) { pen in
        if !isSole { pen.next(stretches[index].amount.count) }
        if stretches[index].base != terms.base { pen.next(stretches[index].base.count) }
        pen.byte(UInt8(ascii: "]"))
        if index == stretches.count - 1 { for byte in "]]".utf8 { pen.byte(byte) } }
      }
    }
    return Entry(text: Text(range: start..<texts.count), words: firstWord..<words.count, amount: terms.amount, dueOn: terms.dueOn)
  }

  /// Puts an item in that there is a value of.
  func add(_ item: Item, _ stretches: [ItemStretch]) -> Entry {
    let terms = ItemTerms(
      amount: item.amount, dayCount: item.dayCount, firstDay: item.firstDay ?? item.period.first, lastDay: item.lastDay ?? item.period.last,
      base: item.base, paid: item.paid, period: item.period, flags: item.flags, dueOn: item.dueOn)
    var (order, period, coin, network) = (item.orderID, item.periodID, item.coin, item.network ?? "")
    return order.withUTF8 { order in
      period.withUTF8 { period in
        coin.withUTF8 { coin in
          network.withUTF8 { network in unsafe add(order: order, period: period, coin: coin, network: network, terms, stretches) }
        }
      }
    }
  }
}
