import AuditLog
import Coins
import Ledger
import RefundPolicy
import Reports
import Storage

/// Why an item stays behind, in one plain sentence.
struct NotReady: Error {
  let words: String

  init(_ words: String) { self.words = words }

  /// - Parameter damage: What of the item is not as the program left it.
  init(_ damage: Damage) {
    words = "It was changed behind the program's back: \(damage.findings.map(\.description).joined(separator: "; "))."
  }
}

/// Decides of each approved item whether it can be paid now, and at what amount of its coin (H1, H2, H3), and joins what goes to one destination
/// into one payment (G3).
struct Readiness {
  private let connection: Connection
  private let operating: OperatingNumbers
  private let coins: CoinTable
  private let needsNoTags: Bool
  private(set) var rates: RateBook
  private let check: PaymentCheck
  /// Items that stay behind because something of them was changed behind the program's back.
  private(set) var changed: [ItemID] = []

  /// An item that can be paid, if what its destination gets is enough.
  private struct Candidate {
    var item: Item
    var coin: Coin
    var destination: Destination
    var rate: QuotedRate
    var check: RateCheck
    var amount: CoinAmount
  }

  private struct Key: Hashable {
    var coin: Coin
    var address: String
    var tag: String?
  }

  /// - Throws: ``Damage`` where that on which every payment depends is not as the program left it.
  init(_ request: Batches.Request, on connection: Connection) throws {
    self.connection = connection
    check = try PaymentCheck(connection)
    operating = try connection.settings().operating(at: request.now)
    coins = CoinTable(operating.coins)
    needsNoTags = !request.profiles.allSatisfy(\.hasTags)
    rates = RateBook(
      on: connection, given: request.rates, accepted: request.accepted, side: request.side, operating: operating, now: request.now, check)
  }

  /// Every approved item: what would be paid, in payments of the next batch, and what stays behind.
  ///
  /// - Throws: What the database throws: nothing is prepared on half of what it holds.
  mutating func all() throws -> (payments: [Payment], leftovers: [Leftover]) {
    var items: [Item] = []
    try connection.eachApproved { items.append($0) }
    var leftovers: [Leftover] = []
    var groups: [Key: [Candidate]] = [:]
    var order: [Key] = []
    for item in items {
      do {
        let candidate = try candidate(item)
        let key = Key(coin: candidate.coin, address: candidate.destination.address, tag: candidate.destination.tag)
        if groups[key] == nil { order.append(key) }
        groups[key, default: []].append(candidate)
      } catch let reason as NotReady {
        leftovers.append(leftover(item, reason))
      } catch let damage as Damage {
        leftovers.append(leftover(item, NotReady(damage)))
        changed.append(item.id)
      }
    }
    var payments: [Payment] = []
    let batch = try connection.nextBatch()
    for key in order {
      guard let group = groups[key] else { continue }
      let id = PaymentID(batch, Int64(payments.count + 1))
      do throws(NotReady) { payments.append(try payment(id, of: group, to: key)) } catch {
        leftovers += group.map { leftover($0.item, error) }
      }
    }
    return (payments, leftovers.sorted { $0.item < $1.item })
  }

  private func leftover(_ item: Item, _ reason: NotReady) -> Leftover {
    Leftover(item: item.id, orderID: item.orderID, coin: item.coin, network: item.network, usd: item.amount, reason: reason.words)
  }

  /// - Throws: ``NotReady``; ``Damage`` where it, or what it is paid by, was changed; and what the database throws.
  private mutating func candidate(_ item: Item) throws -> Candidate {
    try check.check(item.id, ofOrder: item.orderID)
    try checkLedger(item)
    let (coin, destination): (Coin, Destination)
    do throws(DestinationProblem) {
      let asked = AskedDestination(address: item.address, tag: item.tag, network: item.askedNetwork)
      (coin, destination) = try coins.destination(asked, in: item.coin, on: item.network, untagged: operating.untaggedCoins)
    } catch {
      throw NotReady(PayoutObstacle.destination(error).sentence)
    }
    if item.flags.contains(.unconfirmedAddress) { throw NotReady(PayoutObstacle.unconfirmedAddress(item.id).sentence) }
    if needsNoTags && destination.tag != nil && !coin.isMonero {
      throw NotReady("It needs a tag, and an upload template that was asked for has no column for one.")
    }
    let (rate, check) = try rates.rate(for: item)
    guard let amount = CoinAmount(worth: item.amount, at: rate.rate, decimals: coin.decimals), amount.atomic <= Readiness.most(coin) else {
      throw Readiness.tooLarge(coin, rate)
    }
    if amount.atomic == 0 {
      throw NotReady("At a rate of \(rate.rate) USD it is worth less than the smallest unit of \(coin.code) (H2).")
    }
    return Candidate(item: item, coin: coin, destination: destination, rate: rate, check: check, amount: amount)
  }

  /// What the ledger itself says against paying an item. Whatever else has to be checked of an item before its money is locked belongs here.
  private func checkLedger(_ item: Item) throws {
    if let question = try connection.openQuestion(of: item.id) {
      throw NotReady(PayoutObstacle.question(question).sentence)
    }
    if try connection.isNotOwed(item.id) { throw NotReady(PayoutObstacle.notOwed.sentence) }
  }

  /// G3: what one destination gets, and whether that is enough to be sent.
  private func payment(_ id: PaymentID, of group: [Candidate], to key: Key) throws(NotReady) -> Payment {
    let coin = key.coin
    let payment = Payment(
      id: id, chain: coin.network, isOnOwnChain: coin.isOnOwnChain,
      payouts: group.map { part in
        Payout(
          item: part.item.id, orderID: part.item.orderID, version: part.item.version, payment: id,
          route: coin.isMonero ? .monero : .processor, coin: coin.code, network: part.item.network, address: key.address, tag: key.tag,
          amount: part.amount, usd: part.item.amount, rate: part.rate, rateCheck: part.check)
      })
    let amount = payment.amount
    if let rate = group.first?.rate, amount.atomic > Readiness.most(coin) { throw Readiness.tooLarge(coin, rate) }
    if amount.atomic < coin.minimum.atomic {
      let refunds = group.count == 1 ? "this refund" : "\(group.count) refunds together"
      throw NotReady(
        """
        \(amount.brief) \(coin.code), all that is approved for this destination so far (\(refunds)), is below the smallest economical amount, \
        \(coin.minimum.brief) \(coin.code) (G3).
        """)
    }
    return payment
  }

  /// Monero's amounts, and sums of them, are kept within 63 bits; of the others the sum of a batch must fit too.
  private static func most(_ coin: Coin) -> UInt128 {
    coin.isMonero ? UInt128(Int64.max) : UInt128(1_000_000_000_000_000) * 1_000_000_000_000_000
  }

  private static func tooLarge(_ coin: Coin, _ rate: QuotedRate) -> NotReady {
    NotReady("At a rate of \(rate.rate) USD the amount of \(coin.code) is too large (H2).")
  }
}
