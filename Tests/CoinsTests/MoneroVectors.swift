extension Vectors {
  /// Source: github:monero-project/monero@0aa9c51bd8eb53abb0a7023b5c768d9b46ee18a0 tests/functional_tests/validate_address.py, uri.py, tests/unit_tests/{base58,address_from_url,wallet_storage}.cpp;
  /// monero-wallet-rpc 0.18.0.0 (Debian) on regtest
  static let monero: [Vector] = [
    Vector("42ey1afDFnn4886T7196doS9GPMzexD9gXpsZJDwVjeRVdFCSoHnv7KPbBeGpzJBzHRCAs9UxqeoyFQMYbqSWYTfJJQAWDm", .pays, "standard main"),
    Vector("44Kbx4sJ7JDRDV5aAhLJzQCjDz2ViLRduE3ijDZu3osWKBjMGkV1XPk4pfDUMqt1Aiezvephdqm6YD19GKFD9ZcXVUTp6BW", .pays, "standard main"),
    Vector("9ujeXrjzf7bfeK3KZdCqnYaMwZVFuXemPU8Ubw335rj2FN1CdMiWNyFV3ksEfMFvRp9L9qum5UxkP5rN9aLcPxbH1au4WAB", .wrongNetwork, "standard test"),
    Vector("53teqCAESLxeJ1REzGMAat1ZeHvuajvDiXqboEocPaDRRmqWoVPzy46GLo866qRFjbNhfkNckyhST3WEvBviDwpUDd7DSzB", .wrongNetwork, "standard stagenet"),
    Vector(
      "4BxSHvcgTwu25WooY4BVmgdcKwZu5EksVZSZkDd6ooxSVVqQ4ubxXkhLF6hEqtw96i9cf3cVfLw8UWe95bdDKfRQeYtPwLm1Jiw7AKt2LY", .paysIntegrated, "integrated main"
    ),
    Vector("8AsN91rznfkBGTY8psSNkJBg9SZgxxGGRUhGwRptBhgr5XSQ1XzmA9m8QAnoxydecSh5aLJXdrgXwTDMMZ1AuXsN1EX5Mtm", .pays, "subaddress main"),
    Vector("86kKnBKFqzCLxtK1Jmx2BkNBDBSMDEVaRYMMyVbeURYDWs8uNGDZURKCA5yRcyMxHzPcmCf1q2fSdhQVcaKsFrtGRsdGfNk", .pays, "subaddress main"),
    Vector(
      "AApMA1VuhiCaHzr5X2KXi2Zc9oJ3VaGjkfChxxpRpxkyKf1NetvbRbQTbFMrGkr85DjnEH7JsBaoUFsgKwZnmtnVWnoB8MDotCsLb7eWwz", .wrongNetwork, "integrated test"),
    Vector("BdKg9udkvckC5T58a8Nmtb6BNsgRAxs7uA2D49sWNNX5HPW5Us6Wxu8QMXrnSx3xPBQQ2iu9kwEcRGAoiz6EPmcZKbF62GS", .wrongNetwork, "subaddress test"),
    Vector("BcFvPa3fT4gVt5QyRDe5Vv7VtUFao9ci8NFEy3r254KF7R1N2cNB5FYhGvrHbMStv4D6VDzZ5xtxeKV8vgEPMnDcNFuwZb9", .wrongNetwork, "subaddress test"),
    Vector(
      "5K8mwfjumVseCcQEjNbf59Um6R9NfVUNkHTLhhPCmNvgDLVS88YW5tScnm83rw9mfgYtchtDDTW5jEfMhygi27j1QYphX38hg6m4VMtN29", .wrongNetwork,
      "integrated stagenet"),
    Vector("73LhUiix4DVFMcKhsPRG51QmCsv8dYYbL6GcQoLwEEFvPvkVvc7BhebfA4pnEFF9Lq66hwvLqBvpHjTcqvpJMHmmNjPPBqa", .wrongNetwork, "subaddress stagenet"),
    Vector("7A1Hr63MfgUa8pkWxueD5xBqhQczkusYiCMYMnJGcGmuQxa7aDBxN1G7iCuLCNB3VPeb2TW7U9FdxB27xKkWKfJ8VhUZthF", .wrongNetwork, "subaddress stagenet"),
    Vector("888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H", .pays, "subaddress main"),
    Vector("46BeWrHpwXmHDpDEUmZBWZfoQpdc6HaERCNmx1pEYL2rAcuwufPN9rXHHtyUA4QVy66qeFQkn6sfK8aHYjA3jk3o1Bv16em", .pays, "standard main"),
    Vector("4AzKEX4gXdJdNeM6dfiBFL7kqund3HYGvMBF3ttsNd9SfzgYB6L7ep1Yg1osYJzLdaKAYSLVh6e6jKnAuzj3bw1oGy9kXCb", .pays, "standard main"),
    Vector("45p2SngJAPSJbqSiUvYfS3BfhEdxZmv8pDt25oW1LzxrZv9Uq6ARagiFViMGUE3gJk5VPWingCXVf1p2tyAy6SUeSHPhbve", .pays, "standard main"),
    Vector("49htPEj4Tn8bjbRGLUrG27GtrT5Ng8hyp39f2cxV7gppgcc9PtJzg7GiZ5fzeD5oDnNXMx2PyioAk7wADPAwvP3M3UZ65Y8", .pays, "standard main"),
    Vector("41hfoGHCNa9N8RhW7Zb9nfhitvGJga94saXnKcdHTJgyDW9uMzKsFXKcvhKXfXVCgJ5aT2fbcfHDDXfThSY9sm4xBbbnbKC", .pays, "standard main"),
    Vector("834nueEsMD7FTkbsjVYrjmGKkmfgbK6nqVktRnGUYX8wRPfSFxnbDCg5ZMydeGshEx1sniSKEXxHV8aceK6GFPy7Vihydqd", .pays, "subaddress main"),
    Vector(
      "4BQLp56gyqfN8RhW7Zb9nfhitvGJga94saXnKcdHTJgyDW9uMzKsFXKcvhKXfXVCgJ5aT2fbcfHDDXfThSY9sm4xGZua1NfE7bzU2Ap3nw", .paysIntegrated, "integrated main"
    ),
    Vector("8Bv1bSpuRPYfbgvHG9oZJ7gPMbPxisQhzhqvrByBCSAaJwyG1jTQb967PeTHDvqzScKLYReXP6fvrRLDbgM2ze1GACXCRXa", .pays, "subaddress main"),
    Vector("", .refused, "empty"),
    Vector("a", .refused, "too short"),
    Vector("42ey1afDFnn4886T7196doS9GPMzexD9gXpsZJDwVjeRVdFCSoHnv7KPbBeGpzJBzHRCAs9UxqeoyFQMYbqSWYTfJJQAWD9", .refused, "checksum"),
    Vector(" ", .refused, "a space"),
    Vector("@", .refused, "too short"),
    Vector("42ey", .refused, "too short"),
    Vector("41hfoGHCNa9N8RhW7Zb9nfhitvGJga94saXnKcdHTJgyDW9uMzKsFXKcvhKXfXVCgJ5aT2fbcfHDDXfThSY9sm4xBbbnbK1", .refused, "last character changed"),
    Vector("41hfoGHCNa9N8RhW7Zb9nfhitvGJga94saXnKcdHJTgyDW9uMzKsFXKcvhKXfXVCgJ5aT2fbcfHDDXfThSY9sm4xBbbnbKC", .refused, "two neighbours swapped"),
    Vector("41hfoGHCNa9N8RhW7Zb9nfhitvGJga94saXnKcdHTJgyDW9uMzKsFXKcvhKXfXVCgJ5aT2fbcfHDDXfThSY9sm4xBbbnbK", .refused, "one character short"),
    Vector("41hfoGHCNa9N8RhW7Zb9nfhitvGJga94saXnKcdHTJgyDW9uMzKsFXKcvhKXfXVCgJ5aT2fbcfHDDXfThSY9sm4xBbbnbKC ", .refused, "trailing space"),
    Vector("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", .refused, "a Bitcoin address"),
    Vector("42ey1afDFnn4886T7196doS9GPMzexD9gXpsZJDwVjeRVdFCSoHnv7KPbBeGpzJBzHRCAs9UxqeoyFQMYbqSWYTfJJQAWDn", .refused, "last character changed"),
  ]
}
