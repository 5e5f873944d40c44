import NIOCore
import NIOHTTP1
import NIOPosix
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
}

/// An HTTP answer.
struct HTTPAnswer: Sendable {
  var status = 0
  /// Every `WWW-Authenticate` header.
  var challenges: [String] = []
  var body: [UInt8] = []
  /// Whether the other side takes another call on the same connection.
  var isKeptAlive = false
}

/// One POST after the other, each on a connection of its own: a connection that the other side let go would lose a call.
struct HTTPClient: Sendable {
  let endpoint: Endpoint

  /// - Parameter authorize: What to answer to one who asks for a login; nil for nothing. It goes over the same connection: monero-wallet-rpc knows
  ///   the challenge that it gave on that one only.
  /// - Throws: ``MoneroError/unreachable(_:)`` and ``MoneroError/timedOut(_:)``.
  func post(
    _ path: String, _ body: [UInt8], within seconds: Int64, authorize: (HTTPAnswer) -> String?
  ) throws(MoneroError) -> HTTPAnswer {
    do {
      var connection = try HTTPConnection(endpoint, within: seconds)
      defer { connection.close() }
      let answer = try connection.ask(path, body, authorization: nil, within: seconds)
      guard answer.status == 401, let authorization = authorize(answer) else { return answer }
      if !answer.isKeptAlive {
        connection.close()
        connection = try HTTPConnection(endpoint, within: seconds)
      }
      return try connection.ask(path, body, authorization: authorization, within: seconds)
    } catch HTTPFailure.timedOut {
      throw .timedOut("\(endpoint.place) gave no answer within \(seconds) s")
    } catch {
      throw .unreachable("\(endpoint.place): \(error)")
    }
  }
}

extension Endpoint {
  fileprivate var place: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A connection to one place.
private struct HTTPConnection {
  private let channel: any Channel
  private let place: String

  init(_ endpoint: Endpoint, within seconds: Int64) throws {
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(min(seconds, 10))).channelInitializer {
      channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        try channel.pipeline.syncOperations.addHandler(Asker())
      }
    }
    channel = try bootstrap.connect(host: endpoint.host, port: endpoint.port).wait()
    place = endpoint.place
  }

  func ask(_ path: String, _ body: [UInt8], authorization: String?, within seconds: Int64) throws -> HTTPAnswer {
    var headers = HTTPHeaders([("Host", place), ("Content-Type", "application/json"), ("Content-Length", "\(body.count)")])
    if let authorization { headers.add(name: "Authorization", value: authorization) }
    let answer = channel.eventLoop.makePromise(of: HTTPAnswer.self)
    let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers)
    let call = Call(head: head, body: ByteBuffer(bytes: body), answer: answer)
    let deadline = channel.eventLoop.scheduleTask(in: .seconds(seconds)) { answer.fail(HTTPFailure.timedOut) }
    defer { deadline.cancel() }
    // Of a promise that never reached the channel nobody else would hear.
    channel.writeAndFlush(call).cascadeFailure(to: answer)
    return try answer.futureResult.wait()
  }

  func close() { channel.close(promise: nil) }
}

private enum HTTPFailure: Error {
  case timedOut
  /// The other side let go before its answer was whole.
  case cutOff
  case tooLong
}

/// A request, and where its answer goes.
private struct Call: Sendable {
  let head: HTTPRequestHead
  let body: ByteBuffer
  let answer: EventLoopPromise<HTTPAnswer>
}

/// Writes a call and collects its answer; one at a time.
private final class Asker: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = Call
  typealias OutboundOut = HTTPClientRequestPart

  private var waiting: EventLoopPromise<HTTPAnswer>?
  private var answer = HTTPAnswer()
  private static let mostBytes = 64 << 20

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let call = unwrapOutboundIn(data)
    waiting = call.answer
    context.write(wrapOutboundOut(.head(call.head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(call.body))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      answer = HTTPAnswer(
        status: Int(head.status.code), challenges: head.headers["WWW-Authenticate"], body: [], isKeptAlive: head.isKeepAlive)
    case .body(let part):
      if answer.body.count + part.readableBytes > Asker.mostBytes {
        fail(HTTPFailure.tooLong)
        context.close(promise: nil)
      } else {
        answer.body += Array(part.readableBytesView)
      }
    case .end:
      waiting?.succeed(answer)
      waiting = nil
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { fail(HTTPFailure.cutOff) }

  private func fail(_ error: any Error) {
    waiting?.fail(error)
    waiting = nil
  }
}
