import ArgumentParser
import Foundation
import Ledger
import Payouts
import RefundPolicy
import Review
import Storage

extension Makegood.Payout {
  struct Settle: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "settle",
      abstract: "Takes back what the processor did: payment_id or item_id, txid, settled_at.",
      discussion: """
        Where a column status says failed, the payment's refunds are approved again and wait for the next batch. Columns amount and coin, where \
        there are any, are compared with what was locked. Rows that cannot be true are refused and named; the rest is taken, and the status is \
        65. The same file again changes nothing.

        What only a person can settle is kept, and 'makegood status' is 1 until somebody answers: another amount or coin than was locked, a \
        payment that had been taken back, a second transaction. --accept takes the processor's word as true, --dismiss puts it aside; both want \
        your name and a note, and the log keeps them.

        Examples:
          makegood payout settle processed.csv
          makegood payout settle processed.csv --by "Ann Lee" --format json
          makegood payout settle --accept P000001-0003 --by "Ann Lee" --note "The fee was taken from the amount."
          makegood payout settle --dismiss P000001-0004 --by "Ann Lee" --note "One payment, told twice."
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = SummaryFormat.text

    @Option(help: ArgumentHelp("Take what was kept about this payment as true.", valueName: "payment"))
    var accept: String?

    @Option(help: ArgumentHelp("Put what was kept about this payment aside.", valueName: "payment"))
    var dismiss: String?

    @Option(help: ArgumentHelp("Why; kept in the log. For --accept and --dismiss.", valueName: "text"))
    var note: String?

    @Argument(help: ArgumentHelp("The processor's results.", valueName: "file"))
    var file: String?

    func run() throws {
      switch (file, accept, dismiss) {
      case (let file?, nil, nil):
        if note != nil {
          throw Diagnostic(.usage, "--note goes with --accept or --dismiss", hint: "A file has a column note for its rows.")
        }
        try settle(file)
      case (nil, let payment?, nil): try answer(.accept, payment)
      case (nil, nil, let payment?): try answer(.dismiss, payment)
      default:
        throw Diagnostic(
          .usage, "settle wants one of three: a file, --accept PAYMENT or --dismiss PAYMENT", hint: "See 'makegood payout settle --help'.")
      }
    }

    private func settle(_ file: String) throws {
      guard let data = FileManager.default.contents(atPath: file) else {
        throw Diagnostic(.missingInput, "cannot read '\(file)'", hint: "Name the file with the processor's results.")
      }
      let settlements: SettlementFile
      do { settlements = try SettlementFile([UInt8](data)) } catch {
        throw Diagnostic(.badInput, "\(file):\(error.line): \(error.what)", hint: error.hint)
      }
      let path = try database.path()
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let anchors = try Anchors(warning: reports, of: store)
      let outcomes = try Settling.take(settlements, by: try actor.name(of: store), at: try Console.now(), on: store, holding: lock)
      try anchors.keep()
      var tally = Tally()
      for problem in settlements.problems { tally.refuse(file, problem.line, problem.what, problem.hint) }
      for (line, outcome) in outcomes { tally.count(outcome, file, line) }
      for message in tally.messages.sorted(by: { $0.line < $1.line }) { Console.report(message.diagnostic) }
      if format == .json { Console.print(tally.json) } else if !output.quiet { Console.print(tally.text) }
      if tally.refused + tally.kept > 0 { throw ExitStatus.badInput }
    }

    private func answer(_ answer: SettlementAnswer, _ text: String) throws {
      let payment = try TypedID.payment(text)
      try actor.requireName("answers for the processor")
      guard let note, !note.allSatisfy(\.isWhitespace) else { throw Diagnostic(.usage, "the note is missing", hint: "Say why with --note TEXT.") }
      let path = try database.path()
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let anchors = try Anchors(warning: reports, of: store)
      let isPaid: Bool
      do {
        isPaid = try SettlementAnswers.answer(
          payment, answer, note: note, by: try actor.name(of: store), at: try Console.now(), on: store, holding: lock)
      } catch let refusal as AnswerRefusal {
        throw Diagnostic(refusal)
      }
      try anchors.keep()
      if output.quiet { return }
      switch answer {
      case .accept: Console.print("\(payment): accepted\(isPaid ? ", its refunds are paid" : "")")
      case .dismiss: Console.print("\(payment): dismissed")
      }
    }
  }

  /// What became of a file, in payments; what was refused or kept, in rows.
  private struct Tally {
    var (paid, failed, unchanged, stale, kept, refused) = (0, 0, 0, 0, 0, 0)
    var messages: [(line: Int, diagnostic: Diagnostic)] = []

    mutating func refuse(_ file: String, _ line: Int, _ what: String, _ hint: String) {
      refused += 1
      tell(file, line, what, hint)
    }

    private mutating func tell(_ file: String, _ line: Int, _ what: String, _ hint: String) {
      messages.append((line, Diagnostic(.badInput, "\(file):\(line): \(what)", hint: hint)))
    }

    mutating func count(_ outcome: SettlementOutcome, _ file: String, _ line: Int) {
      switch outcome {
      case .paid: paid += 1
      case .failed: failed += 1
      case .unchanged: unchanged += 1
      case .stale(let what, let hint):
        stale += 1
        tell(file, line, what, hint)
      case .kept(let what, let hint):
        kept += 1
        tell(file, line, what, hint)
      case .refused(let what, let hint): refuse(file, line, what, hint)
      }
    }

    var text: String {
      var parts = ["\(paid) paid", "\(failed) failed", "\(unchanged) unchanged"]
      if stale > 0 { parts.append("\(stale) stale") }
      if kept > 0 { parts.append("\(kept) kept for a person") }
      return (parts + ["\(refused) refused"]).joined(separator: ", ")
    }

    var json: String {
      JSONText.object([
        ("paid", "\(paid)"), ("failed", "\(failed)"), ("unchanged", "\(unchanged)"), ("stale", "\(stale)"), ("kept", "\(kept)"),
        ("refused", "\(refused)"),
      ])
    }
  }
}

extension Diagnostic {
  /// Why a person's answer is not taken.
  fileprivate init(_ refusal: AnswerRefusal) {
    switch refusal {
    case .noSuchPayment(let payment):
      self.init(.badInput, "there is no payment \(payment)", hint: "See 'makegood payout list'.")
    case .nothingKept(let payment):
      self.init(.badInput, "nothing about \(payment) waits for a person", hint: "'makegood payout list' shows what does.")
    case .wrongState(let payment, let item, let state):
      self.init(
        .badInput, "\(item) of \(payment) is \(state.rawValue): it cannot count as paid",
        hint: "Bring it back to approved first, by a review or by taking it out of its batch; or put it aside with --dismiss.")
    case .otherAmount(let payment, let item, let paid, let now):
      self.init(
        .badInput, "\(item) is worth \(now) USD now, and \(payment) paid \(paid) USD for it",
        hint: "Settle the difference with the customer, and put it aside with --dismiss.")
    }
  }
}
