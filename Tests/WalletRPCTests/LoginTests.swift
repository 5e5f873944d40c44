import Testing

@testable import WalletRPC

@Suite struct `a digest login` {
  private static let nonces = (
    theirs: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ours: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
  )

  /// Source: RFC 7616 §3.9.1.
  @Test(arguments: [("MD5", "8ca523f5e9506fed4657c9700eebdbec"), ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")])
  func `answers as RFC 7616 does`(algorithm: String, response: String) throws {
    let login = try #require(Login("Mufasa:Circle of Life"))
    let challenge = """
      Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=\(algorithm), nonce="\(Self.nonces.theirs)", \
      opaque="\(Self.nonces.opaque)"
      """
    let answer = login.authorization(for: challenge, method: "GET", uri: "/dir/index.html", nonce: Self.nonces.ours)
    #expect(
      answer == """
        Digest username="Mufasa", realm="http-auth@example.org", nonce="\(Self.nonces.theirs)", uri="/dir/index.html", \
        response="\(response)", algorithm=\(algorithm), qop=auth, nc=00000001, cnonce="\(Self.nonces.ours)", opaque="\(Self.nonces.opaque)"
        """)
  }

  @Test(arguments: [
    "Basic realm=\"x\"", "Digest realm=\"x\"", "Digest realm=\"x\", nonce=\"n\", algorithm=SHA-512-256",
    "Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"", "Digest realm=\"x", "",
  ])
  func `a challenge of another kind is not answered`(challenge: String) throws {
    let login = try #require(Login("a:b"))
    #expect(login.authorization(for: challenge, method: "POST", uri: "/json_rpc", nonce: "n") == nil)
  }

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
