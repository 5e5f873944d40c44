public import Coins
public import RefundPolicy

/// The number of a batch, at least 1. Written `B000001`.
public struct BatchID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let number: Int64

  public init(_ number: Int64) { self.number = number }

  /// Parses the written form, or the bare number.
  public init?(_ text: some StringProtocol) {
    let digits = text.utf8.first == UInt8(ascii: "B") ? text.dropFirst() : text[...]
    guard (1...18).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits), number >= 1 else {
      return nil
    }
    self.number = number
  }

  public static func < (left: BatchID, right: BatchID) -> Bool { left.number < right.number }

  public var description: String {
    let digits = String(number)
    return "B" + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
  }
}

/// By which way a payout goes out (H3).
public enum PayoutRoute: String, Hashable, Sendable, CaseIterable { case monero, processor }

/// A rate as a payout used it (H2).
public struct QuotedRate: Hashable, Sendable {
  public var rate: ExchangeRate
  public var quotedAt: Instant
  /// Which price it was, as far as it is known: bid, ask, mid, last; `unstated` where nothing says so.
  public var side: String
  /// Where it came from: an import, or the command line.
  public var source: String

  public init(rate: ExchangeRate, quotedAt: Instant, side: String, source: String) {
    (self.rate, self.quotedAt, self.side, self.source) = (rate, quotedAt, side, source)
  }
}

/// A refund as a batch pays it: the amount is locked.
public struct Payout: Hashable, Sendable {
  public var item: ItemID
  public var orderID: String
  /// The approved version of the item.
  public var version: Int64
  public var route: PayoutRoute
  public var coin: String
  public var network: String?
  public var address: String
  public var tag: String?
  public var amount: CoinAmount
  public var usd: Cents
  public var rate: QuotedRate

  public init(
    item: ItemID, orderID: String, version: Int64, route: PayoutRoute, coin: String, network: String?, address: String, tag: String?,
    amount: CoinAmount, usd: Cents, rate: QuotedRate
  ) {
    (self.item, self.orderID, self.version, self.route) = (item, orderID, version, route)
    (self.coin, self.network, self.address, self.tag) = (coin, network, address, tag)
    (self.amount, self.usd, self.rate) = (amount, usd, rate)
  }
}

/// An approved item that a batch leaves behind.
public struct Leftover: Hashable, Sendable {
  public var item: ItemID
  public var orderID: String
  public var coin: String
  public var network: String?
  public var usd: Cents
  /// One plain sentence.
  public var reason: String

  public init(item: ItemID, orderID: String, coin: String, network: String?, usd: Cents, reason: String) {
    (self.item, self.orderID, self.coin, self.network) = (item, orderID, coin, network)
    (self.usd, self.reason) = (usd, reason)
  }
}

/// A batch as it was prepared.
public struct Batch: Hashable, Sendable {
  public var id: BatchID
  public var preparedAt: Instant
  public var preparedBy: String
  public var profiles: [String]
}

/// What the processor says of one payout.
public struct ProcessorResult: Hashable, Sendable {
  public var txid: String
  public var settledAt: Instant
  public var fee: Cents?

  public init(txid: String, settledAt: Instant, fee: Cents?) { (self.txid, self.settledAt, self.fee) = (txid, settledAt, fee) }
}

/// Where a payout stands, for lists and explanations.
public struct PayoutStatus: Hashable, Sendable {
  public var batch: BatchID
  public var payout: Payout
  public var state: ItemState
  /// Q5: until when it was promised.
  public var dueOn: ServiceDay
  public var txid: String?
  public var paidAt: Instant?
  public var fee: Cents?
  /// What proves a payout of Monero to anybody: the transaction's key.
  public var key: String?
  /// Why a person is needed.
  public var stuck: String?

  /// Whether it was paid after the promised day, or was not paid by the end of `today`.
  public func isLate(on today: ServiceDay) -> Bool { (paidAt?.day ?? today) > dueOn }
}
