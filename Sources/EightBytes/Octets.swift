/// Eight bytes of a text at once, the first of them lowest. All of it is made anew where it is called: it stands in the innermost loops of other modules.
public enum Octets {
  public static let ones: UInt64 = 0x0101_0101_0101_0101
  public static let tops: UInt64 = 0x8080_8080_8080_8080

  @inlinable @inline(__always) public static func all(_ byte: UInt8) -> UInt64 { UInt64(byte) &* ones }

  /// The top bit of each byte below 128 that is not below `low`.
  @inlinable @inline(__always) public static func atLeast(_ low: UInt8, _ octets: UInt64) -> UInt64 { octets &+ all(0x80 - low) }

  /// The top bit of each byte that lies between two.
  @inlinable @inline(__always) public static func within(_ low: UInt8, _ high: UInt8, _ octets: UInt64) -> UInt64 {
    atLeast(low, octets) & ~atLeast(high + 1, octets) & tops
  }

  /// Whether all are digits of hexadecimal numbers.
  @inlinable @inline(__always) public static func areHexadecimal(_ octets: UInt64) -> Bool {
    octets & tops == 0 && within(0x30, 0x39, octets) | within(0x61, 0x66, octets | all(0x20)) == tops
  }

  /// Whether all are digits of hexadecimal numbers, in lower case.
  @inlinable @inline(__always) public static func areLowerHexadecimal(_ octets: UInt64) -> Bool {
    octets & tops == 0 && within(0x30, 0x39, octets) | within(0x61, 0x66, octets) == tops
  }

  /// Digits of hexadecimal numbers in lower case.
  @inlinable @inline(__always) public static func lowered(_ octets: UInt64) -> UInt64 { octets | (octets & all(0x40)) >> 1 }

  /// Four bytes from eight digits of hexadecimal numbers.
  @inlinable @inline(__always) public static func packed(_ octets: UInt64) -> UInt32 {
    let nibbles = (octets & all(0xF)) &+ (octets >> 6 & ones) &* 9
    var pairs = (nibbles << 4 | nibbles >> 8) & 0x00FF_00FF_00FF_00FF
    pairs = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF
    return UInt32(truncatingIfNeeded: pairs | pairs >> 16)
  }

  /// Eight digits, in lower case, for four bytes.
  @inlinable @inline(__always) public static func unpacked(_ bytes: UInt32) -> UInt64 {
    var pairs = UInt64(bytes)
    pairs = (pairs | pairs << 16) & 0x0000_FFFF_0000_FFFF
    pairs = (pairs | pairs << 8) & 0x00FF_00FF_00FF_00FF
    let nibbles = (pairs >> 4 & 0x000F_000F_000F_000F) | (pairs & 0x000F_000F_000F_000F) << 8
    return nibbles &+ all(0x30) &+ ((nibbles &+ all(6)) >> 4 & ones) &* 0x27
  }

  /// The values of digits that stand where `pattern` has a `0`, in pairs: the byte of a pair's first digit holds the number of both.
  ///
  /// - Parameter signs: All bits of the bytes of `pattern` that are no digits.
  /// - Returns: Nil where there is anything but digits, or another sign than the pattern's.
  @inlinable @inline(__always) public static func pairs(_ octets: UInt64, _ pattern: UInt64, signs: UInt64) -> UInt64? {
    let digits = octets ^ pattern
    guard digits & signs == 0, (digits | (digits &+ all(0x80 - 10))) & tops == 0 else { return nil }
    return digits &* 10 &+ digits >> 8
  }

  /// The top bit of each byte that is `byte`.
  @inlinable @inline(__always) public static func places(of byte: UInt8, in octets: UInt64) -> UInt64 {
    let difference = octets ^ all(byte)
    return ~((difference & ~tops) &+ ~tops | difference) & tops
  }

  /// A top bit where one of the bytes is `byte`, and none where none is; which one it is it does not tell. What was found in others may be added
  /// before ``tops`` are asked for.
  @inlinable @inline(__always) public static func trace(of byte: UInt8, in octets: UInt64) -> UInt64 {
    // Taking 1 from a byte sets a top bit that was not set if and only if it is zero, or one below it was.
    let difference = octets ^ all(byte)
    return (difference &- ones) & ~difference
  }

  /// The top bit of each control character from 0 to 31.
  @inlinable @inline(__always) public static func controls(_ octets: UInt64) -> UInt64 { ~((octets & ~tops) &+ all(0x60) | octets) & tops }
}
