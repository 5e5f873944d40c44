public import Coins
public import Ledger
public import RefundPolicy

/// Checks where refunds are to be paid, by the coins and settings of a date (H1).
public struct PayeeCheck: Sendable {
  private let coins: CoinTable
  private let untagged: Set<String>

  public init(_ operating: OperatingNumbers) { (coins, untagged) = (CoinTable(operating.coins), operating.untaggedCoins) }

  private func problem(_ asked: AskedDestination, in coin: String, on network: String?) -> DestinationProblem? {
    do throws(DestinationProblem) {
      _ = try coins.destination(asked, in: coin, on: network, untagged: untagged)
      return nil
    } catch {
      return error
    }
  }

  /// Whether a request's address is wrong for a period's coin and network: flag `invalid_address`. Of a coin that is not known nothing can be
  /// said; it stays out of payouts for that.
  func refuses(_ address: String, of request: RequestFacts, for period: PeriodFacts) -> Bool {
    let asked = AskedDestination(address: address, tag: request.tag, network: request.network)
    return switch problem(asked, in: period.coin, on: period.network) {
    case nil, .unknownCoin?: false
    case .otherNetwork?, .noAddress?, .address?, .tagMissing?, .tagMalformed?, .tagNotUsed?, .tagDiffers?: true
    }
  }

  /// Why an item cannot be paid where it is to go (H1); nil where it can.
  public func problem(of item: Item) -> DestinationProblem? {
    let asked = AskedDestination(address: item.address, tag: item.tag, network: item.askedNetwork)
    return problem(asked, in: item.coin, on: item.network)
  }

  /// The same in words, of an item that has an address and is not paid yet: without one that is told by its flag.
  public func obstacle(of item: Item) -> String? {
    switch item.state {
    case .pending, .held, .approved: item.address == nil ? nil : problem(of: item)?.words
    case .rejected, .withdrawn, .prepared, .sent, .paid: nil
    }
  }
}

/// Where an item is paid to: the address of the latest matched request that can be paid in the item's coin and network (Q4).
struct Payee {
  var address: String?
  var tag: String?
  /// The network that the request with this address named.
  var askedNetwork: String?
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
      request.address.map { !check.refuses($0, of: request, for: period) } ?? false
    }
    let named = payable ?? given.first
    (address, tag, askedNetwork) = (named?.address, named?.tag, named?.network)
    if given.isEmpty { flags.insert(.noAddress) } else if payable == nil { flags.insert(.invalidAddress) }
  }
}
