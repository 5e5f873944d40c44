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
    public var amount: Cents
    public var dueOn: ServiceDay
  }

  private let texts: SheetBytes

  /// - Parameter capacity: Bytes for which there is room at first.
  public init(capacity: Int = 8192) { texts = SheetBytes(capacity: capacity) }

  public func clear() { texts.clear() }

  /// Keeps an id, or what else goes along.
  public func keep(_ id: UnsafeBufferPointer<UInt8>) -> Text {
    let start = texts.count
    texts.write(id.count) { unsafe $0.raw(id) }
    return Text(range: start..<texts.count)
  }

  /// Keeps an entry of another.
  func keep(_ bytes: UnsafeBufferPointer<UInt8>, like entry: Entry) -> Entry {
    unsafe Entry(text: keep(bytes), amount: entry.amount, dueOn: entry.dueOn)
  }

  /// Good until something else is put in.
  public func bytes(_ text: Text) -> UnsafeBufferPointer<UInt8> { unsafe texts[text.range] }

  public func bytes(_ entry: Entry) -> UnsafeBufferPointer<UInt8> { unsafe texts[entry.text.range] }

  /// Puts an item in; one of a pending item that the policy has not approved, without address and tag.
  ///
  /// - Parameter network: Empty for none.
  public func add(
    order: UnsafeBufferPointer<UInt8>, period: UnsafeBufferPointer<UInt8>, coin: UnsafeBufferPointer<UInt8>, network: UnsafeBufferPointer<UInt8>,
    _ terms: ItemTerms, _ stretches: [ItemStretch]
  ) -> Entry {
    let start = texts.count
    var most = 16 * SheetPen.mostOfNumber
    for text in [order.count, period.count, coin.count, network.count] { most += SheetPen.most(of: text) }
    for index in stretches.indices { most += 8 * SheetPen.mostOfNumber + SheetPen.most(of: stretches[index].evidence.utf8.count) }
    texts.write(most) { pen in
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
      for index in stretches.indices {
        pen.byte(UInt8(ascii: index == 0 ? "[" : ","))
        pen.byte(UInt8(ascii: "["))
        pen.number(Int64(stretches[index].days.first.ordinal))
        pen.next(Int64(stretches[index].days.last.ordinal))
        pen.next(Int64(stretches[index].cause.rawValue))
        pen.next(stretches[index].evidence)
        pen.next(stretches[index].amount.count)
        pen.next(stretches[index].base.count)
        pen.byte(UInt8(ascii: "]"))
      }
      pen.byte(UInt8(ascii: "]"))
      pen.byte(UInt8(ascii: "]"))
    }
    return Entry(text: Text(range: start..<texts.count), amount: terms.amount, dueOn: terms.dueOn)
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
