/// A streaming reader of CSV as RFC 4180 has it, over bytes that stay where they are: a mapped file.
///
/// Nothing is allocated per record; a field is a stretch of the bytes, or of a scratch buffer where doubled quotes had to be undone.
/// Line breaks are LF, CRLF or CR; blank lines are skipped; a byte order mark at the start is dropped. Broken UTF-8 is never repaired.
@safe public final class CSVReader {
  /// What can be wrong with a record.
  public enum Problem: Hashable, Sendable {
    /// A quote inside a field that does not begin with one.
    case bareQuote(field: Int)
    /// Something other than a comma or a line break after a closing quote.
    case textAfterQuote(field: Int)
    /// A quoted field that goes on to the end of the file.
    case unterminatedQuote(field: Int)
    case nulByte(field: Int)
    case brokenUTF8(field: Int)
  }

  public enum Step: Hashable, Sendable {
    case record
    /// This record is bad; the next step goes on after it.
    case bad(Problem)
    case end
  }

  private struct Field {
    var start: Int
    var end: Int
    var hasDoubledQuotes: Bool
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var lineAtPosition = 1
  private var fields: [Field] = []
  private var recordStart = 0
  private var recordEnd = 0
  private var recordLine = 1
  private var scratch: UnsafeMutablePointer<UInt8>
  private var scratchCapacity: Int
  private var scratchUsed = 0

  /// - Parameter bytes: Must outlive the reader.
  public init(_ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.bytes = bytes
    scratchCapacity = 4096
    unsafe scratch = .allocate(capacity: scratchCapacity)
    if bytes.count >= 3, unsafe bytes[0] == 0xEF, unsafe bytes[1] == 0xBB, unsafe bytes[2] == 0xBF { position = 3 }
  }

  deinit { unsafe scratch.deallocate() }

  /// Goes to the next record.
  public func next() -> Step {
    skipBlankLines()
    fields.removeAll(keepingCapacity: true)
    scratchUsed = 0
    recordStart = position
    recordLine = lineAtPosition
    guard unsafe position < bytes.count else { return .end }
    var hasHighBytes = false
    while true {
      if let problem = scanField(&hasHighBytes) {
        skipToLineBreak()
        recordEnd = position
        endLine()
        return .bad(problem)
      }
      if unsafe position < bytes.count, unsafe bytes[position] == UInt8(ascii: ",") {
        position += 1
        continue
      }
      recordEnd = position
      endLine()
      if hasHighBytes, let field = fields.indices.first(where: { unsafe !CSVReader.isUTF8(bytes, fields[$0].start, fields[$0].end) }) {
        return .bad(.brokenUTF8(field: field))
      }
      return .record
    }
  }

  public var fieldCount: Int { fields.count }

  /// The field's bytes, quotes undone; good until the next step.
  public func field(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    let field = fields[index]
    guard field.hasDoubledQuotes else { return unsafe UnsafeBufferPointer(rebasing: bytes[field.start..<field.end]) }
    return unsafe undoubled(field)
  }

  /// The line the record begins on, from 1.
  public var line: Int { recordLine }

  /// Where a field begins: its line and its column in bytes, both from 1.
  public func place(of index: Int) -> (line: Int, column: Int) {
    guard index < fields.count else { return (recordLine, recordEnd - recordStart + 1) }
    var line = recordLine
    var lineStart = recordStart
    var position = recordStart
    while position < fields[index].start {
      if isBreak(at: position) {
        line += 1
        lineStart = position + 1
      }
      position += 1
    }
    return (line, fields[index].start - lineStart + 1)
  }

  /// Where the next record begins, in bytes.
  var nextOffset: Int { position }

  /// Where the record begins, in bytes.
  public var recordOffset: Int { recordStart }

  /// The record as it stands in the file, without its line break.
  public var rawRecord: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(rebasing: bytes[recordStart..<recordEnd]) }

  /// The line of text that a place lies on, for a message.
  public func text(ofLineAt index: Int) -> String {
    var start = index < fields.count ? fields[index].start : recordStart
    while start > 0, unsafe bytes[start - 1] != 10, unsafe bytes[start - 1] != 13 { start -= 1 }
    var end = start
    while unsafe end < bytes.count, unsafe bytes[end] != 10, unsafe bytes[end] != 13, end - start < 160 { end += 1 }
    return unsafe String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private func skipBlankLines() {
    while unsafe position < bytes.count, unsafe bytes[position] == 10 || bytes[position] == 13 { endLine() }
  }

  /// Steps over one line break, if there is one.
  private func endLine() {
    guard unsafe position < bytes.count else { return }
    if unsafe bytes[position] == 13, unsafe position + 1 < bytes.count, unsafe bytes[position + 1] == 10 { position += 1 }
    position += 1
    lineAtPosition += 1
  }

  /// Whether a line ends at this byte; the CR of a CRLF does not count.
  private func isBreak(at position: Int) -> Bool {
    unsafe bytes[position] == 10 || (bytes[position] == 13 && !(position + 1 < bytes.count && bytes[position + 1] == 10))
  }

  private func skipToLineBreak() {
    while unsafe position < bytes.count, unsafe bytes[position] != 10, unsafe bytes[position] != 13 { position += 1 }
  }

  private func scanField(_ hasHighBytes: inout Bool) -> Problem? {
    if unsafe position < bytes.count, unsafe bytes[position] == UInt8(ascii: "\"") { return scanQuotedField(&hasHighBytes) }
    let start = position
    var high: UInt8 = 0
    var problem: Problem?
    scan: while unsafe position < bytes.count {
      let byte = unsafe bytes[position]
      switch byte {
      case UInt8(ascii: ","), 10, 13: break scan
      case UInt8(ascii: "\""): problem = problem ?? .bareQuote(field: fields.count)
      case 0: problem = problem ?? .nulByte(field: fields.count)
      default: high |= byte
      }
      position += 1
    }
    if high & 0x80 != 0 { hasHighBytes = true }
    fields.append(Field(start: start, end: position, hasDoubledQuotes: false))
    return problem
  }

  private func scanQuotedField(_ hasHighBytes: inout Bool) -> Problem? {
    let open = position
    position += 1
    let start = position
    var hasDoubledQuotes = false
    while unsafe position < bytes.count {
      let byte = unsafe bytes[position]
      if byte == UInt8(ascii: "\"") {
        if unsafe position + 1 < bytes.count, unsafe bytes[position + 1] == UInt8(ascii: "\"") {
          hasDoubledQuotes = true
          position += 2
          continue
        }
        fields.append(Field(start: start, end: position, hasDoubledQuotes: hasDoubledQuotes))
        position += 1
        guard unsafe position == bytes.count || [UInt8(ascii: ","), 10, 13].contains(bytes[position]) else {
          return .textAfterQuote(field: fields.count - 1)
        }
        return nil
      }
      if byte == 0 {
        fields.append(Field(start: start, end: position, hasDoubledQuotes: false))
        return .nulByte(field: fields.count - 1)
      }
      if byte & 0x80 != 0 { hasHighBytes = true }
      if isBreak(at: position) { lineAtPosition += 1 }
      position += 1
    }
    fields.append(Field(start: open, end: open + 1, hasDoubledQuotes: false))
    return .unterminatedQuote(field: fields.count - 1)
  }

  private func undoubled(_ field: Field) -> UnsafeBufferPointer<UInt8> {
    // All of a record's scratch is taken at once, so that no field's bytes move while another is undone.
    if scratchUsed == 0, scratchCapacity < recordEnd - recordStart {
      unsafe scratch.deallocate()
      scratchCapacity = 2 * (recordEnd - recordStart)
      unsafe scratch = .allocate(capacity: scratchCapacity)
    }
    if scratchUsed + field.end - field.start > scratchCapacity { scratchUsed = 0 }
    let target = unsafe scratch + scratchUsed
    var count = 0
    var position = field.start
    while position < field.end {
      unsafe target[count] = bytes[position]
      count += 1
      unsafe position += bytes[position] == UInt8(ascii: "\"") ? 2 : 1
    }
    scratchUsed += count
    return unsafe UnsafeBufferPointer(start: target, count: count)
  }

  /// Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
  static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
    var position = start
    func continues(_ offset: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
      unsafe position + offset < end && (low...high).contains(bytes[position + offset])
    }
    while position < end {
      switch unsafe bytes[position] {
      case 0x00...0x7F: position += 1
      case 0xC2...0xDF where continues(1): position += 2
      case 0xE0 where continues(1, 0xA0) && continues(2): position += 3
      case 0xE1...0xEC where continues(1) && continues(2), 0xEE...0xEF where continues(1) && continues(2): position += 3
      case 0xED where continues(1, 0x80, 0x9F) && continues(2): position += 3
      case 0xF0 where continues(1, 0x90) && continues(2) && continues(3): position += 4
      case 0xF1...0xF3 where continues(1) && continues(2) && continues(3): position += 4
      case 0xF4 where continues(1, 0x80, 0x8F) && continues(2) && continues(3): position += 4
      default: return false
      }
    }
    return true
  }
}
