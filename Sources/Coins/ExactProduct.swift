/// A product of integers, exact however large it is: prices are compared as fractions, never as rounded numbers.
struct ExactProduct: Comparable {
  /// The digits to the base 2^32, the lowest first, without zeros at the high end.
  private var limbs: [UInt32]

  init(_ factors: UInt128...) {
    limbs = [1]
    for factor in factors { multiply(by: factor) }
  }

  private mutating func multiply(by factor: UInt128) {
    let digits = (0..<4).map { UInt32(truncatingIfNeeded: factor >> (32 * UInt128($0))) }
    var product = [UInt32](repeating: 0, count: limbs.count + digits.count)
    for (place, limb) in limbs.enumerated() {
      var carry: UInt64 = 0
      for (offset, digit) in digits.enumerated() {
        // At most (2^32 - 1)^2 + 2 * (2^32 - 1), which is 2^64 - 1.
        let sum = UInt64(limb) * UInt64(digit) + UInt64(product[place + offset]) + carry
        product[place + offset] = UInt32(truncatingIfNeeded: sum)
        carry = sum >> 32
      }
      product[place + digits.count] = UInt32(carry)
    }
    while product.last == 0 { product.removeLast() }
    limbs = product
  }

  static func < (left: ExactProduct, right: ExactProduct) -> Bool {
    if left.limbs.count != right.limbs.count { return left.limbs.count < right.limbs.count }
    return left.limbs.reversed().lexicographicallyPrecedes(right.limbs.reversed())
  }
}
