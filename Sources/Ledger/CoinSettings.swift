import Coins
import Foundation
import RefundPolicy

/// The coins of a settings file: objects with `coin`, `network`, `own_chain`, `decimals`, `minimum` and `addresses`.
enum CoinSettingsFormat {
  static func json(_ coin: CoinSetting) -> String {
    """
    {"coin": \(quoted(coin.coin)), "network": \(quoted(coin.network)), "own_chain": \(coin.isOnOwnChain), "decimals": \(coin.decimals), \
    "minimum": \(quoted(coin.minimum)), "addresses": \(quoted(coin.addresses))}
    """
  }

  static func parse(_ value: Any?) throws(SettingsError) -> [CoinSetting] {
    guard let value, !(value is NSNull) else { return [] }
    let what = """
      a list of objects like {"coin": "ABC", "network": "Tron", "own_chain": false, "decimals": 6, "minimum": "0.5", "addresses": "tron"}, \
      addresses being one of \(AddressFamily.allCases.map(\.rawValue).joined(separator: ", "))
      """
    let problem = SettingsError.wrongValue(key: "coins", what: what)
    guard let objects = value as? [[String: Any]] else { throw problem }
    var coins: [CoinSetting] = []
    for object in objects {
      guard Set(object.keys) == ["coin", "network", "own_chain", "decimals", "minimum", "addresses"],
        let code = word(object["coin"]), let network = word(object["network"]), let isOnOwnChain = object["own_chain"] as? Bool,
        let decimals = object["decimals"] as? Int, let minimum = word(object["minimum"]), let addresses = word(object["addresses"])
      else { throw problem }
      let setting = CoinSetting(
        coin: code, network: network, isOnOwnChain: isOnOwnChain, decimals: decimals, minimum: minimum, addresses: addresses)
      // What goes out from the seller's own wallet is not for settings to redefine (H3).
      guard Coin(setting) != nil, code != "XMR" || network == "Monero",
        !coins.contains(where: { $0.coin == code && $0.network == network })
      else { throw problem }
      coins.append(setting)
    }
    return coins
  }

  static func codes(_ value: Any?) throws(SettingsError) -> Set<String> {
    guard let value, !(value is NSNull) else { return [] }
    guard let texts = value as? [String], texts.allSatisfy({ word($0) != nil }) else {
      throw .wrongValue(key: "untagged_coins", what: "a list of codes like [\"XRP\"]")
    }
    return Set(texts)
  }

  private static func word(_ value: Any?) -> String? {
    guard let text = value as? String, (1...40).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
    else { return nil }
    return text
  }

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}
