import Ledger
import Payouts
import RefundPolicy
import Testing

@testable import WalletRPC

/// What comes over the wire, against a server that answers just what it is told.
@Suite struct `calls of a wallet and a node` {
  private func wallet(_ server: StubServer, login: String? = nil, seconds: Int64 = 20) throws -> WalletRPC {
    WalletRPC(try #require(server.endpoint), login: login.flatMap(Login.init), WalletRPC.Patience(seconds: seconds))
  }

  private func node(_ server: StubServer) throws -> DaemonRPC { DaemonRPC(try #require(server.endpoint), login: nil, seconds: 20) }

  private func error<Result>(_ body: () throws(MoneroError) -> Result) -> MoneroError? {
    do throws(MoneroError) {
      _ = try body()
      return nil
    } catch {
      return error
    }
  }

  private static let hash = String(repeating: "ab", count: 32)

  @Test func `builds without sending, and keeps every digit of an amount`() throws {
    let answer = """
      {"id":"0","jsonrpc":"2.0","result":{"amount":18446744073709551615,"fee":3423600000,"multisig_txset":"","spent_key_images":{"key_images":["fd","86"]},\
      "tx_blob":"02","tx_hash":"\(Self.hash)","tx_key":"a4","tx_metadata":"01","unsigned_txset":"","weight":2853}}
      """
    let server = try StubServer(.answer(answer))
    let payment = Attempt.Payment(id: PaymentID(BatchID(1), 1), items: [ItemID(1)], address: "4A", amount: 18_446_744_073_709_551_615)
    let built = try wallet(server).build([payment])
    #expect(built.amount == .max)
    #expect(
      built.transaction
        == BuiltTransaction(hash: Self.hash, metadata: "01", blob: "02", key: "a4", keyImages: ["fd", "86"], fee: 3_423_600_000))
    let asked = try #require(server.calls.first)
    #expect(asked.path == "/json_rpc")
    // To the letter: a wallet that does not know a word passes over it, and sends.
    for word in [
      "\"method\":\"transfer\"", "\"do_not_relay\":true", "\"get_tx_key\":true", "\"get_tx_hex\":true", "\"get_tx_metadata\":true",
      "\"amount\":18446744073709551615", "\"address\":\"4A\"",
    ] { #expect(asked.text.contains(word), "\(word)") }
  }

  @Test(arguments: [
    (-2, MoneroError.badAddress("m")), (-13, .noWalletOpen), (-17, .notEnoughMoney("m")), (-37, .notEnoughMoney("m")), (-4, .refused(code: -4, "m")),
  ])
  func `a wallet's error is told as what a person does about it`(code: Int, expected: MoneroError) throws {
    let server = try StubServer(.answer("{\"error\":{\"code\":\(code),\"message\":\"m\"}}"))
    let wallet = try wallet(server)
    #expect(error { () throws(MoneroError) in try wallet.relay("01") } == expected)
  }

  /// The real wallet knows the challenge that it gave on the same connection only; another program may let go after it.
  @Test(arguments: [false, true]) func `logs in when it is asked to, with the body it came with`(closes: Bool) throws {
    let challenge = "Digest qop=\"auth\",algorithm=MD5,realm=\"monero-rpc\",nonce=\"n\",stale=false"
    let server = try StubServer(.answer(status: 401, challenge: challenge, closes: closes, ""), .answer("{\"result\":{\"height\":7}}"))
    #expect(try wallet(server, login: "clerk:secret").height() == 7)
    let calls = server.calls
    #expect(calls.map { $0.authorization != nil } == [false, true])
    #expect(calls[1].authorization?.hasPrefix("Digest username=\"clerk\",") == true)
    #expect(calls[1].authorization?.contains("realm=\"monero-rpc\"") == true)
    #expect(calls[1].body == calls[0].body)
    #expect((calls[1].connection == calls[0].connection) == !closes)
  }

  @Test(arguments: [nil, "clerk:wrong"]) func `a login that is refused`(login: String?) throws {
    let server = try StubServer(.answer(status: 401, challenge: "Digest realm=\"r\",nonce=\"n\",qop=\"auth\"", ""))
    let wallet = try wallet(server, login: login)
    #expect(error { () throws(MoneroError) in try wallet.height() } == .loginRefused)
    #expect(server.calls.count == (login == nil ? 1 : 3))
  }

  @Test func `a wallet that never answers`() throws {
    let server = try StubServer(.hang)
    let wallet = try wallet(server, seconds: 1)
    guard case .timedOut = error({ () throws(MoneroError) in try wallet.height() }) else {
      Issue.record("it waited for nothing")
      return
    }
  }

  @Test(arguments: [StubServer.Reply.drop, .half]) func `a wallet that lets go`(reply: StubServer.Reply) throws {
    let server = try StubServer(reply)
    let wallet = try wallet(server)
    guard case .unreachable = error({ () throws(MoneroError) in try wallet.height() }) else {
      Issue.record("half an answer was taken")
      return
    }
  }

  @Test func `nobody there`() throws {
    let server = try StubServer(.hang)
    let wallet = try wallet(server)
    server.close()
    guard case .unreachable = error({ () throws(MoneroError) in try wallet.height() }) else {
      Issue.record("somebody answered")
      return
    }
  }

  @Test(arguments: [
    "", "[]", "{}", "{\"result\":{}}", "{\"result\":{\"height\":-1}}", "{\"result\":{\"height\":1.5}}", "{\"result\":{\"height\":\"7\"}}",
    "{\"result\":{\"height\":18446744073709551616}}", "<html></html>",
  ])
  func `an answer that cannot be right`(text: String) throws {
    let server = try StubServer(.answer(text))
    let wallet = try wallet(server)
    guard case .badAnswer = error({ () throws(MoneroError) in try wallet.height() }) else {
      Issue.record("\(text) was taken")
      return
    }
  }

  typealias Place = (text: String, place: ChainPlace)
  private static let places: [Place] = [
    ("{\"status\":\"OK\",\"missed_tx\":[\"\(hash)\"]}", .missing),
    ("{\"status\":\"OK\",\"txs\":[{\"tx_hash\":\"\(hash)\",\"in_pool\":true}]}", .inPool),
    ("{\"status\":\"OK\",\"txs\":[{\"tx_hash\":\"\(hash)\",\"in_pool\":false,\"block_height\":5,\"confirmations\":3}]}", .inBlock(confirmations: 3)),
  ]

  @Test func `where a transaction is`() throws {
    for (text, place) in Self.places { #expect(try node(StubServer(.answer(text))).place(of: Self.hash) == place) }
    // An older node tells the block and no depth.
    let old = try StubServer(
      .answer("{\"status\":\"OK\",\"txs\":[{\"tx_hash\":\"\(Self.hash)\",\"in_pool\":false,\"block_height\":5}]}"),
      .answer("{\"result\":{\"status\":\"OK\",\"nettype\":\"mainnet\",\"height\":9,\"target_height\":0}}"))
    #expect(try node(old).place(of: Self.hash) == .inBlock(confirmations: 4))
  }

  @Test(arguments: [
    "{\"status\":\"BUSY\"}", "{\"status\":\"OK\"}", "{\"status\":\"OK\",\"txs\":[{\"tx_hash\":\"other\",\"in_pool\":true}]}",
  ])
  func `a node that does not say where is not taken for one that says nowhere`(text: String) throws {
    let node = try node(StubServer(.answer(text)))
    guard case .badAnswer = error({ () throws(MoneroError) in try node.place(of: Self.hash) }) else {
      Issue.record("\(text) was taken")
      return
    }
  }

  @Test(arguments: [("[0,0]", false), ("[0,1]", true), ("[2,0]", true)]) func `whether an input is spent`(statuses: String, isSpent: Bool) throws {
    let node = try node(StubServer(.answer("{\"status\":\"OK\",\"spent_status\":\(statuses)}")))
    #expect(try node.isAnySpent(["a", "b"]) == isSpent)
    // Fewer answers than questions are no answer.
    guard case .badAnswer = error({ () throws(MoneroError) in try node.isAnySpent(["a", "b", "c"]) }) else {
      Issue.record("fewer answers were taken")
      return
    }
  }

  @Test(arguments: [
    ("\"synchronized\":true", true), ("\"synchronized\":false", false), ("\"busy_syncing\":true", false), ("\"target_height\":101", false),
  ])
  func `whether a node is up to date`(field: String, isSynchronized: Bool) throws {
    let target = field.contains("target") ? "" : "\"target_height\":0,"
    let text = "{\"result\":{\"status\":\"OK\",\"nettype\":\"mainnet\",\"height\":100,\(target)\(field)}}"
    #expect(
      try node(StubServer(.answer(text))).state() == DaemonState(network: "mainnet", height: 100, isSynchronized: isSynchronized))
  }

  @Test(arguments: [
    ("http://127.0.0.1:1", true), ("http://127.9.8.7:1", true), ("http://localhost:1", true), ("http://[::1]:1", true),
    ("http://127.0.0.1.evil.org:1", false),
    ("http://127.0.0:1", false), ("http://10.0.0.1:1", false), ("http://wallet:1", false), ("http://0.0.0.0:1", false), ("http://[::2]:1", false),
    ("http://127.0.0.256:1", false),
  ]) func `what is on this machine`(url: String, isHere: Bool) throws { #expect(try #require(Endpoint(url)).isOnThisMachine == isHere) }
}
