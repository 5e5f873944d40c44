extension Judgement {
  /// H1, Q4: the coin and network of the period, and the address of the latest matched request that gives one, good or bad.
  func destination(of period: Period) -> String {
    let latest = verdicts.map(\.request).filter { !$0.address.isEmpty }.max { ($0.requestedAt, $0.id) < ($1.requestedAt, $1.id) }
    return [period.coin, period.network, latest?.address ?? "", latest?.tag ?? ""].joined(separator: "|")
  }
}

/// Addresses known to be good, two for each coin of the random worlds. None of these coins has tags.
public func payableAddresses(coin: String, network: String) -> [String] {
  switch (coin, network) {
  case ("XMR", ""):
    [
      "42ey1afDFnn4886T7196doS9GPMzexD9gXpsZJDwVjeRVdFCSoHnv7KPbBeGpzJBzHRCAs9UxqeoyFQMYbqSWYTfJJQAWDm",
      "44Kbx4sJ7JDRDV5aAhLJzQCjDz2ViLRduE3ijDZu3osWKBjMGkV1XPk4pfDUMqt1Aiezvephdqm6YD19GKFD9ZcXVUTp6BW",
    ]
  case ("BTC", ""): ["1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"]
  case ("LTC", ""): ["LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA", "ltc1qhdhvrwe6rgqns8fz28tee0hphr5x7ulw5exv4w"]
  case ("USDT", "Tron"): ["TYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUG", "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC"]
  case ("USDC", "Ethereum"): ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"]
  default: []
  }
}
