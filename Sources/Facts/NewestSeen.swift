import Foundation
import RefundPolicy

/// The newest instant that the rows of a table tell of, or, where they have none, the newest day: an export that is old shows by it.
///
/// Every row of a file counts, also those that were known already. Days that a period is paid for lie ahead, and say nothing.
struct NewestSeen {
  private(set) var texts: [String: String] = [:]

  mutating func look(at parts: [ImportPart]) throws {
    for part in parts {
      var newest = Newest(part.table)
      if newest.columns.isEmpty { continue }
      let source = try part.open()
      newest.fields = newest.columns.compactMap { source.columns.firstIndex(of: $0) }
      if let file = part.file, !file.hasQuotes {
        newest.look(at: file)
      } else {
        try newest.look(at: source)
      }
      guard let text = newest.text else { continue }
      texts[part.table.name] = max(texts[part.table.name] ?? "", text)
    }
  }
}

private struct Newest {
  let columns: [String]
  private let isDay: Bool
  /// The places of the columns in the file.
  var fields: [Int] = []
  /// In the one form whose texts sort as the times do; empty before the first.
  private var best: [UInt8] = []

  init(_ table: FactTable) {
    let instants = table.columns.filter { $0.kind == .instant }.map(\.name)
    isDay = instants.isEmpty
    columns = isDay ? table.columns.filter { $0.kind == .day }.map(\.name) : instants
  }

  var text: String? { best.isEmpty ? nil : String(decoding: best, as: UTF8.self) }

  mutating func look(at source: any RowSource) throws {
    while true {
      switch try source.next() {
      case .end: return
      case .bad: continue
      case .row: for field in fields where field < source.fieldCount { unsafe note(source.field(field)) }
      }
    }
  }

  /// Lines without quotes: a field ends with a comma.
  mutating func look(at file: MappedFile) {
    guard let last = fields.max() else { return }
    let bytes = unsafe file.bytes
    var (line, kept) = (0, 0)
    while line < bytes.count {
      let end = unsafe Newest.place(of: UInt8(ascii: "\n"), in: bytes, from: line) ?? bytes.count
      var (start, field) = (line, 0)
      while field <= last && start <= end {
        let comma = unsafe Newest.place(of: UInt8(ascii: ","), in: bytes, from: start).map { min($0, end) } ?? end
        if fields.contains(field) {
          var stop = comma
          if stop > start, unsafe bytes[stop - 1] == UInt8(ascii: "\r") { stop -= 1 }
          unsafe note(UnsafeBufferPointer(rebasing: bytes[start..<stop]))
        }
        (start, field) = (comma + 1, field + 1)
      }
      line = end + 1
      if line - kept >= MappedFile.window {
        file.release(kept..<min(line, bytes.count))
        kept = line
      }
    }
    file.release(kept..<bytes.count)
  }

  static func place(of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress else { return nil }
    guard let found = unsafe memchr(base + start, CInt(byte), bytes.count - start) else { return nil }
    return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  private mutating func note(_ field: UnsafeBufferPointer<UInt8>) {
    if field.isEmpty { return }
    // Most are no newer, and in the usual form: no need to read them.
    if unsafe field.count == best.count && !best.lexicographicallyPrecedes(field) { return }
    guard let found = unsafe read(field) else { return }
    let text = Array(found.utf8)
    if best.lexicographicallyPrecedes(text) { best = text }
  }

  private func read(_ field: UnsafeBufferPointer<UInt8>) -> String? {
    do throws(FieldError) {
      return isDay ? unsafe try FieldParser.day(field).description : unsafe try FieldParser.instant(field).description
    } catch {
      return nil
    }
  }
}

extension MappedFile {
  /// Bytes that are looked at before their memory is given back.
  fileprivate static let window = 8 << 20

  fileprivate var hasQuotes: Bool {
    let count = unsafe bytes.count
    for start in stride(from: 0, to: count, by: MappedFile.window) {
      let range = start..<min(start + MappedFile.window, count)
      let part = unsafe UnsafeBufferPointer(rebasing: bytes[range])
      let isQuoted = unsafe Newest.place(of: UInt8(ascii: "\""), in: part, from: 0) != nil
      release(range)
      if isQuoted { return true }
    }
    return false
  }
}
