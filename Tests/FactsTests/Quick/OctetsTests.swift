import ReferenceModel
import RefundPolicy
import Testing

@testable import Facts

@Suite struct `eight bytes at a time` {
  private static func text<Result>(_ bytes: [UInt8], _ body: (ByteText) throws -> Result) rethrows -> Result {
    unsafe try bytes.withUnsafeBufferPointer { unsafe try body(ByteText($0)) }
  }

  private static func bytes(_ count: Int, _ letters: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    (0..<count).map { _ in random.pick(letters) }
  }

  @Test(arguments: 0...40) func `compare as bytes do`(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    for _ in 0..<200 {
      let one = Self.bytes(count, [0x30, 0x61, 0xFF], &random)
      var other = random.chance(50) ? one : Self.bytes(random.int(0...40), [0x30, 0x61, 0xFF], &random)
      if !other.isEmpty, random.chance(50) { other[random.int(0...(other.count - 1))] = 0x61 }
      Self.text(one) { left in
        Self.text(other) { right in
          #expect((left == right) == (one == other))
          #expect((left < right) == one.lexicographicallyPrecedes(other))
          #expect(left.shared(with: right) == zip(one, other).prefix { $0 == $1 }.count)
        }
      }
    }
  }

  @Test(arguments: 0...40) func `tell hexadecimal digits from others, and pack them`(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    for byte in UInt8.min...UInt8.max {
      var digits = Self.bytes(count, Array("0123456789abcdef".utf8), &random)
      if count > 0 { digits[random.int(0...(count - 1))] = byte }
      let isLower = digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
      Self.text(digits) { text in
        #expect(Hexadecimal.isPackable(text) == (isLower && count % 2 == 0))
        guard Hexadecimal.isPackable(text) else { return }
        let writer = ByteWriter()
        Hexadecimal.pack(text, to: writer)
        var reader = unsafe ByteReader(writer.bytes)
        let arena = Arena()
        withExtendedLifetime((writer, arena)) { #expect(Hexadecimal.unpack(reader.text(), into: arena).string == text.string) }
      }
      // Q1: 0x before them is left out.
      if byte | 0x20 == UInt8(ascii: "x") { continue }
      // Upper case is the same, and where there is any other byte it is not.
      let upper = digits.map { (0x61...0x66).contains($0) ? $0 & ~0x20 : $0 }
      let (one, other) = (Self.text(digits) { KeyHash.hash($0, .transaction) }, Self.text(upper) { KeyHash.hash($0, .transaction) })
      if digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0) }) {
        #expect(one == other)
      } else if digits != upper {
        #expect(one != other)
      }
    }
  }

  /// Right ones with one byte changed, and right ones.
  @Test(arguments: 1...UInt64(10)) func `read the same values from fields as the careful parsers`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    func two(_ range: ClosedRange<Int>) -> String { String(random.int(100 + range.lowerBound...100 + range.upperBound)).suffix(2).description }
    for _ in 0..<2_000 {
      let day = "\(random.int(1895...2205))-\(two(0...13))-\(two(0...32))"
      var field = Array(
        random.pick([
          day, day, "\(day)T\(two(0...24)):\(two(0...60)):\(two(0...60))Z", "\(day)T00:00:00+01:00", "\(random.int(0...2_000_000_000))",
          "\(random.int(0...99)).\(random.int(0...999))",
        ]).utf8)
      if random.chance(30) { field[random.int(0...(field.count - 1))] = UInt8(random.int(0x20...0xFF)) }
      let name = String(decoding: field, as: UTF8.self)
      Self.text(field) { text in
        #expect(QuickField.day(text) == (unsafe try? FieldParser.day(text.bytes))?.ordinal, "\(name)")
        #expect(QuickField.instant(text) == (unsafe try? FieldParser.instant(text.bytes))?.seconds, "\(name)")
        #expect(QuickField.count(text) == (unsafe try? FieldParser.count(text.bytes)), "\(name)")
        #expect(QuickField.money(text) == (unsafe try? FieldParser.money(text.bytes))?.count, "\(name)")
      }
    }
  }

  /// Files of short and long fields, with now and then a byte that no plain record has.
  @Test(arguments: 1...UInt64(20)) func `find the fields of records that the careful reader finds`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<200 {
      var file = Self.bytes(random.int(0...90), Array("ab,,\n\r0123456789xyz-".utf8), &random)
      if random.chance(50) { file += Array("ü€😀".utf8) + [0x2C] + Self.bytes(random.int(0...20), [0x61, 0x2C], &random) }
      if !file.isEmpty, random.chance(30) { file[random.int(0...(file.count - 1))] = random.pick([0, 9, 0x1F, 0x22, 0x7F, 0x80, 0xC3, 0xFF]) }
      unsafe file.withUnsafeBufferPointer { bytes in
        let careful = unsafe CSVReader(bytes)
        var plain = unsafe PlainRecords(bytes, 0..<bytes.count)
        while true {
          let (step, expected) = (plain.next(), careful.next())
          if step == .refused {
            let isPlain = unsafe careful.rawRecord.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x7F }
            #expect(expected != .record || !isPlain)
            return
          }
          #expect(step == .record ? expected == .record : expected == .end, "\(file) \(step) \(expected)")
          guard step == .record else { return }
          #expect(plain.fieldCount == careful.fieldCount)
          for field in 0..<min(plain.fieldCount, careful.fieldCount) {
            #expect(plain.field(field).string == (unsafe String(decoding: careful.field(field), as: UTF8.self)))
            #expect(plain.field(field, ofLineAt: plain.recordStart) == plain.field(field))
          }
        }
      }
    }
  }
}
