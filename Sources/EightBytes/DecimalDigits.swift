/// Eight decimal digits at once, a byte each, the first one in the lowest byte: how reports and sheets read and write their numbers.
public enum DecimalDigits {
  /// The values of the digits of a number below 100,000,000, with zeros in front.
  ///
  /// The number is halved three times, all parts at once: two of four digits, four of two, eight of one. The factors divide by 100 and by 10.
  @inlinable @inline(__always) public static func values(_ number: UInt64) -> UInt64 {
    let fours = number / 10_000 | (number % 10_000) << 32
    let hundreds = (fours &* 10_486) >> 20 & 0x0000_007F_0000_007F
    let twos = hundreds | (fours &- 100 &* hundreds) << 16
    let tens = (twos &* 103) >> 10 & 0x000F_000F_000F_000F
    return tens | (twos &- 10 &* tens) << 8
  }

  /// The text of a number below 100,000,000, and how many bytes it has; those behind are zero.
  @inlinable @inline(__always) public static func text(_ number: UInt64, width: Int = 1) -> (bytes: UInt64, count: Int) {
    let values = values(number)
    let zeros = min(values.trailingZeroBitCount / 8, 8 - width)
    return ((values | Octets.all(0x30)) >> UInt64(8 * zeros), 8 - zeros)
  }

  /// The number that begins eight bytes of text, and how many of them are its digits.
  @inlinable @inline(__always) public static func number(_ bytes: UInt64) -> (value: UInt64, count: Int) {
    // A digit's byte is 0x30 to 0x39: what is left of it is below 10, and the highest bit tells where it is not.
    let values = bytes ^ Octets.all(0x30)
    let others = (values | ((values & ~Octets.tops) &+ Octets.all(0x80 - 10))) & Octets.tops
    let count = others.trailingZeroBitCount / 8
    if count == 0 { return (0, 0) }
    // Zeros in front, up to eight digits; then halves of two, four and eight digits are put together.
    let digits = values << UInt64(64 - 8 * count)
    let twos = (digits &* 10 &+ digits >> 8) & 0x00FF_00FF_00FF_00FF
    let fours = (twos &* 100 &+ twos >> 16) & 0x0000_FFFF_0000_FFFF
    return ((fours &* 10_000 &+ fours >> 32) & 0xFFFF_FFFF, count)
  }
}
