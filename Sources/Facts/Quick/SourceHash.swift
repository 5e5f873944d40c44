/// A hash of the bytes of rows, 64 bits: to tell rows that came before, byte by byte, from others.
enum SourceHash {
  static func of(_ bytes: ByteText, after seed: UInt64 = 0) -> UInt64 {
    let source = unsafe bytes.bytes
    var hash = seed ^ (UInt64(source.count) &* 0x9E37_79B9_7F4A_7C15)
    guard let start = unsafe source.baseAddress.map({ unsafe UnsafeRawPointer($0) }) else { return mixed(hash, 0) }
    var place = 0
    while place + 8 <= source.count {
      hash = mixed(hash, unsafe start.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian)
      place += 8
    }
    var rest: UInt64 = 0
    while place < source.count {
      rest = rest << 8 | UInt64(unsafe source[place])
      place += 1
    }
    return mixed(hash, rest)
  }

  /// A product of 128 bits, folded: each bit of either depends on all of both.
  static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: word ^ 0xE703_7ED1_A0B4_28DB ^ hash)
    return product.high ^ product.low
  }
}
