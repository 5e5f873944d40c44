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

  private init(_ array: [UInt64]) { words = (array[0], array[1], array[2], array[3]) }

  /// The sum without reduction: both are below 2^255, so it fits.
  private static func sum(_ left: Field, _ right: Field) -> Field {
    var carry: UInt128 = 0
    return Field(
      (0..<4).map { index in
        carry += UInt128(left[index]) + UInt128(right[index])
        defer { carry >>= 64 }
        return UInt64(truncatingIfNeeded: carry)
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
      var carry: UInt128 = 0
      for j in 0..<4 {
        carry += UInt128(left[i]) * UInt128(right[j]) + UInt128(product[i + j])
        product[i + j] = UInt64(truncatingIfNeeded: carry)
        carry >>= 64
      }
      product[i + 4] = UInt64(truncatingIfNeeded: carry)
    }
    // 2^256 is 38 modulo p.
    var low = Array(product[0..<4])
    var carry: UInt128 = 0
    for index in 0..<4 {
      carry += UInt128(low[index]) + 38 * UInt128(product[index + 4])
      low[index] = UInt64(truncatingIfNeeded: carry)
      carry >>= 64
    }
    while carry > 0 {
      carry *= 38
      for index in 0..<4 {
        carry += UInt128(low[index])
        low[index] = UInt64(truncatingIfNeeded: carry)
        carry >>= 64
      }
    }
    return Field(low).reduced
  }

  /// By Euler: a^((p-1)/2) is 1 for a square, and 0 for zero.
  var isSquare: Bool {
    if self == .zero { return true }
    // (p-1)/2 = 2^254 - 10: all bits of 253 down to 0 but those of 9.
    var power = Field.one
    for bit in (0..<254).reversed() {
      power = power * power
      if bit >= 4 || 0b0110 >> bit & 1 == 1 { power = power * self }
    }
    return power == .one
  }
}
