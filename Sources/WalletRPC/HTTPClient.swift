import NIOCore
import NIOHTTP1
import NIOPosix
import Payouts

/// Where a wallet or daemon listens: `http://127.0.0.1:18083`.
package struct Endpoint: Hashable, Sendable {
  package let host: String
  package let port: Int

  /// Nil for anything but `http://HOST:PORT`, with nothing after it: a wallet is on this machine, or at the end of a tunnel.
  package init?(_ text: String) {
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
  var status: Int
  /// Every `WWW-Authenticate` header.
  var challenges: [String]
  var body: [UInt8]
}

/// One POST after the other, each on a connection of its own: a connection that the other side let go would lose a call.
struct HTTPClient: Sendable {
  let endpoint: Endpoint

  /// - Throws: ``MoneroError/unreachable(_:)`` and ``MoneroError/timedOut(_:)``.
  func post(_ path: String, _ body: [UInt8], authorization: String?, within seconds: Int64) throws(MoneroError) -> HTTPAnswer {
    let place = "\(endpoint.host):\(endpoint.port)"
    var headers = HTTPHeaders([
      ("Host", place), ("Content-Type", "application/json"), ("Content-Length", "\(body.count)"), ("Connection", "close"),
    ])
    if let authorization { headers.add(name: "Authorization", value: authorization) }
    let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers)
    let group = MultiThreadedEventLoopGroup.singleton
    let answer = group.next().makePromise(of: HTTPAnswer.self)
    let bootstrap = ClientBootstrap(group: group).connectTimeout(.seconds(min(seconds, 10))).channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        try channel.pipeline.syncOperations.addHandler(AnswerCollector(answer))
      }
    }
    do {
      let channel = try bootstrap.connect(host: endpoint.host, port: endpoint.port).wait()
      defer { channel.close(promise: nil) }
      let deadline = channel.eventLoop.scheduleTask(in: .seconds(seconds)) { answer.fail(HTTPFailure.timedOut) }
      defer { deadline.cancel() }
      channel.write(HTTPClientRequestPart.head(head), promise: nil)
      channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
      try channel.writeAndFlush(HTTPClientRequestPart.end(nil)).wait()
      return try answer.futureResult.wait()
    } catch HTTPFailure.timedOut {
      throw .timedOut("\(place) gave no answer within \(seconds) s")
    } catch {
      // Of a promise that was never waited for, nobody hears otherwise.
      answer.fail(error)
      throw .unreachable("\(place): \(error)")
    }
  }
}

private enum HTTPFailure: Error {
  case timedOut
  /// The other side let go before its answer was whole.
  case cutOff
  case tooLong
}

/// Collects one answer.
private final class AnswerCollector: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let promise: EventLoopPromise<HTTPAnswer>
  private var answer = HTTPAnswer(status: 0, challenges: [], body: [])
  private static let mostBytes = 64 << 20

  init(_ promise: EventLoopPromise<HTTPAnswer>) { self.promise = promise }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      answer.status = Int(head.status.code)
      answer.challenges = head.headers[canonicalForm: "WWW-Authenticate"].map(String.init) + head.headers["WWW-Authenticate"]
    case .body(let part):
      if answer.body.count + part.readableBytes > AnswerCollector.mostBytes {
        promise.fail(HTTPFailure.tooLong)
        context.close(promise: nil)
      } else {
        answer.body += Array(part.readableBytesView)
      }
    case .end: promise.succeed(answer)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { promise.fail(HTTPFailure.cutOff) }
}
