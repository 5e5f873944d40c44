/// A JSON value as it is written: numbers keep their digits, and no key of an object is there twice.
///
/// Settings decide about money, so no number passes through floating point, and nothing is chosen silently where a file says two things.
enum ExactJSON: Hashable, Sendable {
  case null
  case bool(Bool)
  /// The number's text, by RFC 8259: `7`, `1.25`, `-3`, `1e3`.
  case number(String)
  case string(String)
  case array([ExactJSON])
  /// In the order of the file.
  case object([Member])

  struct Member: Hashable, Sendable {
    var key: String
    var value: ExactJSON
  }

  /// Why a text is not such a value, with the place of the fault.
  struct Fault: Error, Hashable, Sendable {
    /// Both from 1; the column counts bytes.
    var line: Int
    var column: Int
    var what: String
  }

  /// Reads one value and nothing after it.
  ///
  /// - Throws: ``Fault``.
  init(_ text: [UInt8]) throws(Fault) {
    var reader = ExactJSONReader(text)
    self = try reader.document()
  }
}

private struct ExactJSONReader {
  private let bytes: [UInt8]
  private var at = 0
  /// Deeper nesting than settings can need; it bounds the recursion.
  private static let mostDepth = 16

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(ExactJSON.Fault) -> ExactJSON {
    let value = try self.value(depth: 0)
    skipSpace()
    if at < bytes.count { throw fault("something follows after the end of the value") }
    return value
  }

  private func fault(_ what: String, at place: Int? = nil) -> ExactJSON.Fault {
    let before = bytes[..<min(place ?? at, bytes.count)]
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return ExactJSON.Fault(line: line, column: before.count - start + 1, what: what)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
  }

  private mutating func takes(_ byte: UInt8) -> Bool {
    skipSpace()
    guard next == byte else { return false }
    at += 1
    return true
  }

  private mutating func value(depth: Int) throws(ExactJSON.Fault) -> ExactJSON {
    skipSpace()
    if depth > ExactJSONReader.mostDepth { throw fault("values are nested too deeply") }
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw fault("the text ends where a value is expected")
    case let byte?:
      guard byte == UInt8(ascii: "-") || ExactJSONReader.isDigit(byte) else { throw fault("a value is expected here") }
      return .number(try number())
    }
  }

  private mutating func word(_ word: String, _ value: ExactJSON) throws(ExactJSON.Fault) -> ExactJSON {
    guard bytes[at...].starts(with: word.utf8) else { throw fault("a value is expected here") }
    at += word.utf8.count
    return value
  }

  private mutating func object(_ depth: Int) throws(ExactJSON.Fault) -> ExactJSON {
    at += 1
    var members: [ExactJSON.Member] = []
    if takes(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipSpace()
      let place = at
      guard next == UInt8(ascii: "\"") else { throw fault("a key in quotes is expected here") }
      let key = try string()
      if members.contains(where: { $0.key == key }) { throw fault("the key '\(key)' is there twice", at: place) }
      guard takes(UInt8(ascii: ":")) else { throw fault("a ':' is expected here") }
      members.append(ExactJSON.Member(key: key, value: try value(depth: depth + 1)))
    } while takes(UInt8(ascii: ","))
    guard takes(UInt8(ascii: "}")) else { throw fault("a ',' or '}' is expected here") }
    return .object(members)
  }

  private mutating func array(_ depth: Int) throws(ExactJSON.Fault) -> ExactJSON {
    at += 1
    var elements: [ExactJSON] = []
    if takes(UInt8(ascii: "]")) { return .array(elements) }
    repeat { elements.append(try value(depth: depth + 1)) } while takes(UInt8(ascii: ","))
    guard takes(UInt8(ascii: "]")) else { throw fault("a ',' or ']' is expected here") }
    return .array(elements)
  }

  private mutating func number() throws(ExactJSON.Fault) -> String {
    let start = at
    if next == UInt8(ascii: "-") { at += 1 }
    let whole = try digits()
    if whole > 1 && bytes[at - whole] == UInt8(ascii: "0") { throw fault("a number does not begin with 0", at: start) }
    if next == UInt8(ascii: ".") {
      at += 1
      _ = try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      at += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
      _ = try digits()
    }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func digits() throws(ExactJSON.Fault) -> Int {
    let start = at
    while let byte = next, ExactJSONReader.isDigit(byte) { at += 1 }
    if at == start { throw fault("a digit is expected here") }
    return at - start
  }

  private mutating func string() throws(ExactJSON.Fault) -> String {
    let start = at
    at += 1
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      if byte < 0x20 { throw fault("a control character stands in a text") }
      at += 1
      if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
    }
    guard next != nil else { throw fault("the text that begins here has no end", at: start) }
    at += 1
    guard let string = String(validating: text, as: UTF8.self) else { throw fault("the text is not UTF-8", at: start) }
    return string
  }

  private mutating func escape() throws(ExactJSON.Fault) -> [UInt8] {
    guard let byte = next else { throw fault("the text ends inside an escape") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var units = [try codeUnit()]
      if UTF16.isLeadSurrogate(units[0]), next == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "u") {
        at += 2
        units.append(try codeUnit())
      }
      guard let text = String(validating: units, as: UTF16.self) else { throw fault("a \\u escape is half of a pair") }
      return Array(text.utf8)
    default: throw fault("an unknown escape", at: at - 2)
    }
  }

  private mutating func codeUnit() throws(ExactJSON.Fault) -> UInt16 {
    guard at + 4 <= bytes.count, bytes[at..<at + 4].allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
    else { throw fault("four hexadecimal digits are expected here") }
    at += 4
    return unit
  }
}

extension ExactJSON: CustomStringConvertible {
  /// The value in one line. Text is escaped as JSON needs it; so are characters that a terminal would act on or not show.
  var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let text): text
    case .string(let text): ExactJSON.quoted(text)
    case .array(let elements): "[" + elements.map(\.description).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\(ExactJSON.quoted($0.key)): \($0.value)" }.joined(separator: ", ") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for unit in text.unicodeScalars {
      switch unit {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      default:
        switch unit.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
          for half in UTF16.encode(unit) ?? UTF16.encodedReplacementCharacter {
            let digits = String(half, radix: 16)
            out += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
          }
        default: out.unicodeScalars.append(unit)
        }
      }
    }
    return out + "\""
  }
}
