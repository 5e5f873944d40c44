package import RefundPolicy

/// The decisions in a queue.csv that a reviewer edited and saved from a spreadsheet (contract 5).
///
/// Columns may stand in any order and others are ignored; rows without a decision are nobody's business. A bad row is told, and the others count.
package struct ReviewFile: Hashable, Sendable {
  package var rows: [ReviewRow] = []
  package var problems: [ReviewProblem] = []

  /// - Throws: ``ReviewFileError`` where nothing in the file can be used.
  package init(_ bytes: [UInt8]) throws(ReviewFileError) {
    var reader = try SheetReader(bytes)
    guard let header = try nextFilled(&reader) else {
      throw ReviewFileError(line: 1, what: "the file is empty", hint: "Give a queue.csv with its header line.")
    }
    let columns = try Columns(header)
    var taken: [(row: ReviewRow, isContradicted: Bool)] = []
    while let row = try nextFilled(&reader) {
      do throws(ReviewProblem) {
        guard let decided = try columns.decision(in: row, separator: reader.separator) else { continue }
        guard let same = taken.firstIndex(where: { $0.row.item == decided.item }) else {
          taken.append((decided, false))
          continue
        }
        if taken[same].row.decision == decided.decision && taken[same].row.amount == decided.amount { continue }
        taken[same].isContradicted = true
        throw ReviewProblem(
          line: row.line, what: "\(decided.item) is decided otherwise in line \(taken[same].row.line)",
          hint: "Keep the right one of the two; neither was applied.")
      } catch {
        problems.append(error)
      }
    }
    rows = taken.filter { !$0.isContradicted }.map(\.row)
  }

  private func nextFilled(_ reader: inout SheetReader) throws(ReviewFileError) -> SheetReader.Row? {
    while let row = try reader.next() {
      if !row.isBlank { return row }
    }
    return nil
  }
}

/// One decision, and what the reviewer saw of the item.
package struct ReviewRow: Hashable, Sendable {
  package var line: Int
  package var item: ItemID
  package var amount: Cents
  package var decision: SheetDecision
  package var note: String?
  /// The days and the address that the row shows; nil where the file has no such columns or they were emptied.
  package var dayCount: Int?
  package var address: String?
}

/// What the column `decision` may say.
package enum SheetDecision: String, Hashable, Sendable, CaseIterable { case approve, reject, hold, release }

/// A row that cannot be used, while others can.
package struct ReviewProblem: Error, Hashable, Sendable {
  package var line: Int
  package var what: String
  package var hint: String
}

/// Why nothing of a file can be used.
package struct ReviewFileError: Error, Hashable, Sendable {
  package var line: Int
  package var what: String
  package var hint: String
}

/// Where the columns stand that a decision is read from.
private struct Columns {
  let item, amount, decision: Int
  let note, days, address: Int?

  init(_ header: SheetReader.Row) throws(ReviewFileError) {
    let names = header.fields.map { $0.filter { !$0.isWhitespace }.lowercased() }
    func find(_ name: String) throws(ReviewFileError) -> Int? {
      let places = names.indices.filter { names[$0] == name }
      if places.count > 1 { throw ReviewFileError(line: header.line, what: "column '\(name)' stands twice", hint: "Keep one of the two.") }
      return places.first
    }
    func required(_ name: String) throws(ReviewFileError) -> Int {
      if let place = try find(name) { return place }
      throw ReviewFileError(
        line: header.line, what: "column '\(name)' is missing", hint: "Keep at least item_id, amount_usd and decision, with the header line.")
    }
    (item, amount, decision) = (try required("item_id"), try required("amount_usd"), try required("decision"))
    (note, days, address) = (try find("note"), try find("days"), try find("address"))
  }

  /// Nil where the row decides nothing.
  func decision(in row: SheetReader.Row, separator: Unicode.Scalar) throws(ReviewProblem) -> ReviewRow? {
    func field(_ column: Int?) -> String {
      guard let column, column < row.fields.count else { return "" }
      var text = row.fields[column][...]
      while text.first?.isWhitespace ?? false { text.removeFirst() }
      while text.last?.isWhitespace ?? false { text.removeLast() }
      return String(text)
    }
    func problem(_ what: String, _ hint: String) -> ReviewProblem { ReviewProblem(line: row.line, what: what, hint: hint) }

    let word = Columns.plain(field(decision)).lowercased()
    if word.isEmpty { return nil }
    guard let decided = SheetDecision(rawValue: word) else {
      throw problem(
        "decision '\(word)' is none of the words there are",
        "Write \(SheetDecision.allCases.map(\.rawValue).joined(separator: ", ")), or leave it empty.")
    }
    let id = Columns.plain(field(item))
    guard let itemID = ItemID(id) else {
      throw problem("item_id '\(id)' is no item", "Items are written like R000000017; take the id from queue.csv again.")
    }
    let amountText = field(amount)
    guard let cents = Columns.cents(amountText, takesComma: separator != ",") else {
      throw problem("amount_usd '\(amountText)' is no amount of dollars", "Leave it as it was, like 1234.50, without grouping or currency.")
    }
    let noteText = Columns.plain(field(note))
    if noteText.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\r" && $0 != "\t" }) {
      throw problem("the note holds control characters", "Write it as plain text.")
    }
    let addressText = Columns.plain(field(address))
    return ReviewRow(
      line: row.line, item: itemID, amount: cents, decision: decided, note: noteText.isEmpty ? nil : noteText, dayCount: Int(field(days)),
      address: addressText.isEmpty ? nil : addressText)
  }

  /// Without the `'` that stands in reports before what a spreadsheet would take for a formula.
  private static func plain(_ text: String) -> String {
    guard text.first == "'", let next = text.dropFirst().first, "=+-@\t\r".contains(next) else { return text }
    return String(text.dropFirst())
  }

  /// 1234.50, 1234.5, 1234 or 1234.500; with a decimal comma only where commas do not separate fields.
  private static func cents(_ text: String, takesComma: Bool) -> Cents? {
    var parts = text.split(separator: ".", omittingEmptySubsequences: false)
    if takesComma && parts.count == 1 { parts = text.split(separator: ",", omittingEmptySubsequences: false) }
    func areDigits(_ part: Substring) -> Bool { !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard let whole = parts.first, areDigits(whole), parts.count <= 2, whole.utf8.count <= 15, let dollars = Int64(whole) else { return nil }
    guard parts.count == 2 else { return Cents(dollars * 100) }
    guard areDigits(parts[1]), parts[1].utf8.dropFirst(2).allSatisfy({ $0 == 0x30 }) else { return nil }
    let decimals = Int64(parts[1].prefix(2)) ?? 0
    return Cents(dollars * 100 + (parts[1].utf8.count == 1 ? decimals * 10 : decimals))
  }
}
