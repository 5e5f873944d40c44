import AuditLog
public import Coins
import Facts
import Ledger
public import RefundPolicy
import Storage

/// A rate that a person gave with `prepare`.
public struct GivenRate: Hashable, Sendable {
  public var coin: String
  public var rate: ExchangeRate
  public var quotedAt: Instant

  public init(coin: String, rate: ExchangeRate, quotedAt: Instant) { (self.coin, self.rate, self.quotedAt) = (coin, rate, quotedAt) }
}

/// A doubtful rate that a person accepts with `prepare`, by its value (G6).
public struct AcceptedRate: Hashable, Sendable {
  public var coin: String
  public var rate: ExchangeRate

  public init(coin: String, rate: ExchangeRate) { (self.coin, self.rate) = (coin, rate) }
}

/// Why an acceptance is refused: then nothing is prepared.
public enum AcceptanceRefusal: Error, Hashable, Sendable {
  /// No approved refund asks for the coin's rate.
  case notAsked(coin: String)
  /// The rate that would be used is another: the person saw something else.
  case otherRate(coin: String, accepted: ExchangeRate, inUse: ExchangeRate)
  /// The rate cannot be used for another reason, which an acceptance does not change.
  case unusable(coin: String, reason: String)
}

/// The rate of each coin for one `prepare`, and whether it may pay a refund (H2, G6).
struct RateBook {
  private let connection: Connection
  private let given: [GivenRate]
  private let accepted: [AcceptedRate]
  private let side: String
  private let operating: OperatingNumbers
  private let now: Instant
  private let check: PaymentCheck
  private var coins: [String: Result<CoinRate, any Error>] = [:]
  /// Rates that were doubtful and accepted now, by coin.
  private(set) var acceptances: [String: RateAcceptance] = [:]

  private struct CoinRate {
    var quoted: QuotedRate
    /// Nil where each item's own price is asked.
    var yardstick: RateYardstick?
    /// Whether an earlier `prepare` accepted it.
    var isAccepted: Bool
  }

  init(
    on connection: Connection, given: [GivenRate], accepted: [AcceptedRate], side: String, operating: OperatingNumbers, now: Instant,
    _ check: PaymentCheck
  ) {
    (self.connection, self.given, self.accepted) = (connection, given, accepted)
    (self.side, self.operating, self.now, self.check) = (side, operating, now, check)
  }

  /// The rate at which an item is paid, and what it was measured by.
  ///
  /// - Throws: ``NotReady`` where it stops the item; ``Damage`` where quotes were changed behind the program's back; and what the database throws.
  mutating func rate(for item: Item) throws -> (rate: QuotedRate, check: RateCheck) {
    let found = coins[item.coin] ?? Result { try find(item.coin) }
    coins[item.coin] = found
    let rate = try found.get()
    let yardstick = try rate.yardstick ?? ownPrice(of: item)
    let check = RateCheck(rate.quoted.rate, of: item.coin, by: yardstick, factor: operating.rateMaxFactor)
    if !check.isDoubtful || rate.isAccepted { return (rate.quoted, check) }
    if accepted.contains(AcceptedRate(coin: item.coin, rate: rate.quoted.rate)) {
      if acceptances[item.coin] == nil {
        acceptances[item.coin] = RateAcceptance(
          coin: item.coin, rate: rate.quoted.rate, quotedAt: rate.quoted.quotedAt, doubt: check.words)
      }
      return (rate.quoted, check)
    }
    throw NotReady(
      """
      The rate of \(item.coin), \(rate.quoted.rate) USD, is \(check.words) (G6): void it if it is wrong; if it is right, accept it with \
      'makegood payout prepare --accept-rate \(item.coin)=\(rate.quoted.rate) --by NAME'.
      """)
  }

  /// Refuses acceptances that do not fit what is used; those of a rate that is in no doubt are not needed.
  ///
  /// - Returns: Coins whose rate was accepted without need.
  func checkAcceptances() throws -> [String] {
    var unneeded: [String] = []
    for acceptance in accepted {
      switch coins[acceptance.coin] {
      case nil: throw AcceptanceRefusal.notAsked(coin: acceptance.coin)
      case .failure(let reason as NotReady): throw AcceptanceRefusal.unusable(coin: acceptance.coin, reason: reason.words)
      case .failure(let damage as Damage): throw AcceptanceRefusal.unusable(coin: acceptance.coin, reason: NotReady(damage).words)
      case .failure(let error): throw error
      case .success(let rate):
        if rate.quoted.rate != acceptance.rate {
          throw AcceptanceRefusal.otherRate(coin: acceptance.coin, accepted: acceptance.rate, inUse: rate.quoted.rate)
        }
        if acceptances[acceptance.coin] == nil { unneeded.append(acceptance.coin) }
      }
    }
    return unneeded
  }

  /// The rate to be used, as far as it is the same for all of the coin's items.
  private func find(_ coin: String) throws -> CoinRate {
    let quoted: QuotedRate
    if let own = given.last(where: { $0.coin == coin }) {
      quoted = QuotedRate(rate: own.rate, quotedAt: own.quotedAt, side: side, source: "given to prepare")
    } else if let newest = try connection.newestQuote(of: coin, upTo: now) {
      guard let rate = ExchangeRate(newest.usd) else {
        throw NotReady("The rate of \(coin), \(newest.usd) USD, has more digits than can be used exactly (H2).")
      }
      quoted = QuotedRate(rate: rate, quotedAt: newest.quotedAt, side: side, source: newest.source)
    } else {
      throw NotReady("There is no rate of \(coin) (H2).")
    }
    if quoted.rate.isZero { throw NotReady("The rate of \(coin) is zero (H2).") }
    if quoted.quotedAt > now { throw NotReady("The rate of \(coin) is of \(quoted.quotedAt), which is still to come (H2).") }
    let age = (now.seconds - quoted.quotedAt.seconds + 59) / 60
    if age > operating.rateMaxAgeMinutes {
      throw NotReady(
        "The rate of \(coin) is of \(quoted.quotedAt): \(age) minutes old, and \(operating.rateMaxAgeMinutes) are allowed (H2).")
    }
    try check.checkRates(of: coin, quotedAt: quoted.quotedAt, now: now)
    let lastBatch = try connection.lastBatchRate(of: coin)
    if let lastBatch { try check.checkPrepared(lastBatch.payment) }
    let acceptance = try connection.acceptance(of: quoted.rate, coin, quotedAt: quoted.quotedAt)
    if let acceptance { try check.check(act: acceptance) }
    return CoinRate(
      quoted: quoted,
      yardstick: RateYardstick.ofCoin(
        quotes: try connection.otherQuotes(of: coin, before: quoted.quotedAt), lastBatch: lastBatch.map { ($0.rate, $0.payment.batch.description) }),
      isAccepted: acceptance != nil)
  }

  /// What the item's own period was paid with; nil where the facts do not give the amount of coin.
  private func ownPrice(of item: Item) throws -> RateYardstick? {
    let blocks = try OrderBlocks(connection)
    // A correction may have given the period to another order.
    let reader = BlockReader()
    var price: PaidPrice?
    for order in [item.orderID] + (try blocks.orders(with: FactKey(item.periodID), .period)) where price == nil {
      // The rows' texts lie in the reader: they are good inside alone.
      _ = try blocks.find(order, reader) { reader in
        var rows = OrderRows()
        reader.read(into: &rows)
        for period in rows.periods where period.id.string == item.periodID && !period.isVoided && period.coin.string == item.coin {
          price = PaidPrice(paid: Cents(period.paid), amount: period.amount.string)
        }
      }
    }
    return price.map { .ownPrice($0) }
  }
}
