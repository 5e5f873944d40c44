extension Vectors {
  /// Source: github:tronprotocol/tronweb@2b8777566e494aa3bfcb95748ce7b3df8dd8b6c2 test/index.test.ts, test/helpers/config.ts;
  /// github:trustwallet/wallet-core@5295dc4fe299c527b7984611afb597ba003f6ce2 tests/chains/Tron/AddressTests.cpp
  static let tron: [Vector] = [
    Vector("TYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUG", .pays, "base58check 0x41 main"),
    Vector("TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC", .pays, "base58check 0x41 main"),
    Vector("TFLtPoEtVJBMcj6kZPrQrwEdM3W3shxsBU", .pays, "base58check 0x41 main"),
    Vector("TRDepx5KoQ8oNbFVZ5sogwUxtdYmATDRgX", .pays, "base58check 0x41 main"),
    Vector("TQq3EYEiaYr95r6ePRQwycukCEAE4qWkE7", .pays, "base58check 0x41 main"),
    Vector("TQnwLGKPg7jRCr2QPLaPV349qAkQPgY1kp", .pays, "base58check 0x41 main"),
    Vector("TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC", .pays, "base58check 0x41 main"),
    Vector("THRF3GuPnvvPzKoaT8pJex5XHmo8NNbCb3", .pays, "base58check 0x41 main"),
    Vector("TQLCsShbQNXMTVCjprY64qZmEA4rBarpQp", .pays, "base58check 0x41 main"),
    Vector("TYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUs", .refused, "last characters changed"),
    Vector("TYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUG89", .refused, "two characters too many"),
    Vector("aYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUG", .refused, "first character changed"),
    Vector("0x65cfbd57fa4f20687b2c33f84c4f9017e5895d49", .refused, "an EVM address"),
    Vector("4165cfbd57fa4f20687b2c33f84c4f9017e589", .refused, "hex, too short"),
    Vector("4165cfbd57fa4f20687b2c33f84c4f9017e5895d4998", .refused, "hex, too long"),
    Vector("abc", .refused, "too short"),
    Vector("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", .refused, "an EVM address"),
    Vector("175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W", .refused, "a Bitcoin address"),
    Vector("2MegQ6oqSda2tTagdEzBA", .refused, "short base58"),
    Vector("XQLCsShbQNXMTVCjprY64qZmEA4rBarpQp", .refused, "first character changed"),
    Vector(
      "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", .tokenContract,
      "the USDT token contract itself: a customer pasted this and lost 4,435 USDT (ethereum/EIPs issue 8885)"),
  ]
}
