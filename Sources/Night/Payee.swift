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

  /// Whether a request's address is wrong for a coin and network: flag `invalid_address`. Of a coin that is not known nothing can be said; it stays
  /// out of payouts for that.
  func refuses(_ address: String, of request: RequestFacts, in coin: String, on network: String?) -> Bool {
    let asked = AskedDestination(address: address, tag: request.tag, network: request.network)
    return switch problem(asked, in: coin, on: network) {
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

/// Where an item is paid to: the address of the latest matched request that gives one, whatever was decided of the request (Q4). One that cannot be
/// paid to in the item's coin and network waits; an older address is never used in its place.
struct Payee {
  var address: String?
  var tag: String?
  /// The network that the request with this address named.
  var askedNetwork: String?
  var flags = FlagSet()

  /// Nobody asked for the refund, and so nobody said where it is to go.
  static let unknown = Payee(flags: .noAddress)

  private init(flags: FlagSet) { self.flags = flags }

  /// - Parameter decisions: Of the requests, in their order; nil where one is not known yet.
  init(in coin: String, on network: String?, requests: [RequestFacts], decisions: [RequestDecision?], _ check: PayeeCheck) {
    self = .unknown
    guard let latest = Payee.latest(requests, decisions), let given = latest.address else { return }
    (address, tag, askedNetwork) = (given, latest.tag, latest.network)
    flags = check.refuses(given, of: latest, in: coin, on: network) ? .invalidAddress : []
  }

  /// The latest known request that gives an address.
  private static func latest(_ requests: [RequestFacts], _ decisions: [RequestDecision?]) -> RequestFacts? {
    var latest: RequestFacts?
    for (request, decision) in zip(requests, decisions) where decision != nil && request.address != nil {
      if latest.map({ $0.precedes(request) }) ?? true { latest = request }
    }
    return latest
  }
}
