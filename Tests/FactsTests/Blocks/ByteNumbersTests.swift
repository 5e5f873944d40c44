import Testing

@testable import Facts

/// Numbers in as few bytes as they need: read as they were written, wherever they stand, and never beyond what there is.
@Suite struct `numbers of blocks` {
  /// Both sides of every length there is.
  static let numbers: [UInt64] =
    (0..<10).flatMap { length in
      let next: UInt64 = length == 9 ? 1 << 63 : 1 << UInt64(7 * (length + 1))
      return [next - 1, next, next + 1]
    } + [0, .max]

  private static func bytes(_ number: UInt64, behind count: Int) -> [UInt8] {
    let writer = ByteWriter()
    writer.number(number)
    for _ in 0..<count { writer.byte(0xFF) }
    return unsafe Array(writer.bytes)
  }

  @Test(arguments: numbers) func `are read as they were written, near the end and far from it`(number: UInt64) {
    let length = Self.bytes(number, behind: 0).count
    for behind in 0...9 {
      unsafe Self.bytes(number, behind: behind).withUnsafeBufferPointer { bytes in
        var reader = unsafe ByteReader(bytes)
        #expect(reader.number() == number && reader.position == length && !reader.isBroken)
      }
    }
  }

  @Test(arguments: numbers) func `are broken where they are cut`(number: UInt64) {
    let whole = Self.bytes(number, behind: 0)
    for length in 0..<whole.count {
      unsafe Array(whole[..<length]).withUnsafeBufferPointer { bytes in
        var reader = unsafe ByteReader(bytes)
        _ = reader.number()
        #expect(reader.isBroken && reader.position <= length)
      }
    }
  }

  @Test func `are broken where they have no end`() {
    unsafe [UInt8](repeating: 0x80, count: 20).withUnsafeBufferPointer { bytes in
      var reader = unsafe ByteReader(bytes)
      _ = reader.number()
      #expect(reader.isBroken)
    }
  }
}
