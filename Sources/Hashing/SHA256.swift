import OpenSSLHash

/// SHA-256 (FIPS 180-4), computed by OpenSSL's libcrypto.
public struct SHA256: Sendable {
  /// Bytes of a digest.
  public static let byteCount = 32

  private var state = SHA256_CTX()

  public init() {
    // It cannot fail: it sets eight words.
    _ = unsafe SHA256_Init(&state)
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, unsafe !bytes.isEmpty else { return }
    _ = unsafe SHA256_Update(&state, start, bytes.count)
  }

  public mutating func update(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe update($0) } }

  /// The 32 bytes; nothing is added afterwards.
  public consuming func finish() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { digest, count in
      _ = unsafe SHA256_Final(digest.baseAddress, &state)
      count = SHA256.byteCount
    }
  }

  /// The digest of all bytes at once.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }
}

extension [UInt8] {
  /// Lower-case hexadecimal digits.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * count)
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
