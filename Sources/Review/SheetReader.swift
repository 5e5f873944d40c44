/// A table as a spreadsheet program saved it: the separator is found out, and every line break and quoting that such programs write is understood.
public struct SheetReader {
  public struct Row: Equatable {
    /// The line on which it begins, from 1.
    public var line: Int
    public var fields: [String]

    public var isBlank: Bool { fields.allSatisfy { $0.allSatisfy(\.isWhitespace) } }
  }

  private let scalars: [Unicode.Scalar]
  private var at = 0
  private var line = 1
  private(set) var separator: Unicode.Scalar = ","

  /// - Parameter columns: Names by which the header, and so the separator, is known.
  /// - Throws: ``ReviewFileError`` for bytes that are no text.
  public init(_ bytes: [UInt8], knownBy columns: [String]) throws(ReviewFileError) {
    scalars = Array(try SheetReader.text(bytes).unicodeScalars)
    // UTF-16 without a byte order mark is valid UTF-8 with a NUL in every other place.
    guard !scalars.prefix(while: { $0 != "\n" && $0 != "\r" }).contains("\0") else {
      throw ReviewFileError(line: 1, what: "the file is no UTF-8 text", hint: SheetReader.hint)
    }
    findSeparator(columns)
  }

  private static let hint = "Save it as CSV in UTF-8; in Excel that is 'CSV UTF-8 (Comma delimited)'."

  private static func text(_ bytes: [UInt8]) throws(ReviewFileError) -> String {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      guard bytes.count.isMultiple(of: 2) else { throw ReviewFileError(line: 1, what: "the file is no UTF-16 text", hint: hint) }
      let isLittle = bytes[0] == 0xFF
      let units = stride(from: 2, to: bytes.count, by: 2).map { index in
        let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
        return isLittle ? first | second << 8 : first << 8 | second
      }
      guard let text = String(validating: units, as: UTF16.self) else {
        throw ReviewFileError(line: 1, what: "the file is no UTF-16 text", hint: hint)
      }
      return text
    }
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    guard let text = String(validating: body, as: UTF8.self) else {
      throw ReviewFileError(line: lineOfBrokenUTF8(Array(body)), what: "the file is no UTF-8 text", hint: hint)
    }
    return text
  }

  private static func lineOfBrokenUTF8(_ bytes: [UInt8]) -> Int {
    var end = bytes.count
    do throws(UTF8.ValidationError) { _ = try UTF8Span(validating: bytes.span) } catch { end = error.byteOffsets.lowerBound }
    let isBreak = { (at: Int) in bytes[at] == 0x0A || (bytes[at] == 0x0D && !(at + 1 < bytes.count && bytes[at + 1] == 0x0A)) }
    return 1 + (0..<end).count(where: isBreak)
  }

  /// Excel's `sep=;`, else whichever of comma, semicolon and tab parts the header into the most columns that are known.
  private mutating func findSeparator(_ columns: [String]) {
    let first = scalars.prefix { $0 != "\n" && $0 != "\r" }
    let line = first.filter { $0 != "\"" }
    if line.count >= 5, String(String.UnicodeScalarView(line.prefix(4))).lowercased() == "sep=", line[5...].allSatisfy({ $0 == line[4] }) {
      separator = line[4]
      at = first.count
      skipLineBreak()
      return
    }
    var most = 0
    for candidate: Unicode.Scalar in [",", ";", "\t"] {
      var trial = self
      trial.separator = candidate
      guard let header = try? trial.nextFilled() else { continue }
      let known = header.fields.count { columns.contains($0.filter { !$0.isWhitespace }.lowercased()) }
      if known > most { (most, separator) = (known, candidate) }
    }
  }

  private mutating func skipLineBreak() {
    guard at < scalars.count else { return }
    if scalars[at] == "\r", at + 1 < scalars.count, scalars[at + 1] == "\n" { at += 1 }
    at += 1
    line += 1
  }

  /// A number as the file writes it, with a decimal point: where commas do not separate fields, one comma may be the decimal sign.
  public func withDecimalPoint(_ text: String) -> String { SheetReader.withDecimalPoint(text, separator: separator) }

  static func withDecimalPoint(_ text: String, separator: Unicode.Scalar) -> String {
    separator == "," || text.contains(".") ? text : text.replacing(",", with: ".", maxReplacements: 1)
  }

  /// The next row that holds anything; nil at the end.
  public mutating func nextFilled() throws(ReviewFileError) -> Row? {
    while let row = try next() {
      if !row.isBlank { return row }
    }
    return nil
  }

  /// The next row; nil at the end.
  ///
  /// - Throws: ``ReviewFileError`` for a quote that is never closed.
  mutating func next() throws(ReviewFileError) -> Row? {
    guard at < scalars.count else { return nil }
    var row = Row(line: line, fields: [])
    while true {
      row.fields.append(try field())
      guard at < scalars.count else { return row }
      if scalars[at] == separator {
        at += 1
      } else {
        skipLineBreak()
        return row
      }
    }
  }

  private mutating func field() throws(ReviewFileError) -> String {
    var text = String.UnicodeScalarView()
    guard at < scalars.count, scalars[at] == "\"" else {
      while at < scalars.count, scalars[at] != separator, scalars[at] != "\n", scalars[at] != "\r" {
        text.append(scalars[at])
        at += 1
      }
      return String(text)
    }
    let start = line
    at += 1
    while at < scalars.count {
      if scalars[at] == "\"" {
        at += 1
        if at < scalars.count, scalars[at] == "\"" {
          text.append("\"")
          at += 1
          continue
        }
        // What stands between the quote and the separator belongs to the field, as spreadsheet programs read it.
        while at < scalars.count, scalars[at] != separator, scalars[at] != "\n", scalars[at] != "\r" {
          text.append(scalars[at])
          at += 1
        }
        return String(text)
      }
      if scalars[at] == "\n" || (scalars[at] == "\r" && !(at + 1 < scalars.count && scalars[at + 1] == "\n")) { line += 1 }
      text.append(scalars[at])
      at += 1
    }
    throw ReviewFileError(line: start, what: "a quote is never closed", hint: "Close it, or save the file anew from the spreadsheet.")
  }
}
