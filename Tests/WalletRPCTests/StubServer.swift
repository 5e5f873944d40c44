import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import WalletRPC

/// A server on this machine that does to each call what it is told, and remembers what it was asked.
final class StubServer: Sendable {
  /// What it does with a call.
  enum Reply: Sendable {
    case answer(status: Int = 200, challenge: String? = nil, closes: Bool = false, String)
    /// Lets go without a word; lets go after half an answer; never answers.
    case drop, half, hang
  }

  struct Call: Sendable {
    /// Which connection it came over.
    var connection = 0
    var path = ""
    var authorization: String?
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  fileprivate final class Script: Sendable {
    private let state: Mutex<(replies: [Reply], calls: [Call], connections: Int)>

    init(_ replies: [Reply]) { state = Mutex((replies, [], 0)) }

    func countConnection() -> Int {
      state.withLock { state in
        state.connections += 1
        return state.connections
      }
    }

    var calls: [Call] { state.withLock { $0.calls } }

    func reply(to call: Call) -> Reply {
      state.withLock { state in
        state.calls.append(call)
        return state.replies.count > 1 ? state.replies.removeFirst() : state.replies.first ?? .drop
      }
    }
  }

  private let script: Script
  private let channel: any Channel

  /// - Parameter replies: To the calls in their order; the last one also to all that follow.
  init(_ replies: Reply...) throws {
    let script = Script(replies)
    self.script = script
    channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
        try channel.pipeline.syncOperations.addHandler(Handler(script))
      }
    }.bind(host: "127.0.0.1", port: 0).wait()
  }

  /// Nobody is there any more. One that is not closed serves until the tests end.
  func close() throws { try channel.close().wait() }

  var endpoint: Endpoint? { channel.localAddress?.port.flatMap { Endpoint("http://127.0.0.1:\($0)") } }
  var calls: [Call] { script.calls }
}

private final class Handler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let script: StubServer.Script
  private let connection: Int
  private var call = StubServer.Call()

  init(_ script: StubServer.Script) { (self.script, connection) = (script, script.countConnection()) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      call = StubServer.Call(
        connection: connection, path: head.uri, authorization: head.headers.first(name: "Authorization"))
    case .body(let part): call.body += Array(part.readableBytesView)
    case .end:
      switch script.reply(to: call) {
      case .answer(let status, let challenge, let closes, let text):
        answer(context, status, challenge, text, length: text.utf8.count, closes: closes)
      case .drop: context.close(promise: nil)
      case .half:
        answer(context, 200, nil, "{\"result\":", length: 1000)
        context.close(promise: nil)
      case .hang: break
      }
    }
  }

  private func answer(_ context: ChannelHandlerContext, _ status: Int, _ challenge: String?, _ text: String, length: Int, closes: Bool = false) {
    var headers = HTTPHeaders([("Content-Length", "\(length)")])
    if closes { headers.add(name: "Connection", value: "close") }
    if let challenge { headers.add(name: "WWW-authenticate", value: challenge) }
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    if length == text.utf8.count { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
  }
}
