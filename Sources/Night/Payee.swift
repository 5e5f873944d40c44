import Coins
public import Ledger
public import RefundPolicy

/// Checks where refunds are to be paid, by the coins and settings of a date (H1).
public struct PayeeCheck: Sendable {
  private let coins: CoinTable
  private let untagged: Set<String>

  public init(_ operating: OperatingNumbers) { (coins, untagged) = (CoinTable(operating.coins), operating.untaggedCoins) }

  /// Why nothing can be paid to a request's address in a coin; nil where it can, or where the coin is none that can be checked.
  public func problem(_ address: String, tag: String?, in coin: String, on network: String?, asked: String?) -> String? {
    if let asked, !coins.isSameNetwork(asked, network, of: coin) { return PayeeCheck.otherNetwork }
    guard let known = coins.coin(coin, network) else { return nil }
    do throws(DestinationProblem) {
      _ = try known.destination(address, tag: tag, allowsNoTag: untagged.contains(coin))
      return nil
    } catch {
      return error.words
    }
  }

  /// Why an item that is flagged so cannot be paid, in words. The network that its request named is not kept with it.
  public func words(for item: Item) -> String {
    item.address.flatMap { problem($0, tag: item.tag, in: item.coin, on: item.network, asked: nil) } ?? PayeeCheck.otherNetwork
  }

  /// Why an approved item cannot be paid to where it goes, in one plain sentence; nil where it can.
  public func obstacle(of item: Item) -> String? {
    guard let coin = coins.coin(item.coin, item.network) else {
      return PayoutObstacle.destination(DestinationProblem.unknownCoin(item.coin, network: item.network).words).sentence
    }
    if item.flags.contains(.invalidAddress) { return PayoutObstacle.destination(words(for: item)).sentence }
    do throws(DestinationProblem) {
      _ = try coin.destination(item.address, tag: item.tag, allowsNoTag: untagged.contains(coin.code))
      return nil
    } catch {
      return PayoutObstacle.destination(error.words).sentence
    }
  }

  private static let otherNetwork = "the request names another network than the payment's"
}

/// Where an item is paid to: the address of the latest matched request that can be paid in the item's coin and network (Q4).
struct Payee {
  var address: String?
  var tag: String?
  var flags = FlagSet()

  /// Nobody asked for the refund, and so nobody said where it is to go.
  static let unknown = Payee(flags: .noAddress)

  private init(flags: FlagSet) { self.flags = flags }

  init(of period: PeriodFacts, requests: [RequestFacts], decisions: [RequestDecision?], _ check: PayeeCheck) {
    if requests.isEmpty {
      self = .unknown
      return
    }
    let given = zip(requests, decisions).filter { $0.1 != nil && $0.0.address != nil }.map(\.0)
      .sorted { ($0.requestedAt, $0.requestID) > ($1.requestedAt, $1.requestID) }
    let payable = given.first { request in
      request.address.map { check.problem($0, tag: request.tag, in: period.coin, on: period.network, asked: request.network) == nil } ?? false
    }
    address = (payable ?? given.first)?.address
    tag = (payable ?? given.first)?.tag
    if given.isEmpty { flags.insert(.noAddress) } else if payable == nil { flags.insert(.invalidAddress) }
  }
}
