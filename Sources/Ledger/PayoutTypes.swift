package import Coins
package import RefundPolicy

/// The number of a batch, at least 1. Written `B000001`.
package struct BatchID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let number: Int64

  package init(_ number: Int64) { self.number = number }

  /// Parses the written form, or the bare number.
  package init?(_ text: some StringProtocol) {
    let digits = text.utf8.first == UInt8(ascii: "B") ? text.dropFirst() : text[...]
    guard (1...18).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits), number >= 1 else {
      return nil
    }
    self.number = number
  }

  package static func < (left: BatchID, right: BatchID) -> Bool { left.number < right.number }

  package var description: String {
    let digits = String(number)
    return "B" + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
  }
}

/// By which way a payout goes out (H3).
package enum PayoutRoute: String, Hashable, Sendable, CaseIterable { case monero, processor }

/// A rate as a payout used it (H2).
package struct QuotedRate: Hashable, Sendable {
  package var rate: ExchangeRate
  package var quotedAt: Instant
  /// Which price it was, as far as it is known: bid, ask, mid, last; `unstated` where nothing says so.
  package var side: String
  /// Where it came from: an import, or the command line.
  package var source: String

  package init(rate: ExchangeRate, quotedAt: Instant, side: String, source: String) {
    (self.rate, self.quotedAt, self.side, self.source) = (rate, quotedAt, side, source)
  }
}

/// A refund as a batch pays it: the amount is locked.
package struct Payout: Hashable, Sendable {
  package var item: ItemID
  package var orderID: String
  /// The approved version of the item.
  package var version: Int64
  package var route: PayoutRoute
  package var coin: String
  package var network: String?
  package var address: String
  package var tag: String?
  package var amount: CoinAmount
  package var usd: Cents
  package var rate: QuotedRate

  package init(
    item: ItemID, orderID: String, version: Int64, route: PayoutRoute, coin: String, network: String?, address: String, tag: String?,
    amount: CoinAmount, usd: Cents, rate: QuotedRate
  ) {
    (self.item, self.orderID, self.version, self.route) = (item, orderID, version, route)
    (self.coin, self.network, self.address, self.tag) = (coin, network, address, tag)
    (self.amount, self.usd, self.rate) = (amount, usd, rate)
  }
}

/// An approved item that a batch leaves behind.
package struct Leftover: Hashable, Sendable {
  package var item: ItemID
  package var orderID: String
  package var coin: String
  package var network: String?
  package var usd: Cents
  /// One plain sentence.
  package var reason: String

  package init(item: ItemID, orderID: String, coin: String, network: String?, usd: Cents, reason: String) {
    (self.item, self.orderID, self.coin, self.network) = (item, orderID, coin, network)
    (self.usd, self.reason) = (usd, reason)
  }
}

/// A batch as it was prepared.
package struct Batch: Hashable, Sendable {
  package var id: BatchID
  package var preparedAt: Instant
  package var profiles: [String]
}

/// What the processor says of one payout.
package struct ProcessorResult: Hashable, Sendable {
  package var txid: String
  package var settledAt: Instant
  package var fee: Cents?

  package init(txid: String, settledAt: Instant, fee: Cents?) { (self.txid, self.settledAt, self.fee) = (txid, settledAt, fee) }
}

/// Where a payout stands, for lists and explanations.
package struct PayoutStatus: Hashable, Sendable {
  package var batch: BatchID
  package var payout: Payout
  package var state: ItemState
  /// Q5: until when it was promised.
  package var dueOn: ServiceDay
  package var txid: String?
  package var paidAt: Instant?
  package var fee: Cents?
  /// What proves a payout of Monero to anybody: the transaction's key.
  package var key: String?
  /// Why a person is needed.
  package var stuck: String?

  /// Whether it was paid after the promised day, or was not paid by the end of `today`.
  package func isLate(on today: ServiceDay) -> Bool { (paidAt?.day ?? today) > dueOn }
}
