import Testing

@testable import Facts

/// By it an import passes by rows that came before: whatever differs in them has to differ in it.
@Suite struct `the hash of rows` {
  private static func hash(_ bytes: [UInt8]) -> UInt64 { unsafe bytes.withUnsafeBufferPointer { unsafe SourceHash.of(ByteText($0)) } }

  @Test(arguments: [1, 7, 8, 15, 16, 31, 32, 63, 64, 65, 95, 96, 127, 128, 129, 200]) func `differs with each byte of them`(length: Int) {
    let rows = (0..<length).map { UInt8(truncatingIfNeeded: 40 + 7 * $0) }
    var seen: Set = [Self.hash(rows)]
    for place in rows.indices {
      for bit in 0..<8 {
        var other = rows
        other[place] ^= 1 << bit
        #expect(seen.insert(Self.hash(other)).inserted, "bit \(bit) of byte \(place)")
      }
    }
  }

  @Test func `differs with the order of parts that are read two at once`() {
    let parts = (0..<8).map { part in (0..<16).map { UInt8(16 * part + $0) } }
    for (one, other) in (0..<8).flatMap({ one in (one + 1..<8).map { (one, $0) } }) {
      var swapped = parts
      swapped.swapAt(one, other)
      #expect(Self.hash(Array(swapped.joined())) != Self.hash(Array(parts.joined())), "parts \(one) and \(other)")
    }
  }

  @Test func `differs with their length`() {
    let hashes = (0...200).map { Self.hash(Array(repeating: 0, count: $0)) }
    #expect(Set(hashes).count == hashes.count)
  }
}
