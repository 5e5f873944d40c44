public import Coins
public import RefundPolicy

/// The number of a batch, at least 1. Written `B000001`.
public struct BatchID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let number: Int64

  public init(_ number: Int64) { self.number = number }

  /// Parses the written form, or the bare number.
  public init?(_ text: some StringProtocol) {
    guard let number = numberOfID(text.utf8.first == UInt8(ascii: "B") ? text.dropFirst() : text[...]) else { return nil }
    self.number = number
  }

  public static func < (left: BatchID, right: BatchID) -> Bool { left.number < right.number }

  public var description: String { "B\(padded(number, to: 6))" }
}

/// The id of a payment: its batch, and its number in it, from 1. Written `P000001-0001`; never used again, as batches never are.
public struct PaymentID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let batch: BatchID
  public let number: Int64

  public init(_ batch: BatchID, _ number: Int64) { (self.batch, self.number) = (batch, number) }

  /// Parses the written form.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard text.utf8.first == UInt8(ascii: "P"), parts.count == 2, let batch = numberOfID(parts[0].dropFirst()),
      let number = numberOfID(parts[1])
    else { return nil }
    self.init(BatchID(batch), number)
  }

  public static func < (left: PaymentID, right: PaymentID) -> Bool {
    (left.batch, left.number) < (right.batch, right.number)
  }

  public var description: String { "P\(padded(batch.number, to: 6))-\(padded(number, to: 4))" }
}

private func numberOfID(_ digits: some StringProtocol) -> Int64? {
  guard (1...18).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return Int64(digits).flatMap { $0 >= 1 ? $0 : nil }
}

private func padded(_ number: Int64, to width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
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
  /// The payment that it is a part of.
  public var payment: PaymentID
  public var route: PayoutRoute
  public var coin: String
  /// As the item names it: nil for the coin's own chain.
  public var network: String?
  public var address: String
  public var tag: String?
  /// The item's part of the payment.
  public var amount: CoinAmount
  public var usd: Cents
  public var rate: QuotedRate
  /// What the rate was measured by, for this item (G6).
  public var rateCheck: RateCheck

  public init(
    item: ItemID, orderID: String, version: Int64, payment: PaymentID, route: PayoutRoute, coin: String, network: String?,
    address: String, tag: String?, amount: CoinAmount, usd: Cents, rate: QuotedRate, rateCheck: RateCheck
  ) {
    (self.item, self.orderID, self.version, self.payment, self.route) = (item, orderID, version, payment, route)
    (self.coin, self.network, self.address, self.tag) = (coin, network, address, tag)
    (self.amount, self.usd, self.rate, self.rateCheck) = (amount, usd, rate, rateCheck)
  }
}

/// What one destination gets in a batch, at once: the refunds to one coin, network, address and tag (G3).
public struct Payment: Hashable, Sendable {
  public var id: PaymentID
  /// The name of the network, also where it is the coin's own chain.
  public var chain: String
  public var isOnOwnChain: Bool
  /// At least one, by item; all of one route, coin, address, tag and rate.
  public var payouts: [Payout]

  public init(id: PaymentID, chain: String, isOnOwnChain: Bool, payouts: [Payout]) {
    (self.id, self.chain, self.isOnOwnChain, self.payouts) = (id, chain, isOnOwnChain, payouts)
  }

  /// The sum of its parts, exactly: each of them is rounded down for itself (H2), so that it is never above what the dollars buy.
  public var amount: CoinAmount {
    CoinAmount(atomic: payouts.reduce(0) { $0 + $1.amount.atomic }, decimals: payouts.first?.amount.decimals ?? 0)
  }

  public var usd: Cents { payouts.reduce(.zero) { $0 + $1.usd } }
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

/// A doubtful rate that a person lets pay (G6): this value of this quote, and no other.
public struct RateAcceptance: Hashable, Sendable {
  public var coin: String
  public var rate: ExchangeRate
  public var quotedAt: Instant
  /// Why it was doubtful.
  public var doubt: String

  public init(coin: String, rate: ExchangeRate, quotedAt: Instant, doubt: String) {
    (self.coin, self.rate, self.quotedAt, self.doubt) = (coin, rate, quotedAt, doubt)
  }
}

/// A batch as it was prepared.
public struct Batch: Hashable, Sendable {
  public var id: BatchID
  public var preparedAt: Instant
  public var preparedBy: String
  public var profiles: [String]
}

/// What the processor says of one payment.
public struct ProcessorResult: Hashable, Sendable {
  public var txid: String
  public var settledAt: Instant
  public var fee: Cents?

  public init(txid: String, settledAt: Instant, fee: Cents?) { (self.txid, self.settledAt, self.fee) = (txid, settledAt, fee) }
}

/// Where a payout stands, for lists and explanations.
public struct PayoutStatus: Hashable, Sendable {
  public var batch: BatchID { payout.payment.batch }
  public var payout: Payout
  /// `approved` for one that was taken back from its batch.
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
  /// Who accepted its rate, and when; nil where it was not doubtful (G6).
  public var accepted: Acceptance?

  /// A person's word for a doubtful rate.
  public struct Acceptance: Hashable, Sendable {
    public var name: String
    public var at: Instant
  }

  /// Whether it was paid after the promised day, or was not paid by the end of `today`.
  public func isLate(on today: ServiceDay) -> Bool { (paidAt?.day ?? today) > dueOn }
}
