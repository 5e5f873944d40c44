public import RefundPolicy

/// The decisions in a queue.csv that a reviewer edited and saved from a spreadsheet (contract 5).
///
/// Columns may stand in any order and others are ignored; rows without a decision are nobody's business. A bad row is told, and the others count.
public struct ReviewFile: Hashable, Sendable {
  public var rows: [ReviewRow] = []
  public var problems: [ReviewProblem] = []

  /// - Throws: ``ReviewFileError`` where nothing in the file can be used.
  public init(_ bytes: [UInt8]) throws(ReviewFileError) {
    var reader = try SheetReader(bytes, knownBy: ["item_id", "amount_usd", "decision"])
    guard let header = try reader.nextFilled() else {
      throw ReviewFileError(line: 1, what: "the file is empty", hint: "Give a queue.csv with its header line.")
    }
    let columns = try Columns(header)
    var claims: [Claim] = []
    while let row = try reader.nextFilled() {
      do throws(ReviewProblem) {
        guard let decided = try columns.decision(in: row, separator: reader.separator) else { continue }
        claims.append(Claim(line: row.line, item: decided.item, row: decided))
      } catch {
        problems.append(error)
        if let item = columns.item(in: row) { claims.append(Claim(line: row.line, item: item, row: nil)) }
      }
    }
    settle(claims)
    problems.sort { $0.line < $1.line }
  }

  /// What one row says of an item; nil where it cannot be read, so that it may have meant otherwise than any other row.
  private struct Claim {
    let line: Int
    let item: ItemID
    let row: ReviewRow?

    func contradicts(_ other: Claim) -> Bool {
      guard let row, let otherRow = other.row else { return true }
      return row.decision != otherRow.decision || row.amount != otherRow.amount
    }
  }

  /// Takes one row for each item whose rows agree; where they do not, each is told and none is taken.
  private mutating func settle(_ claims: [Claim]) {
    var first: [ItemID: Claim] = [:]
    var against: [ItemID: Claim] = [:]
    var notes: [ItemID: String] = [:]
    for claim in claims {
      if notes[claim.item] == nil { notes[claim.item] = claim.row?.note }
      guard let earlier = first[claim.item] else {
        first[claim.item] = claim
        continue
      }
      if against[claim.item] == nil && claim.contradicts(earlier) { against[claim.item] = claim }
    }
    for claim in claims {
      guard var row = claim.row, let earlier = first[claim.item] else { continue }
      if let other = against[claim.item].map({ claim.contradicts(earlier) ? earlier : $0 }) {
        let what = other.row == nil ? "stands also in line \(other.line), which cannot be read" : "is decided otherwise in line \(other.line)"
        problems.append(
          ReviewProblem(line: claim.line, what: "\(claim.item) \(what)", hint: "Keep the one row that is right; none of them was applied."))
      } else if claim.line == earlier.line {
        row.note = notes[claim.item]
        rows.append(row)
      }
    }
  }
}

/// One decision, and what the reviewer saw of the item.
public struct ReviewRow: Hashable, Sendable {
  public var line: Int
  public var item: ItemID
  public var amount: Cents
  public var decision: SheetDecision
  public var note: String?
  /// The days and the destination that the row shows; nil where the file has no such columns.
  public var dayCount: Int?
  public var address: String?
  public var tag: String?
  public var coin: String?
  public var network: String?
}

/// What the column `decision` may say.
public enum SheetDecision: String, Hashable, Sendable, CaseIterable { case approve, reject, hold, release }

/// A row that cannot be used, while others can.
public struct ReviewProblem: Error, Hashable, Sendable {
  public var line: Int
  public var what: String
  public var hint: String

  public init(line: Int, what: String, hint: String) { (self.line, self.what, self.hint) = (line, what, hint) }
}

/// Why nothing of a file can be used.
public struct ReviewFileError: Error, Hashable, Sendable {
  public var line: Int
  public var what: String
  public var hint: String

  public init(line: Int, what: String, hint: String) { (self.line, self.what, self.hint) = (line, what, hint) }
}

/// Where the columns stand that a decision is read from.
private struct Columns {
  let item, amount, decision: Int
  let note, days, address, tag, coin, network: Int?
  /// Columns up to the last one that has a name.
  let count: Int

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
    (tag, coin, network) = (try find("tag"), try find("coin"), try find("network"))
    count = names.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
  }

  /// The item that a row names, also where the rest of it cannot be read.
  func item(in row: SheetReader.Row) -> ItemID? { ItemID(Columns.plain(Columns.field(item, of: row))) }

  private static func field(_ column: Int?, of row: SheetReader.Row) -> String {
    guard let column, column < row.fields.count else { return "" }
    var text = row.fields[column][...]
    while text.first?.isWhitespace ?? false { text.removeFirst() }
    while text.last?.isWhitespace ?? false { text.removeLast() }
    return String(text)
  }

  /// As a message may show it on a terminal: short, and without control characters.
  private static func shown(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(40).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
    return String(String.UnicodeScalarView(scalars)) + (text.unicodeScalars.count > 40 ? "…" : "")
  }

  /// Nil where the row decides nothing.
  func decision(in row: SheetReader.Row, separator: Unicode.Scalar) throws(ReviewProblem) -> ReviewRow? {
    func problem(_ what: String, _ hint: String) -> ReviewProblem { ReviewProblem(line: row.line, what: what, hint: hint) }

    if row.fields.dropFirst(count).contains(where: { !$0.allSatisfy(\.isWhitespace) }) {
      throw problem("the row has more fields than the header", "Put a text that holds the separator in quotes.")
    }
    func field(_ column: Int?) -> String { Columns.field(column, of: row) }
    let word = Columns.plain(field(decision)).lowercased()
    if word.isEmpty { return nil }
    guard let decided = SheetDecision(rawValue: word) else {
      throw problem(
        "decision '\(Columns.shown(word))' is none of the words there are",
        "Write \(SheetDecision.allCases.map(\.rawValue).joined(separator: ", ")), or leave it empty.")
    }
    let id = Columns.plain(field(item))
    guard let itemID = ItemID(id) else {
      throw problem("item_id '\(Columns.shown(id))' is no item", "Items are written like R000000017; take the id from queue.csv again.")
    }
    let amountText = field(amount)
    guard let cents = Columns.cents(SheetReader.withDecimalPoint(amountText, separator: separator)) else {
      throw problem(
        "amount_usd '\(Columns.shown(amountText))' is no amount of dollars", "Leave it as it was, like 1234.50, without grouping or currency.")
    }
    let noteText = Columns.plain(field(note))
    if noteText.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\r" && $0 != "\t" }) {
      throw problem("the note holds control characters", "Write it as plain text.")
    }
    func seen(_ column: Int?) -> String? { column.map { Columns.plain(field($0)) } }
    return ReviewRow(
      line: row.line, item: itemID, amount: cents, decision: decided, note: noteText.isEmpty ? nil : noteText, dayCount: Int(field(days)),
      address: seen(address), tag: seen(tag), coin: seen(coin), network: seen(network))
  }

  /// Without the `'` that stands in reports before what a spreadsheet would take for a formula.
  private static func plain(_ text: String) -> String {
    guard text.first == "'", let next = text.dropFirst().first, "=+-@\t\r".contains(next) else { return text }
    return String(text.dropFirst())
  }

  /// 1234.50, 1234.5, 1234 or 1234.500.
  private static func cents(_ text: String) -> Cents? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    func areDigits(_ part: Substring) -> Bool { !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard let whole = parts.first, areDigits(whole), parts.count <= 2, whole.utf8.count <= 15, let dollars = Int64(whole) else { return nil }
    guard parts.count == 2 else { return Cents(dollars * 100) }
    guard areDigits(parts[1]), parts[1].utf8.dropFirst(2).allSatisfy({ $0 == 0x30 }) else { return nil }
    let decimals = Int64(parts[1].prefix(2)) ?? 0
    return Cents(dollars * 100 + (parts[1].utf8.count == 1 ? decimals * 10 : decimals))
  }
}
