import Testing

@testable import WalletRPC

@Suite struct `a digest login` {
  @Test func `a user and a password in one line`() {
    #expect(Login("clerk:p:ss word\r\n") == Login("clerk:p:ss word"))
    #expect(Login("clerk:")?.password == "")
    for text in ["", "clerk", ":secret", "clerk:a\nb"] { #expect(Login(text) == nil, "\(text)") }
  }

  @Test(arguments: [
    ("http://127.0.0.1:18083", "127.0.0.1", 18083), ("http://localhost:1/", "localhost", 1), ("http://[::1]:18083", "::1", 18083),
  ])
  func `where a wallet is`(text: String, host: String, port: Int) {
    #expect(Endpoint(text).map { "\($0.host) \($0.port)" } == "\(host) \(port)")
  }

  @Test(arguments: [
    "", "127.0.0.1:18083", "https://127.0.0.1:18083", "http://127.0.0.1", "http://127.0.0.1:0", "http://127.0.0.1:65536", "http://a:b@127.0.0.1:1",
    "http://127.0.0.1:18083/json_rpc", "http://:18083", "http://a b:1",
  ])
  func `what is no such place`(text: String) { #expect(Endpoint(text) == nil) }
}
