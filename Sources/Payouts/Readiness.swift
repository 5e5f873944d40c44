public import Coins
public import Ledger
public import RefundPolicy
public import Storage

/// A rate that a person gave with `prepare`.
public struct GivenRate: Hashable, Sendable {
  public var coin: String
  public var rate: ExchangeRate
  public var quotedAt: Instant

  public init(coin: String, rate: ExchangeRate, quotedAt: Instant) { (self.coin, self.rate, self.quotedAt) = (coin, rate, quotedAt) }
}

/// Decides of each approved item whether it can be paid now, and at what amount of its coin (H1, H2, H3, G3).
public struct Readiness {
  private let connection: Connection
  private let operating: OperatingNumbers
  private let coins: CoinTable
  private let given: [GivenRate]
  private let side: String
  private let needsNoTags: Bool
  private let now: Instant
  private var rates: [String: Result<QuotedRate, Reason>] = [:]

  /// Why an item stays behind, in one plain sentence.
  private struct Reason: Error { let words: String }

  /// - Parameter hasTagColumn: Whether every upload template asked for can say a tag.
  public init(on connection: Connection, given: [GivenRate], side: String, hasTagColumn: Bool, now: Instant) throws {
    (self.connection, self.given, self.side, self.now) = (connection, given, side, now)
    operating = try connection.settings().operating(at: now)
    coins = CoinTable(operating.coins)
    needsNoTags = !hasTagColumn
  }

  /// Every approved item: what would be paid, and what stays behind.
  public mutating func all() throws -> (payouts: [Payout], leftovers: [Leftover]) {
    var items: [Item] = []
    try connection.eachApproved { items.append($0) }
    var (payouts, leftovers): ([Payout], [Leftover]) = ([], [])
    for item in items {
      do throws(Reason) {
        payouts.append(try payout(item))
      } catch {
        leftovers.append(
          Leftover(
            item: item.id, orderID: item.orderID, coin: item.coin, network: item.network, usd: item.amount, reason: error.words))
      }
    }
    return (payouts, leftovers)
  }

  private mutating func payout(_ item: Item) throws(Reason) -> Payout {
    if let txid = try stored({ try connection.conflict(of: item.id) }) {
      throw Reason(words: PayoutObstacle.paidBefore(txid: txid).sentence)
    }
    if try stored({ try connection.isNotOwed(item.id) }) {
      throw Reason(words: PayoutObstacle.notOwed.sentence)
    }
    guard let coin = coins.coin(item.coin, item.network) else {
      throw Reason(words: PayoutObstacle.destination(DestinationProblem.unknownCoin(item.coin, network: item.network).words).sentence)
    }
    let destination: Destination
    do throws(DestinationProblem) {
      if item.flags.contains(.invalidAddress) && (try? coin.destination(item.address, tag: item.tag, allowsNoTag: true)) != nil {
        throw DestinationProblem.tagMissing(coin: coin.code)
      }
      destination = try coin.destination(item.address, tag: item.tag, allowsNoTag: operating.untaggedCoins.contains(coin.code))
    } catch {
      throw Reason(words: PayoutObstacle.destination(error.words).sentence)
    }
    if needsNoTags && destination.tag != nil && !coin.isMonero {
      throw Reason(words: "It needs a tag, and an upload template that was asked for has no column for one.")
    }
    let rate = try self.rate(of: coin.code)
    // Monero counts in 64 bits; of the others a batch's sum must fit too.
    let most = coin.isMonero ? UInt128(UInt64.max) : UInt128(1_000_000_000_000_000) * 1_000_000_000_000_000
    guard let amount = CoinAmount(worth: item.amount, at: rate.rate, decimals: coin.decimals), amount.atomic <= most else {
      throw Reason(words: "At a rate of \(rate.rate) USD the amount of \(coin.code) is too large (H2).")
    }
    if amount.atomic < coin.minimum.atomic {
      throw Reason(
        words: "\(amount.brief) \(coin.code) is below the smallest economical amount, \(coin.minimum.brief) \(coin.code) (G3).")
    }
    return Payout(
      item: item.id, orderID: item.orderID, version: item.version, route: coin.isMonero ? .monero : .processor, coin: item.coin,
      network: item.network, address: destination.address, tag: destination.tag, amount: amount, usd: item.amount, rate: rate)
  }

  private func stored<Value>(_ read: () throws -> Value) throws(Reason) -> Value {
    do { return try read() } catch { throw Reason(words: "The database cannot be read: \(error).") }
  }

  // H2.

  private mutating func rate(of code: String) throws(Reason) -> QuotedRate {
    let found = rates[code] ?? Result { () throws(Reason) in try findRate(of: code) }
    rates[code] = found
    return try found.get()
  }

  private func findRate(of code: String) throws(Reason) -> QuotedRate {
    let imported = try stored { try connection.rates(of: code, upTo: now) }
    let own = given.last { $0.coin == code }
    let found: QuotedRate
    let earlier: (usd: String, quotedAt: Instant)?
    if let own {
      found = QuotedRate(rate: own.rate, quotedAt: own.quotedAt, side: side, source: "given to prepare")
      earlier = imported.first.map { ($0.usd, $0.quotedAt) }
    } else if let newest = imported.first {
      guard let rate = ExchangeRate(newest.usd) else {
        throw Reason(words: "The rate of \(code), \(newest.usd) USD, has more digits than can be used exactly (H2).")
      }
      found = QuotedRate(rate: rate, quotedAt: newest.quotedAt, side: side, source: newest.source)
      earlier = imported.dropFirst().first.map { ($0.usd, $0.quotedAt) }
    } else {
      throw Reason(words: "There is no rate of \(code) (H2).")
    }
    if found.rate.isZero { throw Reason(words: "The rate of \(code) is zero (H2).") }
    if found.quotedAt > now { throw Reason(words: "The rate of \(code) is of \(found.quotedAt), which is still to come (H2).") }
    let age = (now.seconds - found.quotedAt.seconds + 59) / 60
    if age > operating.rateMaxAgeMinutes {
      throw Reason(
        words: "The rate of \(code) is of \(found.quotedAt): \(age) minutes old, and \(operating.rateMaxAgeMinutes) are allowed (H2).")
    }
    let paid = try stored { try connection.lastPreparedRate(of: code) }
    for last in [earlier, paid].compactMap({ $0 }) {
      guard let rate = ExchangeRate(last.usd), !rate.isZero else { continue }
      if found.rate.isFar(from: rate, moreThan: operating.rateMaxFactor) {
        throw Reason(
          words: """
            The rate of \(code), \(found.rate) USD, is more than \(operating.rateMaxFactor) times away from the one of \(last.quotedAt), \
            \(rate) USD; void the wrong one (H2).
            """)
      }
    }
    return found
  }
}
