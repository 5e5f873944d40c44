/// A table as a spreadsheet program saved it: the separator is found out, and every line break and quoting that such programs write is understood.
struct SheetReader {
  struct Row: Equatable {
    /// The line on which it begins, from 1.
    var line: Int
    var fields: [String]

    var isBlank: Bool { fields.allSatisfy { $0.allSatisfy(\.isWhitespace) } }
  }

  private let scalars: [Unicode.Scalar]
  private var at = 0
  private var line = 1
  private(set) var separator: Unicode.Scalar = ","

  /// - Throws: ``ReviewFileError`` for bytes that are no text.
  init(_ bytes: [UInt8]) throws(ReviewFileError) {
    scalars = Array(try SheetReader.text(bytes).unicodeScalars)
    findSeparator()
  }

  private static func text(_ bytes: [UInt8]) throws(ReviewFileError) -> String {
    let hint = "Save it as CSV in UTF-8; in Excel that is 'CSV UTF-8 (Comma delimited)'."
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
      let line = 1 + body.prefix { $0 < 0x80 }.count { $0 == 0x0A }
      throw ReviewFileError(line: line, what: "the file is no UTF-8 text", hint: hint)
    }
    return text
  }

  /// Excel's `sep=;`, else whichever of comma, semicolon and tab stands most often in the first line.
  private mutating func findSeparator() {
    let first = scalars.prefix { $0 != "\n" && $0 != "\r" }
    if first.count == 5, first.prefix(4).elementsEqual("sep=".unicodeScalars), let last = first.last {
      separator = last
      at = first.count
      skipLineBreak()
      return
    }
    func count(_ scalar: Unicode.Scalar) -> Int { first.count { $0 == scalar } }
    separator = [",", ";", "\t"].max { count($0) < count($1) } ?? ","
  }

  private mutating func skipLineBreak() {
    guard at < scalars.count else { return }
    if scalars[at] == "\r", at + 1 < scalars.count, scalars[at + 1] == "\n" { at += 1 }
    at += 1
    line += 1
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
