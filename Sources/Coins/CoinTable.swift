public import RefundPolicy

/// A coin on one network, as payouts know it: a code alone does not say where a payment came from.
public struct Coin: Hashable, Sendable {
  public let code: String
  /// The name of the network: `Tron`; for a coin on its own chain the chain's.
  public let network: String
  /// Whether facts may leave the network empty.
  public let isOnOwnChain: Bool
  /// Decimals of the smallest unit.
  public let decimals: Int
  /// G3: the smallest amount that is worth sending.
  public let minimum: CoinAmount
  public let addresses: AddressFamily

  /// H3: Monero goes out from the seller's own wallet, every other coin through the processor.
  public var isMonero: Bool { code == "XMR" && isOnOwnChain }
}

/// The coins that can be paid, by code and network: those below, and what the settings add or replace.
public struct CoinTable: Sendable {
  private let coins: [Coin]

  public init(_ settings: [CoinSetting] = []) {
    let added = settings.compactMap(Coin.init)
    coins = CoinTable.known.filter { coin in !added.contains { $0.code == coin.code && $0.network == coin.network } } + added
  }

  /// The coin of a period: nil where code and network are none that can be paid.
  public func coin(_ code: String, _ network: String?) -> Coin? {
    coins.first { coin in
      coin.code == code && (network.map { $0 == coin.network } ?? coin.isOnOwnChain)
    }
  }

  /// Whether two names of a network mean the same one for a coin: empty is the coin's own chain.
  public func isSameNetwork(_ left: String?, _ right: String?, of code: String) -> Bool {
    if left == right { return true }
    guard let one = coin(code, left), let other = coin(code, right) else { return false }
    return one == other
  }

  // Decimals are the chains' own. The minima: for Bitcoin and those like it the largest output that nodes refuse as dust; where a new account
  // costs the sender something, about that; else what keeps the fee a small part of the payment. Settings replace them.
  private static let known: [Coin] =
    [
      own("XMR", "Monero", 12, minimum: "0.0001", .monero),
      own("BTC", "Bitcoin", 8, minimum: "0.00000546", .bitcoin),
      own("LTC", "Litecoin", 8, minimum: "0.0000546", .litecoin),
      own("DOGE", "Dogecoin", 8, minimum: "0.01", .dogecoin),
      own("BCH", "Bitcoin Cash", 8, minimum: "0.00000546", .bitcoinCash),
      own("ETH", "Ethereum", 18, minimum: "0.0001", .ethereum),
      own("TRX", "Tron", 6, minimum: "1", .tron),
      own("SOL", "Solana", 9, minimum: "0.00089088", .solana),
      own("XRP", "XRPL", 6, minimum: "1", .xrp),
      own("XLM", "Stellar", 7, minimum: "1", .stellar),
    ]
    + ["USDT", "USDC"].flatMap { code in
      [
        token(code, "Ethereum", 6, minimum: "1", .ethereum), token(code, "Tron", 6, minimum: "1", .tron),
        token(code, "Solana", 6, minimum: "0.01", .solana), token(code, "Polygon", 6, minimum: "0.01", .ethereum),
        // The Binance-Peg tokens, unlike the others, have 18 decimals.
        token(code, "BSC", 18, minimum: "0.01", .ethereum),
      ]
    }

  private static func own(_ code: String, _ network: String, _ decimals: Int, minimum: String, _ addresses: AddressFamily) -> Coin {
    coin(code, network, isOnOwnChain: true, decimals, minimum, addresses)
  }

  private static func token(_ code: String, _ network: String, _ decimals: Int, minimum: String, _ addresses: AddressFamily) -> Coin {
    coin(code, network, isOnOwnChain: false, decimals, minimum, addresses)
  }

  private static func coin(
    _ code: String, _ network: String, isOnOwnChain: Bool, _ decimals: Int, _ minimum: String, _ addresses: AddressFamily
  ) -> Coin {
    let smallest = CoinAmount(minimum, decimals: decimals) ?? CoinAmount(atomic: 1, decimals: decimals)
    return Coin(code: code, network: network, isOnOwnChain: isOnOwnChain, decimals: decimals, minimum: smallest, addresses: addresses)
  }
}

extension Coin {
  /// Nil for a setting that no coin can have: an unknown form of addresses, or a minimum finer than its decimals.
  public init?(_ setting: CoinSetting) {
    guard let addresses = AddressFamily(rawValue: setting.addresses), (0...18).contains(setting.decimals),
      let minimum = CoinAmount(setting.minimum, decimals: setting.decimals), minimum.atomic > 0
    else { return nil }
    self.init(
      code: setting.coin, network: setting.network, isOnOwnChain: setting.isOnOwnChain, decimals: setting.decimals, minimum: minimum,
      addresses: addresses)
  }
}
