import Crypto

/// A user and password, and the answer to a digest challenge (RFC 7616), as monero-wallet-rpc asks for it.
public struct Login: Hashable, Sendable {
  let user: String
  let password: String

  /// Parses `user:password`, one line.
  public init?(_ text: String) {
    var line = text[...]
    while let last = line.last, last.isNewline { line.removeLast() }
    guard let colon = line.firstIndex(of: ":"), colon > line.startIndex, !line.contains(where: \.isNewline) else { return nil }
    user = String(line[..<colon])
    password = String(line[line.index(after: colon)...])
  }

  /// The header that answers a challenge; nil for a challenge of another kind.
  ///
  /// - Parameter nonce: The client's own, never used twice.
  func authorization(for challenge: String, method: String, uri: String, nonce: String) -> String? {
    guard let parameters = Login.parameters(of: challenge), let realm = parameters["realm"], let theirs = parameters["nonce"] else { return nil }
    let algorithm = parameters["algorithm"] ?? "MD5"
    let hash: (String) -> String
    switch algorithm.uppercased() {
    case "MD5", "MD5-SESS": hash = { Insecure.MD5.hash(data: Array($0.utf8)).hexadecimal }
    case "SHA-256", "SHA-256-SESS": hash = { SHA256.hash(data: Array($0.utf8)).hexadecimal }
    default: return nil
    }
    let hasAuth = parameters["qop"]?.split(separator: ",").contains { $0.filter { $0 != " " } == "auth" } ?? false
    if parameters["qop"] != nil && !hasAuth { return nil }
    var secret = hash("\(user):\(realm):\(password)")
    if algorithm.uppercased().hasSuffix("-SESS") { secret = hash("\(secret):\(theirs):\(nonce)") }
    let request = hash("\(method):\(uri)")
    let count = "00000001"
    let response = hash(hasAuth ? "\(secret):\(theirs):\(count):\(nonce):auth:\(request)" : "\(secret):\(theirs):\(request)")
    var fields = [
      "username=\"\(user)\"", "realm=\"\(realm)\"", "nonce=\"\(theirs)\"", "uri=\"\(uri)\"", "response=\"\(response)\"", "algorithm=\(algorithm)",
    ]
    if hasAuth { fields += ["qop=auth", "nc=\(count)", "cnonce=\"\(nonce)\""] }
    if let opaque = parameters["opaque"] { fields.append("opaque=\"\(opaque)\"") }
    return "Digest " + fields.joined(separator: ", ")
  }

  /// `Digest name="value", name=value`: names in lower case.
  private static func parameters(of challenge: String) -> [String: String]? {
    guard challenge.prefix(7).lowercased() == "digest " else { return nil }
    var found: [String: String] = [:]
    var rest = challenge.dropFirst(7)
    while let equals = rest.firstIndex(of: "=") {
      let name = rest[..<equals].filter { $0 != " " && $0 != "," }.lowercased()
      rest = rest[rest.index(after: equals)...]
      if rest.first == "\"" {
        rest = rest.dropFirst()
        guard let quote = rest.firstIndex(of: "\"") else { return nil }
        found[name] = String(rest[..<quote])
        rest = rest[rest.index(after: quote)...]
      } else {
        let end = rest.firstIndex(of: ",") ?? rest.endIndex
        found[name] = rest[..<end].filter { $0 != " " }
        rest = rest[end...]
      }
    }
    return found
  }
}

extension Digest {
  fileprivate var hexadecimal: String {
    reduce(into: "") { text, byte in text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
  }
}
