import Ledger
import RefundPolicy

/// Ids as people type them: in capitals or not.
enum TypedID {
  static func item(_ text: String) throws(Diagnostic) -> ItemID {
    try id(
      text, ItemID.init, "item", like: "R000000017", "'makegood queue'",
      padded: digits(of: text, behind: "R").flatMap { $0 > 0 ? ItemID($0).description : nil })
  }

  static func batch(_ text: String) throws(Diagnostic) -> BatchID {
    try id(text, BatchID.init, "batch", like: "B000001", "'makegood payout list'", padded: nil)
  }

  static func payment(_ text: String) throws(Diagnostic) -> PaymentID {
    try id(text, PaymentID.init, "payment", like: "P000001-0003", "'makegood payout list'", padded: nil)
  }

  private static func id<ID>(
    _ text: String, _ parse: (String) -> ID?, _ what: String, like example: String, _ list: String, padded: String?
  ) throws(Diagnostic) -> ID {
    if let id = parse(text.uppercased()) { return id }
    throw Diagnostic(
      .usage, "'\(text)' is no \(what)", hint: "\(padded.map { "Do you mean '\($0)'? " } ?? "")Ids are written like '\(example)'; see \(list).")
  }

  private static func digits(of text: String, behind letter: String) -> Int64? {
    let text = text.uppercased()
    return Int64(text.hasPrefix(letter) ? String(text.dropFirst()) : text)
  }
}
