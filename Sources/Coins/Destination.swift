/// Where a payout goes: an address of the coin's network, and the tag that tells the account behind a shared one.
public struct Destination: Hashable, Sendable {
  public let address: String
  /// The destination tag or memo to send with it; none and 0 differ.
  public let tag: String?
  /// A Monero integrated address: at most one in a transaction.
  public let isIntegrated: Bool
}

/// Why nothing can be paid to a destination.
public enum DestinationProblem: Error, Hashable, Sendable {
  /// The coin, or its network, is none that payouts know.
  case unknownCoin(String, network: String?)
  /// The request names another network than the one that the period was paid on (H1): both names.
  case otherNetwork(asked: String, ofPayment: String)
  case noAddress
  case address(AddressProblem)
  /// The coin's wallets are shared by tag, and neither the request nor the address says one, or that there is none.
  case tagMissing(coin: String)
  case tagMalformed(String)
  /// The coin has no tags.
  case tagNotUsed(coin: String)
  /// The address carries another tag, or says that there is none.
  case tagDiffers
}

extension DestinationProblem {
  /// One plain clause for a clerk, and for the customer.
  public var words: String {
    switch self {
    case .unknownCoin(let code, let network?): "\(code) on \(network) is no coin that can be paid out"
    case .unknownCoin(let code, nil): "\(code) is no coin that can be paid out"
    case .otherNetwork(let asked, let ofPayment):
      "the request names the network \(asked), but the payment came on \(ofPayment)"
    case .noAddress: "no address was given"
    case .address(let problem): problem.words
    case .tagMissing(let coin):
      "the tag is missing: \(coin) wallets of exchanges need one" + (coin == "XRP" ? "; an X-address can say that there is none" : "")
    case .tagMalformed(let tag): "'\(tag)' is no tag of this coin"
    case .tagNotUsed(let coin): "a tag was given, but \(coin) has none: it may be meant for another coin"
    case .tagDiffers: "the tag is not the one that the address carries"
    }
  }
}

/// Where somebody asks a refund to be paid: what an item, or a request, says of it.
public struct AskedDestination: Hashable, Sendable {
  public var address: String?
  public var tag: String?
  /// The network that the request named; nil where it named none.
  public var network: String?

  public init(address: String?, tag: String?, network: String?) {
    (self.address, self.tag, self.network) = (address, tag, network)
  }
}

extension CoinTable {
  /// Checks where a refund is to go, for the coin and the network that its period was paid in (H1).
  ///
  /// - Parameters:
  ///   - code: The coin of the period.
  ///   - network: The network of the period; nil for the coin's own chain.
  ///   - untagged: Codes of coins with tags that may be paid without one although nothing says that there is none.
  /// - Throws: ``DestinationProblem``: the one reason that reports, letters and batches give.
  public func destination(
    _ asked: AskedDestination, in code: String, on network: String?, untagged: Set<String>
  ) throws(DestinationProblem) -> (coin: Coin, destination: Destination) {
    if let named = asked.network, !isSameNetwork(named, network, of: code) {
      throw .otherNetwork(asked: named, ofPayment: network ?? coin(code, nil)?.network ?? "the chain of \(code)")
    }
    guard let coin = coin(code, network) else { throw .unknownCoin(code, network: network) }
    return (coin, try coin.destination(asked.address, tag: asked.tag, allowsNoTag: untagged.contains(code)))
  }
}

extension Coin {
  /// Checks an address and a tag for this coin and network, by checksum where the form has one.
  ///
  /// - Parameter allowsNoTag: Whether a coin with tags may be paid without one although nothing says that there is none.
  /// - Throws: ``DestinationProblem``.
  public func destination(_ address: String?, tag: String?, allowsNoTag: Bool) throws(DestinationProblem) -> Destination {
    guard let address else { throw .noAddress }
    let checked: CheckedAddress
    do { checked = try addresses.check(address) } catch { throw .address(error) }
    switch addresses {
    case .xrp, .stellar:
      if let tag {
        guard let value = addresses.tag(tag) else { throw .tagMalformed(tag) }
        switch checked.tag {
        case .notStated: break
        case .none: throw .tagDiffers
        case .value(let carried): if value != .number(carried) { throw .tagDiffers }
        }
      } else if checked.tag == .notStated && !allowsNoTag {
        throw .tagMissing(coin: code)
      }
    case .bitcoin, .litecoin, .dogecoin, .bitcoinCash, .ethereum, .tron, .solana, .monero:
      // Monero's payment ids stand inside integrated addresses only.
      if tag != nil { throw .tagNotUsed(coin: code) }
    }
    return Destination(address: address, tag: tag, isIntegrated: checked.isIntegrated)
  }
}

/// A tag as the chain has it.
private enum Tag: Hashable {
  case number(UInt64)
  case text(String)
}

extension AddressFamily {
  /// XRP: 0 to 2^32-1, written without zeros in front. Stellar: a number of 64 bits, or a text memo of up to 28 bytes.
  fileprivate func tag(_ text: String) -> Tag? {
    let number = UInt64(text).flatMap { String($0) == text ? $0 : nil }
    switch self {
    case .xrp: return number.flatMap { $0 <= UInt64(UInt32.max) ? .number($0) : nil }
    case .stellar:
      if let number { return .number(number) }
      return (1...28).contains(text.utf8.count) ? .text(text) : nil
    case .bitcoin, .litecoin, .dogecoin, .bitcoinCash, .ethereum, .tron, .solana, .monero: return nil
    }
  }
}
