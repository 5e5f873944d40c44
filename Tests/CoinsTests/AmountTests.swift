import Coins
import RefundPolicy
import Testing

@Suite struct `amounts of coins (H2)` {
  @Test(arguments: [
    // cents, rate, decimals, amount
    (29_99, "150", 12, "0.199933333333"), (29_99, "158.2045", 12, "0.189564772177"), (1, "100000", 8, "0.00000010"),
    (1, "1000000000", 8, "0.00000000"), (100_00, "3000.000000000000000003", 18, "0.033333333333333333"), (5, "0.05", 6, "1.000000"),
    (29_99, "0.9998", 6, "29.995999"), (0, "150", 12, "0.000000000000"), (1, "0.00000000000000000001", 0, "1000000000000000000"),
    (9_223_372_036_854_775_807, "1", 18, "92233720368547758.070000000000000000"),
  ])
  func `floor of usd by rate in the smallest unit`(cents: Int64, rate: String, decimals: Int, amount: String) throws {
    let rate = try #require(ExchangeRate(rate))
    #expect(CoinAmount(worth: Cents(cents), at: rate, decimals: decimals)?.description == amount)
  }

  /// Never above the USD amount, and within one smallest unit of it: a * rate <= usd < (a + 1) * rate, in exact integers.
  @Test func `the amount is never above the dollars, and one unit more would be`() throws {
    var random = SplitMix64(seed: 11)
    for _ in 0..<20_000 {
      let cents = Int64(random.next() % 10_000_000) + 1
      let digits = random.next() % 1_000_000_000 + 1
      let rateDecimals = Int(random.next() % 9)
      let decimals = Int(random.next() % 19)
      let text = CoinAmount(atomic: UInt128(digits), decimals: rateDecimals).description
      let rate = try #require(ExchangeRate(text))
      let amount = try #require(CoinAmount(worth: Cents(cents), at: rate, decimals: decimals)).atomic
      // a / 10^decimals * digits / 10^rateDecimals <= cents / 100
      let scale = (0..<(decimals + rateDecimals)).reduce(UInt128(1)) { power, _ in power * 10 }
      let dollars = UInt128(cents).multipliedFullWidth(by: scale)
      let paid = amount.multipliedFullWidth(by: UInt128(digits) * 100)
      let more = (amount + 1).multipliedFullWidth(by: UInt128(digits) * 100)
      #expect((paid.high, paid.low) <= (dollars.high, dollars.low), "\(cents) at \(text), \(decimals)")
      #expect((more.high, more.low) > (dollars.high, dollars.low), "\(cents) at \(text), \(decimals)")
    }
  }

  @Test func `what cannot be computed exactly is no amount`() {
    #expect(ExchangeRate("") == nil)
    #expect(ExchangeRate(".5") == nil)
    #expect(ExchangeRate("5.") == nil)
    #expect(ExchangeRate("-1") == nil)
    #expect(ExchangeRate("1e3") == nil)
    #expect(ExchangeRate("0.000000000000000000001") == nil)
    #expect(ExchangeRate("0.00000000000000000001") != nil)
    #expect(ExchangeRate(String(repeating: "9", count: 39)) == nil)
    #expect(ExchangeRate("1.50")?.description == "1.5")
    #expect(ExchangeRate("0.000").map { CoinAmount(worth: Cents(1), at: $0, decimals: 8) } == .some(nil))
    #expect(ExchangeRate("1").map { CoinAmount(worth: Cents(1), at: $0, decimals: 19) } == .some(nil))
    #expect(ExchangeRate("0.00000000000000000001").map { CoinAmount(worth: Cents(.max), at: $0, decimals: 18) } == .some(nil))
  }

  @Test(arguments: [
    ("100", "50", "2", false), ("100.01", "50", "2", true), ("50", "100", "2", false), ("50", "100.01", "2", true), ("3", "3", "1", false),
    ("3", "3.00000000000000000001", "1", true), ("187.5", "150", "1.25", false), ("187.51", "150", "1.25", true), ("120", "150", "1.25", false),
    ("119.99", "150", "1.25", true), ("0", "1", "1000000", true), ("1", "0", "1000000", true), ("0", "0", "1", false),
    // Digits that 256 bits do not hold once they are multiplied.
    ("999999999999999999999999999999999999", "0.00000000000000000001", "1000000", true),
    ("999999999999999999999999999999999998", "499999999999999999999999999999999999", "2", false),
    ("999999999999999999999999999999999999", "499999999999999999999999999999999999", "2", true),
  ])
  func `a rate is far from another when it is more than the factor away`(one: String, other: String, factor: String, isFar: Bool) throws {
    let (one, other) = (try #require(ExchangeRate(one)), try #require(ExchangeRate(other)))
    let factor = try #require(RateFactor(factor))
    #expect(one.isFar(from: other, moreThan: factor) == isFar)
    #expect(other.isFar(from: one, moreThan: factor) == isFar)
  }

  @Test(arguments: [
    ("1", "1"), ("2", "2"), ("2.0", "2"), ("1.25", "1.25"), ("1.000001", "1.000001"), ("1000000", "1000000"), ("1.50", "1.5"), ("007", "7"),
    ("0.999999", nil), ("0", nil), ("1.0000001", nil), ("1000000.1", nil), ("1000001", nil), ("-2", nil), ("2e0", nil), ("2.", nil), (".5", nil),
    ("", nil), ("1,5", nil), ("1.2.3", nil), ("NaN", nil),
  ])
  func `a factor is an exact decimal from 1 on`(text: String, canonical: String?) {
    #expect(RateFactor(text)?.description == canonical)
  }

  @Test func `rates are ordered by their value`() {
    let sorted = ["0.5", "0.50001", "1", "9.99", "10", "100000"].compactMap { ExchangeRate($0) }
    #expect(sorted.count == 6 && sorted.shuffled().sorted() == sorted)
  }

  @Test func `text of an amount`() {
    #expect(CoinAmount("0.1", decimals: 12)?.atomic == 100_000_000_000)
    #expect(CoinAmount("1.0000000000001", decimals: 12) == nil)
    #expect(CoinAmount("1.0000000000000", decimals: 12)?.atomic == 1_000_000_000_000)
    #expect(CoinAmount("340282366920938463463374607431768211456", decimals: 0) == nil)
    #expect(CoinAmount("1", decimals: 0)?.description == "1")
    #expect(CoinAmount(atomic: 5, decimals: 12).description == "0.000000000005")
    #expect(CoinAmount(atomic: 1_500_000, decimals: 6).brief == "1.5")
    #expect(CoinAmount(atomic: 1_000_000, decimals: 6).brief == "1")
    #expect(CoinAmount(atomic: 123_456_789_012_345_678, decimals: 18).truncated(to: 8).description == "0.12345678")
    #expect(CoinAmount(atomic: 5, decimals: 6).truncated(to: 8).decimals == 6)
  }
}

@Suite struct `where a payout goes (H1)` {
  private func coin(_ code: String, _ network: String? = nil) throws -> Coin { try #require(CoinTable().coin(code, network)) }

  @Test func `a coin is known by its code and its network`() throws {
    #expect(try coin("XMR") == coin("XMR", "Monero"))
    #expect(try coin("XMR").isMonero)
    #expect(try coin("USDT", "Ethereum").decimals == 6)
    #expect(try coin("USDT", "BSC").decimals == 18)
    #expect(CoinTable().coin("USDT", nil) == nil)
    #expect(CoinTable().coin("XMR", "Tron") == nil)
    #expect(CoinTable().coin("NOPE", nil) == nil)
    #expect(CoinTable().isSameNetwork(nil, "Bitcoin", of: "BTC"))
    #expect(!CoinTable().isSameNetwork(nil, "Tron", of: "USDT"))
    #expect(CoinTable().isSameNetwork("Mars", "Mars", of: "NOPE"))
  }

  @Test func `settings add coins and replace them`() throws {
    let own = CoinSetting(coin: "ABC", network: "Tron", isOnOwnChain: false, decimals: 3, minimum: "0.5", addresses: "tron")
    let other = CoinSetting(coin: "BTC", network: "Bitcoin", isOnOwnChain: true, decimals: 8, minimum: "0.0001", addresses: "bitcoin")
    let table = CoinTable([own, other])
    #expect(table.coin("ABC", "Tron")?.minimum.atomic == 500)
    #expect(table.coin("ABC", nil) == nil)
    #expect(table.coin("BTC", nil)?.minimum.description == "0.00010000")
    for (minimum, addresses) in [("0.0005", "tron"), ("0", "tron"), ("1", "none")] {
      #expect(Coin(CoinSetting(coin: "A", network: "B", isOnOwnChain: false, decimals: 3, minimum: minimum, addresses: addresses)) == nil)
    }
  }

  typealias Case = (coin: String, network: String?, address: String?, tag: String?, allowsNoTag: Bool, problem: DestinationProblem?)
  static let cases: [Case] = [
    // coin, network, address, tag, allowed without, problem
    ("XRP", nil, "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", "0", false, nil),
    ("XRP", nil, "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", "4294967295", false, nil),
    ("XRP", nil, "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", "4294967296", false, DestinationProblem.tagMalformed("4294967296")),
    ("XRP", nil, "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", "007", false, .tagMalformed("007")),
    ("XRP", nil, "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", nil, false, .tagMissing(coin: "XRP")),
    ("XRP", nil, "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", nil, true, nil),
    // Says that there is none.
    ("XRP", nil, "X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ", nil, false, nil),
    ("XRP", nil, "X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ", "0", false, .tagDiffers),
    ("XRP", nil, "X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu", nil, false, nil),
    ("XRP", nil, "X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu", "1", false, nil),
    ("XRP", nil, "X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu", "2", false, .tagDiffers),
    ("XLM", nil, "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", "an invoice", false, nil),
    ("XLM", nil, "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", nil, false, .tagMissing(coin: "XLM")),
    (
      "XLM", nil, "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", "longer than twenty-eight bytes", false,
      .tagMalformed("longer than twenty-eight bytes")
    ),
    ("USDT", "Tron", "TYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUG", "5", false, .tagNotUsed(coin: "USDT")),
    ("USDT", "Tron", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", nil, false, .address(.wrongNetwork("an Ethereum address"))),
    ("USDC", "Polygon", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", nil, false, nil),
    ("BTC", nil, nil, nil, false, .noAddress),
  ]

  @Test(arguments: cases)
  func `an address and a tag`(
    code: String, network: String?, address: String?, tag: String?, allowsNoTag: Bool, problem: DestinationProblem?
  ) throws {
    let coin = try coin(code, network)
    do throws(DestinationProblem) {
      let destination = try coin.destination(address, tag: tag, allowsNoTag: allowsNoTag)
      #expect(problem == nil)
      #expect(destination.tag == tag)
    } catch {
      #expect(error == problem)
      #expect(!error.words.isEmpty)
    }
  }
}
