import Facts
public import Ledger
public import RefundPolicy
public import Review

/// What the processor did, as its file tells it: columns `payment_id` or `item_id`, `txid`, `settled_at`, and where there are any `fee_usd`,
/// `amount`, `coin`, `status` (`paid` or `failed`; empty is paid) and `note`.
public struct SettlementFile: Sendable {
  public var rows: [Row] = []
  public var problems: [ReviewProblem] = []

  public struct Row: Hashable, Sendable {
    public var line: Int
    /// What the row names; at least one of the two. An item stands for the payment that it is a part of.
    public var payment: PaymentID?
    public var item: ItemID?
    public var result: Result
    /// Decimal text and code as the file has them; nil where it has none.
    public var amount: String?
    public var coin: String?
  }

  public enum Result: Hashable, Sendable {
    case paid(ProcessorResult)
    /// The processor could not pay it; when, where the row tells.
    case failed(at: Instant?, note: String)
  }

  private static let columns = ["payment_id", "item_id", "txid", "settled_at", "fee_usd", "amount", "coin", "status", "note"]

  /// - Throws: ``ReviewFileError`` where nothing in the file can be used.
  public init(_ bytes: [UInt8]) throws(ReviewFileError) {
    let names = SettlementFile.columns
    var reader = try SheetReader(bytes, knownBy: names)
    guard let header = try reader.nextFilled() else {
      throw ReviewFileError(line: 1, what: "the file is empty", hint: "Give a CSV file with payment_id or item_id, txid and settled_at.")
    }
    let titles = header.fields.map { $0.filter { !$0.isWhitespace }.lowercased() }
    if !titles.contains("payment_id") && !titles.contains("item_id") {
      throw ReviewFileError(
        line: header.line, what: "neither column 'payment_id' nor 'item_id' is there", hint: "Give one of the two, txid and settled_at.")
    }
    for name in ["txid", "settled_at"] where !titles.contains(name) {
      throw ReviewFileError(
        line: header.line, what: "column '\(name)' is missing", hint: "Give at least payment_id or item_id, txid and settled_at.")
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
      let fields = Fields(line: row.line, field: field, number: { reader.withDecimalPoint(field($0)) })
      do throws(ReviewProblem) { rows.append(try fields.row()) } catch { problems.append(error) }
    }
  }
}

/// The fields of one row.
private struct Fields {
  let line: Int
  let field: (String) -> String
  /// A field with a decimal point, whatever the file's decimal sign.
  let number: (String) -> String

  private func problem(_ what: String, _ hint: String) -> ReviewProblem { ReviewProblem(line: line, what: what, hint: hint) }

  func row() throws(ReviewProblem) -> SettlementFile.Row {
    let (payment, item) = try subject()
    let amount = number("amount")
    if !amount.isEmpty && !Fields.isDecimal(amount) {
      throw problem("amount '\(field("amount").prefix(40))' is not an amount", "Write decimal digits without grouping: 29.995999.")
    }
    let coin = field("coin")
    return SettlementFile.Row(
      line: line, payment: payment, item: item, result: try result(), amount: amount.isEmpty ? nil : amount, coin: coin.isEmpty ? nil : coin)
  }

  private func subject() throws(ReviewProblem) -> (PaymentID?, ItemID?) {
    let (paymentText, itemText) = (field("payment_id"), field("item_id"))
    let hint = "Payments are written like P000001-0001, items like R000000017; take them from payout-processor.csv."
    if paymentText.isEmpty && itemText.isEmpty { throw problem("the row names neither a payment nor an item", hint) }
    let (payment, item) = (PaymentID(paymentText), ItemID(itemText))
    if !paymentText.isEmpty && payment == nil { throw problem("payment_id '\(paymentText.prefix(40))' is not a payment", hint) }
    if !itemText.isEmpty && item == nil { throw problem("item_id '\(itemText.prefix(40))' is not an item", hint) }
    return (payment, item)
  }

  private func result() throws(ReviewProblem) -> SettlementFile.Result {
    let (txid, time, note) = (field("txid"), field("settled_at"), field("note"))
    switch field("status").lowercased() {
    case "failed":
      if !txid.isEmpty { throw problem("a failed payout has a txid", "Find out whether it was paid; leave the txid empty if not.") }
      return .failed(at: time.isEmpty ? nil : try settledAt(time), note: note.isEmpty ? "the processor could not pay it" : note)
    case "", "paid":
      guard (1...200).contains(txid.utf8.count), txid.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw problem(
          txid.isEmpty ? "the txid is empty" : "the txid is not a transaction id",
          "Give the transaction's id; where the processor could not pay, add a column status with the word failed.")
      }
      let settledAt = try settledAt(time)
      let feeText = number("fee_usd")
      let fee = Cents(parsing: feeText)
      if !feeText.isEmpty && fee == nil {
        throw problem(
          "fee_usd '\(field("fee_usd").prefix(40))' is not an amount of dollars", "Write decimal dollars with at most two decimals: 0.35.")
      }
      return .paid(ProcessorResult(txid: txid, settledAt: settledAt, fee: fee))
    default: throw problem("status '\(field("status").prefix(40))' is neither paid nor failed", "Write paid or failed.")
    }
  }

  private func settledAt(_ text: String) throws(ReviewProblem) -> Instant {
    let bytes = Array(text.utf8)
    guard let settledAt = unsafe bytes.withUnsafeBufferPointer({ bytes in unsafe try? FieldParser.instant(bytes) }) else {
      throw problem("settled_at '\(text.prefix(40))' is not a valid timestamp", "Write RFC 3339 with an offset or Z: 2026-03-01T04:05:06Z.")
    }
    return settledAt
  }

  private static func isDecimal(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count <= 2 && parts.allSatisfy { part in !part.isEmpty && part.allSatisfy { (0x30...0x39).contains($0) } }
  }
}
