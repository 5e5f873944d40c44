import EightBytes
import Testing

/// Eight digits at once, beside Swift's own numbers.
@Suite struct `decimal digits` {
  /// The ends of each length, and numbers between.
  private static let numbers: [UInt64] =
    (0...8).flatMap { length -> [UInt64] in
      let power = (0..<length).reduce(UInt64(1)) { power, _ in power * 10 }
      return [power - 1, power, power + 1].filter { $0 < 100_000_000 }
    } + (0..<2_000).map { _ in UInt64.random(in: 0..<100_000_000) }

  private static func eight(_ text: String) -> UInt64 { text.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  @Test func `a number is written as Swift writes it`() {
    for number in Self.numbers {
      let text = DecimalDigits.text(number)
      #expect(text.bytes == Self.eight("\(number)") && text.count == "\(number)".count)
      for width in 1...8 {
        let padded = String(repeating: "0", count: max(0, width - "\(number)".count)) + "\(number)"
        let text = DecimalDigits.text(number, width: width)
        #expect(text.bytes == Self.eight(padded) && text.count == padded.count)
      }
    }
  }

  @Test func `a number is read up to the first byte that is no digit`() {
    for number in Self.numbers {
      let digits = "\(number)"
      for other: UInt8 in [0, 0x2F, 0x3A, 0x7F, 0x80, 0xB0, 0xB5, 0xFF] where digits.count < 8 {
        let rest = UInt64(other) << UInt64(8 * digits.count)
        let read = DecimalDigits.number(Self.eight(digits) | rest)
        #expect(read.value == number && read.count == digits.count)
      }
      let behind = digits.count < 8 ? Self.eight(digits + "," + String("99999999".prefix(7 - digits.count))) : Self.eight(digits)
      #expect(DecimalDigits.number(behind) == (number, digits.count))
    }
    #expect(DecimalDigits.number(Self.eight(",1234567")) == (0, 0))
    #expect(DecimalDigits.number(Self.eight("00000042")) == (42, 8))
  }
}
