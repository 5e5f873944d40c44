import Foundation
import Ledger
import Payouts
import Storage

extension Anchors {
  /// Looks at the anchors of a ledger for a command that writes: what they say against it is printed, and the command goes on.
  init(warning reports: ReportOptions, of store: Store) throws {
    self = try Anchors(reports: reports.path(), of: store)
    for fault in faults { Console.note("warning: \(fault.words)") }
    if !faults.isEmpty { Console.note("hint: \(Anchors.stopped)") }
    try catchUp()
  }

  /// What faults mean, as a sentence.
  static let stopped = "Nothing is prepared or sent until this is settled: see 'makegood recover --help'."

  /// The same for a command that prepares or sends: it must not go on.
  init(requiring reports: String, of store: Store) throws {
    self = try Anchors(reports: reports, of: store)
    // A batch says most plainly what is at stake.
    let batch = faults.first { if case .unknownBatch = $0 { true } else { false } }
    if let fault = batch ?? faults.first { throw Diagnostic(fault) }
  }

  /// Writes the anchor after a commit. Where that fails the message says what was kept.
  ///
  /// - Returns: Whether the folder of reports is there.
  @discardableResult
  func keep(on connection: Connection? = nil) throws -> Bool {
    do {
      return if let connection { try write(on: connection) } else { try write() }
    } catch StorageError.inputOutput(let path, let why) {
      throw Diagnostic(
        .inputOutput, "what was done is in the database, but its anchor '\(path)' cannot be written: \(why)",
        hint: "Correct the cause; the next command that writes to the database writes the anchor. A backup that is restored before is not recognised."
      )
    }
  }
}

extension Anchors.Fault {
  /// What is wrong, for a warning, `status` and `verify`.
  var words: String {
    switch self {
    case .newer(let path, let anchor, let own):
      "this ledger is older than what it did, by '\(path)': \(Anchors.Fault.compare(anchor, own))"
    case .forked(let path, let anchor, let own):
      "this ledger did something else before, by '\(path)': \(Anchors.Fault.compare(anchor, own))"
    case .foreign(let path, _): "'\(path)' is another ledger's: each ledger needs a folder of reports of its own"
    case .unreadable(let path, let why): "the anchor '\(path)' cannot be read: \(why)"
    case .unknownBatch(let batch, let path):
      "this ledger does not know batch \(batch): was it restored from a backup? What is in '\(path)' may have been paid"
    }
  }

  private static func compare(_ anchor: Anchor, _ own: Anchor?) -> String {
    let end = own.map { "it ends at \($0.sealedAt) with \($0.numbers)" } ?? "it is empty"
    return end + ", and had come to \(anchor.numbers) at \(anchor.sealedAt)"
  }
}

extension Anchor {
  /// `seal 12 (import 2, run 2)`; what there is none of is left out.
  fileprivate var numbers: String {
    let all = [("import", imported), ("run", run), ("review", review), ("batch", batch), ("transaction", attempt)]
    return "seal \(seal) (" + all.filter { $0.1 > 0 }.map { "\($0) \($1)" }.joined(separator: ", ") + ")"
  }
}

extension Diagnostic {
  /// Why nothing is prepared or sent (73).
  init(_ fault: Anchors.Fault) {
    let hint =
      switch fault {
      case .newer, .forked:
        "Was it restored from a backup? What it does not know of may have been paid. See 'makegood recover --help'."
      case .foreign: "Name this ledger's own folder with --reports."
      case .unreadable:
        "What the ledger did before cannot be seen from it. Restore the file, or say with 'makegood recover --by NAME --note TEXT' why it is not needed."
      case .unknownBatch: "Settle it before anything else is paid: see 'makegood recover --help'."
      }
    self.init(.cannotCreate, fault.words, hint: hint)
  }
}
