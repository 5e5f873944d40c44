/// A JSON object of texts, put together member by member; a text that is none is null.
final class JSONMembers {
  private let bytes = ByteWriter(capacity: 512)

  func clear() { bytes.clear() }

  /// The object.
  var string: String { unsafe bytes.count == 0 ? "{}" : String(decoding: bytes.bytes, as: UTF8.self) + "}" }

  private func name(_ name: String) {
    bytes.byte(UInt8(ascii: bytes.count == 0 ? "{" : ","))
    quoted(name)
    bytes.byte(UInt8(ascii: ":"))
  }

  func add(_ name: String, _ text: ByteText) {
    self.name(name)
    if text.isEmpty { null() } else { unsafe quoted(text.bytes) }
  }

  func add(_ name: String, _ text: String?) {
    self.name(name)
    if let text { quoted(text) } else { null() }
  }

  private func null() { for byte in "null".utf8 { bytes.byte(byte) } }

  private func quoted(_ text: String) {
    var text = text
    text.withUTF8 { unsafe quoted($0) }
  }

  /// Values hold no control characters: the field parsers refuse them.
  private func quoted(_ text: UnsafeBufferPointer<UInt8>) {
    bytes.byte(UInt8(ascii: "\""))
    for index in text.indices {
      let byte = unsafe text[index]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.byte(UInt8(ascii: "\\")) }
      bytes.byte(byte)
    }
    bytes.byte(UInt8(ascii: "\""))
  }
}
