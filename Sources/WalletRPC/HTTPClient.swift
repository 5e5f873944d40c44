import CURLPost
import Payouts

/// Where a wallet or daemon listens: `http://127.0.0.1:18083`.
public struct Endpoint: Hashable, Sendable {
  public let host: String
  public let port: Int

  /// Nil for anything but `http://HOST:PORT`, with nothing after it: a wallet is on this machine, or at the end of a tunnel.
  public init?(_ text: String) {
    guard text.hasPrefix("http://") else { return nil }
    var rest = text.dropFirst("http://".count)
    if rest.last == "/" { rest.removeLast() }
    guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]), (1...65_535).contains(port) else { return nil }
    var host = rest[..<colon]
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    guard !host.isEmpty, host.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"/@?#".utf8.contains($0) }) else { return nil }
    (self.host, self.port) = (String(host), port)
  }

  /// Whether it is this machine by its very name, so that nothing of a call can be read on the way: `localhost`, 127.0.0.0/8 or `::1`.
  public var isOnThisMachine: Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return host == "localhost" || host == "::1" || (parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil })
  }
}

/// A user and password for the digest login (RFC 7616) that monero-wallet-rpc and monerod ask for.
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
}

/// An HTTP answer.
struct HTTPAnswer: Sendable {
  var status: Int
  var body: [UInt8]
}

/// One POST after the other by libcurl, each on a connection of its own: one that the other side closed meanwhile would lose a call.
struct HTTPClient: Sendable {
  let endpoint: Endpoint
  let login: Login?

  /// The longest answer that is taken, in bytes.
  private static let longestAnswer = 64 << 20

  /// - Parameters:
  ///   - path: Begins with `/`.
  ///   - seconds: How long the whole call may take.
  /// - Throws: ``MoneroError/unreachable(_:)`` and ``MoneroError/timedOut(_:)``.
  func post(_ path: String, _ body: [UInt8], within seconds: Int64) throws(MoneroError) -> HTTPAnswer {
    let url = "http://\(endpoint.place)\(path)"
    let answer = unsafe curl_post(url, body, body.count, login?.user, login?.password, Int(seconds), HTTPClient.longestAnswer)
    defer { unsafe curl_post_free(answer) }
    switch unsafe answer.outcome {
    case CURL_POST_ANSWERED:
      return unsafe HTTPAnswer(status: answer.status, body: Array(UnsafeBufferPointer(start: answer.body, count: answer.length)))
    case CURL_POST_TIMED_OUT: throw .timedOut("\(endpoint.place) gave no answer within \(seconds) s")
    case CURL_POST_TOO_LONG: throw .unreachable("\(endpoint.place): the answer is longer than \(HTTPClient.longestAnswer) bytes")
    default: throw .unreachable("\(endpoint.place): \(unsafe HTTPClient.text(answer.reason))")
    }
  }

  /// The text of a C array that ends with a zero byte.
  private static func text<Characters>(_ characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

extension Endpoint {
  /// `HOST:PORT`, as a URL and a message name it.
  fileprivate var place: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
