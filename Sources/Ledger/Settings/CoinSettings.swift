import Coins
import RefundPolicy

/// The coins of a settings file: objects with `coin`, `network`, `own_chain`, `decimals`, `minimum` and `addresses`.
enum CoinSettingsFormat {
  /// What a right value is.
  static let form = """
    a list of objects like {"coin": "ABC", "network": "Tron", "own_chain": false, "decimals": 6, "minimum": "0.5", "addresses": "tron"}, \
    addresses being one of \(AddressFamily.allCases.map(\.rawValue).joined(separator: ", "))
    """

  static func json(_ coin: CoinSetting) -> ExactJSON {
    func member(_ key: String, _ value: ExactJSON) -> ExactJSON.Member { ExactJSON.Member(key: key, value: value) }
    return .object([
      member("coin", .string(coin.coin)), member("network", .string(coin.network)), member("own_chain", .bool(coin.isOnOwnChain)),
      member("decimals", .number("\(coin.decimals)")), member("minimum", .string(coin.minimum)), member("addresses", .string(coin.addresses)),
    ])
  }

  /// Nil for anything but a list of coins that payouts can use, each once.
  static func coins(_ value: ExactJSON) -> [CoinSetting]? {
    guard case .array(let elements) = value else { return nil }
    var coins: [CoinSetting] = []
    for element in elements {
      // What goes out from the seller's own wallet is not for settings to redefine (H3).
      guard let setting = coin(element), Coin(setting) != nil, setting.coin != "XMR" || setting.network == "Monero",
        !coins.contains(where: { $0.coin == setting.coin && $0.network == setting.network })
      else { return nil }
      coins.append(setting)
    }
    return coins
  }

  private static func coin(_ element: ExactJSON) -> CoinSetting? {
    guard case .object(let members) = element, members.count == 6 else { return nil }
    func value(_ key: String) -> ExactJSON? { members.first { $0.key == key }?.value }
    guard let code = word(value("coin")), let network = word(value("network")), case .bool(let isOnOwnChain) = value("own_chain"),
      let decimals = value("decimals")?.count, let minimum = word(value("minimum")), let addresses = word(value("addresses"))
    else { return nil }
    return CoinSetting(
      coin: code, network: network, isOnOwnChain: isOnOwnChain, decimals: decimals, minimum: minimum, addresses: addresses)
  }

  /// Nil for anything but a list of codes of coins.
  static func codes(_ value: ExactJSON) -> Set<String>? {
    guard let texts = value.strings, texts.allSatisfy({ word(.string($0)) != nil }) else { return nil }
    return Set(texts)
  }

  private static func word(_ value: ExactJSON?) -> String? {
    guard let text = value?.string, (1...40).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
    else { return nil }
    return text
  }
}
