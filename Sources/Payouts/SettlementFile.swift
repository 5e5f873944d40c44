import Facts
public import Ledger
public import RefundPolicy
public import Review
public import Storage

/// What the processor did, as its file tells it: columns `item_id`, `txid`, `settled_at`, `fee_usd`, and where there are any `status` (`paid` or
/// `failed`; empty is paid) and `note`.
public struct SettlementFile: Sendable {
  public var rows: [Row] = []
  public var problems: [ReviewProblem] = []

  public struct Row: Hashable, Sendable {
    public var line: Int
    public var item: ItemID
    /// Nil where the processor could not pay it.
    public var result: ProcessorResult?
    public var note: String
  }

  /// - Throws: ``ReviewFileError`` where nothing in the file can be used.
  public init(_ bytes: [UInt8]) throws(ReviewFileError) {
    let names = ["item_id", "txid", "settled_at", "fee_usd", "status", "note"]
    var reader = try SheetReader(bytes, knownBy: names)
    guard let header = try reader.nextFilled() else {
      throw ReviewFileError(line: 1, what: "the file is empty", hint: "Give a CSV file with item_id, txid, settled_at and fee_usd.")
    }
    let titles = header.fields.map { $0.filter { !$0.isWhitespace }.lowercased() }
    for name in names.prefix(3) where !titles.contains(name) {
      throw ReviewFileError(line: header.line, what: "column '\(name)' is missing", hint: "Give at least item_id, txid and settled_at.")
    }
    for name in names where titles.count(where: { $0 == name }) > 1 {
      throw ReviewFileError(line: header.line, what: "column '\(name)' stands twice", hint: "Keep one of the two.")
    }
    while let row = try reader.nextFilled() {
      func field(_ name: String) -> String {
        guard let place = titles.firstIndex(of: name), place < row.fields.count else { return "" }
        var text = row.fields[place][...]
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
      }
      do throws(ReviewProblem) { rows.append(try SettlementFile.row(row.line, field)) } catch { problems.append(error) }
    }
    settleRepeated()
    problems.sort { $0.line < $1.line }
  }

  private static func row(_ line: Int, _ field: (String) -> String) throws(ReviewProblem) -> Row {
    func problem(_ what: String, _ hint: String) -> ReviewProblem { ReviewProblem(line: line, what: what, hint: hint) }
    guard let item = ItemID(field("item_id")) else {
      throw problem("item_id '\(field("item_id").prefix(40))' is no item", "Items are written like R000000017; take it from payout-processor.csv.")
    }
    let note = field("note")
    switch field("status").lowercased() {
    case "failed":
      guard field("txid").isEmpty else { throw problem("a failed payout has a txid", "Find out whether it was paid; leave the txid empty if not.") }
      return Row(line: line, item: item, result: nil, note: note.isEmpty ? "the processor could not pay it" : note)
    case "", "paid":
      let txid = field("txid")
      guard (1...200).contains(txid.utf8.count), txid.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw problem(
          txid.isEmpty ? "the txid is empty" : "the txid is no transaction id",
          "Give the transaction's id; where the processor could not pay, add a column status with the word failed.")
      }
      let bytes = Array(field("settled_at").utf8)
      guard let settledAt = unsafe bytes.withUnsafeBufferPointer({ bytes in unsafe try? FieldParser.instant(bytes) }) else {
        throw problem("settled_at is no instant", "Write RFC 3339 with an offset or Z: 2026-03-01T04:05:06Z.")
      }
      let feeText = field("fee_usd")
      guard let fee = feeText.isEmpty ? .zero : Cents(parsing: feeText) else {
        throw problem("fee_usd is no amount of dollars", "Write decimal dollars with at most two decimals: 0.35.")
      }
      return Row(
        line: line, item: item, result: ProcessorResult(txid: txid, settledAt: settledAt, fee: feeText.isEmpty ? nil : fee), note: note)
    default: throw problem("status '\(field("status").prefix(40))' is neither paid nor failed", "Write paid or failed.")
    }
  }

  /// An item may stand in several rows that say the same; where they differ none of them counts.
  private mutating func settleRepeated() {
    var first: [ItemID: Row] = [:]
    var differing: Set<ItemID> = []
    for row in rows {
      if let earlier = first[row.item], earlier.result != row.result { differing.insert(row.item) }
      first[row.item] = first[row.item] ?? row
    }
    for row in rows where differing.contains(row.item) {
      problems.append(
        ReviewProblem(
          line: row.line, what: "\(row.item) stands in several rows that differ",
          hint: "Ask the processor which is right, and keep that one; none of them was taken."))
    }
    rows.removeAll { differing.contains($0.item) || first[$0.item]?.line != $0.line }
  }
}

/// What became of a row.
public enum SettlementOutcome: Hashable, Sendable {
  case paid
  /// The processor could not pay it: it is approved again, for the next batch.
  case failed
  /// It was taken before.
  case unchanged
  case refused(what: String, hint: String)
}

/// Takes the processor's results into the ledger, in one transaction.
public enum Settling {
  public static func take(
    _ file: SettlementFile, by actor: String, at now: Instant, on store: Store, holding lock: borrowing RunLock
  ) throws -> [(row: SettlementFile.Row, outcome: SettlementOutcome)] {
    try store.transaction { connection in
      let desk = try PayoutDesk(.settle, by: actor, at: now, on: connection)
      let outcomes = try file.rows.map { row in (row, try settle(row, desk, at: now, connection)) }
      let changes = try connection.integer(
        "SELECT (SELECT count(*) FROM payout_moves WHERE act_id = ?1) + (SELECT count(*) FROM payout_conflicts WHERE act_id = ?1)", desk.number)
      if changes == 0 { return (.rollback, outcomes) }
      try desk.finish()
      return (.commit, outcomes)
    }
  }

  private static func settle(_ row: SettlementFile.Row, _ desk: PayoutDesk, at now: Instant, _ connection: Connection) throws -> SettlementOutcome {
    guard let item = try connection.item(row.item) else {
      return .refused(what: "there is no item \(row.item)", hint: "Take the item from payout-processor.csv.")
    }
    guard let last = try connection.payoutStatuses(of: row.item).last(where: { $0.payout.route == .processor }) else {
      return .refused(what: "\(row.item) is in no batch for the processor", hint: "See 'makegood payout list'.")
    }
    let isInBatch = item.state == .prepared && item.version == last.payout.version + 1
    guard let result = row.result else {
      if isInBatch {
        try desk.move(row.item, in: last.batch, from: .prepared, to: .approved, note: row.note)
        return .failed
      }
      if item.state == .paid {
        return .refused(what: "\(row.item) was settled as paid before, and is told to have failed now", hint: "Ask the processor which is true.")
      }
      return .unchanged
    }
    if let problem = try problem(result, of: last.batch, at: now, connection) { return problem }
    if isInBatch {
      try desk.move(row.item, in: last.batch, from: .prepared, to: .paid, settlement: result)
      return .paid
    }
    if last.txid == result.txid { return .unchanged }
    // Money that left for a payout which no longer stands: nothing is paid for this item any more until a person has settled it.
    if try connection.conflict(of: row.item) == nil { try desk.noteConflict(row.item, in: last.batch, result) }
    return .refused(
      what: item.state == .paid
        ? "\(row.item) was settled with \(last.txid ?? "another txid") before: it may have been paid twice"
        : "\(row.item) is \(item.state.rawValue), no longer in \(last.batch): it was paid although it was taken back",
      hint: "It is noted and never prepared again; ask the processor, and correct or reject the item.")
  }

  private static func problem(
    _ result: ProcessorResult, of batch: BatchID, at now: Instant, _ connection: Connection
  ) throws -> SettlementOutcome? {
    let day: Int64 = 86_400
    guard let prepared = try connection.batch(batch)?.preparedAt else { return nil }
    if result.settledAt.seconds < prepared.seconds - day || result.settledAt.seconds > now.seconds + day {
      return .refused(
        what: "settled_at \(result.settledAt) is not between when \(batch) was prepared, \(prepared), and now",
        hint: "Correct the time; it is taken with its offset or Z.")
    }
    return nil
  }
}
