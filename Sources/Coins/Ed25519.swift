/// Whether 32 bytes are a point of the curve edwards25519: a wallet's key is one, an address that a program owns is not.
enum Ed25519 {
  static func isOnCurve(_ bytes: [UInt8]) -> Bool {
    guard bytes.count == 32 else { return false }
    // y with the sign of x in the highest bit; a y of p or more is no spelling of a point.
    guard let y = Field(littleEndian: bytes) else { return false }
    let square = y * y
    let (u, v) = (square - .one, Field.d * square + .one)
    // x^2 = u / v; v is never zero, so u / v is a square exactly where u * v is.
    let isSquare = (u * v).isSquare
    // x = 0 has no negative.
    return isSquare && !(u == .zero && bytes[31] & 0x80 != 0)
  }
}

/// Integers modulo p = 2^255 - 19, in four words, lowest first, always below p.
private struct Field: Equatable {
  private var words: (UInt64, UInt64, UInt64, UInt64)

  static func == (left: Field, right: Field) -> Bool { left.words == right.words }

  static let zero = Field(words: (0, 0, 0, 0))
  static let one = Field(words: (1, 0, 0, 0))
  /// -121665 / 121666.
  static let d = Field(words: (0x75EB_4DCA_1359_78A3, 0x0070_0A4D_4141_D8AB, 0x8CC7_4079_7779_E898, 0x5203_6CEE_2B6F_FE73))
  private static let p = Field(words: (0xFFFF_FFFF_FFFF_FFED, .max, .max, 0x7FFF_FFFF_FFFF_FFFF))

  private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// The lower 255 bits of 32 bytes; nil for p or more.
  init?(littleEndian bytes: [UInt8]) {
    func word(_ index: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(bytes[8 * index + $1]) << UInt64(8 * $1) } }
    words = (word(0), word(1), word(2), word(3) & 0x7FFF_FFFF_FFFF_FFFF)
    if !isBelow(Field.p) { return nil }
  }

  private func isBelow(_ other: Field) -> Bool {
    (words.3, words.2, words.1, words.0) < (other.words.3, other.words.2, other.words.1, other.words.0)
  }

  private subscript(index: Int) -> UInt64 {
    switch index {
    case 0: words.0
    case 1: words.1
    case 2: words.2
    default: words.3
    }
  }

  /// The lower four of the words.
  private init(_ array: [UInt64]) { words = (array[0], array[1], array[2], array[3]) }

  /// The sum without reduction: both are below 2^255, so it fits.
  private static func sum(_ left: Field, _ right: Field) -> Field {
    var carry: UInt64 = 0
    return Field(
      (0..<4).map { index in
        let (high, low) = wide(0, 0, left[index], right[index])
        let (sum, overflow) = low.addingReportingOverflow(carry)
        carry = high + (overflow ? 1 : 0)
        return sum
      })
  }

  /// `left` - `right`, where that is not negative.
  private static func difference(_ left: Field, _ right: Field) -> Field {
    var borrow = false
    return Field(
      (0..<4).map { index in
        let (partial, first) = left[index].subtractingReportingOverflow(right[index])
        let (result, second) = partial.subtractingReportingOverflow(borrow ? 1 : 0)
        borrow = first || second
        return result
      })
  }

  private var reduced: Field { isBelow(Field.p) ? self : Field.difference(self, Field.p).reduced }

  static func + (left: Field, right: Field) -> Field { sum(left, right).reduced }
  static func - (left: Field, right: Field) -> Field { difference(sum(left, p), right).reduced }

  static func * (left: Field, right: Field) -> Field {
    var product = [UInt64](repeating: 0, count: 8)
    for i in 0..<4 {
      var carry: UInt64 = 0
      for j in 0..<4 { (carry, product[i + j]) = wide(left[i], right[j], product[i + j], carry) }
      product[i + 4] = carry
    }
    // 2^256 is 38 modulo p.
    var carry: UInt64 = 0
    for index in 0..<4 { (carry, product[index]) = wide(product[index + 4], 38, product[index], carry) }
    while carry > 0 {
      carry *= 38
      for index in 0..<4 { (carry, product[index]) = wide(0, 0, product[index], carry) }
    }
    return Field(product).reduced
  }

  /// `a` * `b` + `c` + `d` in two words: it always fits.
  private static func wide(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) -> (high: UInt64, low: UInt64) {
    let product = a.multipliedFullWidth(by: b)
    let (partial, first) = product.low.addingReportingOverflow(c)
    let (low, second) = partial.addingReportingOverflow(d)
    return (product.high + (first ? 1 : 0) + (second ? 1 : 0), low)
  }

  private func squared(_ times: Int) -> Field { (0..<times).reduce(self) { power, _ in power * power } }

  /// By Euler: a^((p-1)/2) is 1 for a square, and 0 for zero.
  var isSquare: Bool {
    if self == .zero { return true }
    // (p-1)/2 = 2^254 - 10 = 16 * (2^250 - 1) + 6. What stands for n is a^(2^n - 1): n ones in a row.
    func joined(_ left: Field, _ right: Field, ofLength length: Int) -> Field { left.squared(length) * right }
    let two = joined(self, self, ofLength: 1)
    let five = joined(joined(two, two, ofLength: 2), self, ofLength: 1)
    let ten = joined(five, five, ofLength: 5)
    let twenty = joined(ten, ten, ofLength: 10)
    let fifty = joined(joined(twenty, twenty, ofLength: 20), ten, ofLength: 10)
    let hundred = joined(fifty, fifty, ofLength: 50)
    let all = joined(joined(hundred, hundred, ofLength: 100), fifty, ofLength: 50)
    return all.squared(4) * two.squared(1) == .one
  }
}
