import Foundation
import Glibc
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
  private let listener: CInt
  let endpoint: Endpoint?

  /// - Parameter replies: To the calls in their order; the last one also to all that follow.
  init(_ replies: Reply...) throws {
    let script = Script(replies)
    self.script = script
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    let port: UInt16? = unsafe withUnsafeMutablePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(listener, address, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, address, &size) == 0
      } ? unsafe UInt16(bigEndian: address.pointee.sin_port) : nil
    }
    guard let port else { throw NoServer(code: errno) }
    self.listener = listener
    endpoint = Endpoint("http://127.0.0.1:\(port)")
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 {
          // Here and nowhere else: whoever closed it earlier would leave this loop with another server's number.
          _ = Glibc.close(listener)
          return
        }
        Thread.detachNewThread { Conversation(connection, script).go() }
      }
    }
  }

  struct NoServer: Error { var code: CInt }

  /// Nobody is there any more. One that is not closed serves until the tests end.
  func close() {
    _ = shutdown(listener, CInt(SHUT_RDWR))
  }

  var calls: [Call] { script.calls }
}

/// The calls that come over one connection, one after the other.
private struct Conversation {
  private let socket: CInt
  private let script: StubServer.Script
  private let number: Int

  init(_ socket: CInt, _ script: StubServer.Script) { (self.socket, self.script, number) = (socket, script, script.countConnection()) }

  func go() {
    defer { _ = close(socket) }
    while let call = read() {
      switch script.reply(to: call) {
      case .answer(let status, let challenge, let closes, let text):
        var head = "HTTP/1.1 \(status) X\r\nContent-Length: \(text.utf8.count)\r\n"
        if closes { head += "Connection: close\r\n" }
        if let challenge { head += "WWW-authenticate: \(challenge)\r\n" }
        write(head + "\r\n" + text)
        if closes { return }
      case .drop: return
      case .half:
        write("HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n{\"result\":")
        return
      case .hang: while byte() != nil {}
      }
    }
  }

  private func byte() -> UInt8? {
    var byte: UInt8 = 0
    return unsafe recv(socket, &byte, 1, 0) == 1 ? byte : nil
  }

  private func read() -> StubServer.Call? {
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard let next = byte() else { return nil }
      head.append(next)
    }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    func field(_ name: String) -> String? {
      lines.first { $0.lowercased().hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }
    var call = StubServer.Call(
      connection: number, path: lines[0].split(separator: " ")[1].description, authorization: field("authorization"))
    for _ in 0..<(field("content-length").flatMap { Int($0) } ?? 0) {
      guard let next = byte() else { return nil }
      call.body.append(next)
    }
    return call
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe send(socket, bytes, bytes.count, CInt(MSG_NOSIGNAL))
  }
}
