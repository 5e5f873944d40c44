/// A hash of the bytes of rows, 64 bits: to tell rows that came before, byte by byte, from others.
enum SourceHash {
  static func of(_ bytes: ByteText, after seed: UInt64 = 0) -> UInt64 {
    var hash = seed ^ (UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15)
    var place = 0
    if bytes.count >= 64 {
      // Two at once, as the one need not wait for the other.
      var other = hash ^ 0x8EBC_6AF0_9C88_C6E3
      while place + 32 <= bytes.count {
        hash = mixed(hash ^ bytes.octets(at: place), bytes.octets(at: place + 8))
        other = mixed(other ^ bytes.octets(at: place + 16), bytes.octets(at: place + 24))
        place += 32
      }
      hash = mixed(hash, other)
    }
    while place + 16 <= bytes.count {
      hash = mixed(hash ^ bytes.octets(at: place), bytes.octets(at: place + 8))
      place += 16
    }
    if place + 8 <= bytes.count {
      hash = mixed(hash, bytes.octets(at: place))
      place += 8
    }
    return mixed(hash, bytes.rest(at: place))
  }

  /// A product of 128 bits, folded: each bit of either depends on all of both.
  static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: word ^ 0xE703_7ED1_A0B4_28DB ^ hash)
    return product.high ^ product.low
  }
}
