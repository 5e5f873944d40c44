import ArgumentParser
import Ledger
import Payouts
import RefundPolicy
import Storage

extension Makegood {
  struct Recover: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "recover",
      abstract: "After a backup was restored: takes published batches and sent transactions back into the ledger.",
      discussion: """
        A ledger that was restored is older than what it did, and does not pay. Before this command bring it as far as it goes: import the facts \
        again, run the nights again, and decide again what people had decided. Then it takes back

        - each batch in REPORTS/payouts that the ledger does not know: its refunds are prepared again, for they may have been paid; settle them \
        with 'payout settle', or send what no transaction holds with 'payout send';
        - each transaction that the batch's folder holds: 'payout send' asks the chain for it, and relays the same one, never another.

        - with the wallet named, each transfer that it made of just what is prepared, though no file tells of it.

        When nothing is left that may have been paid unknown to the ledger, it pays again. A batch of which nothing was paid, and nothing will be, \
        is made void with --void; its folder stays, and must not be uploaded any more. A transfer of the wallet that paid nothing of this ledger is \
        named with --other-transfer.

        Status 1: something needs a person first.

        Examples:
          makegood recover --by "Ann Lee"
          makegood recover --by "Ann Lee" --wallet-rpc http://127.0.0.1:18083
          makegood recover --void B000001 --by "Ann Lee" --note "Never uploaded; the processor confirms that."

        \(ExitStatus.table)
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var wallet: WalletOptions
    @OptionGroup var node: DaemonOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Your name.", valueName: "name"))
    var by: String

    @Option(help: ArgumentHelp("Why; kept in the log.", valueName: "text"))
    var note: String?

    @Option(help: ArgumentHelp("A batch that this ledger does not know, of which nothing was paid or will be. Needs a note.", valueName: "batch"))
    var void: [String] = []

    @Option(help: ArgumentHelp("A transfer of the wallet that paid nothing of this ledger. Needs a note.", valueName: "hash"))
    var otherTransfer: [String] = []

    func run() throws {
      let batches = try void.map(TypedID.batch)
      let note = note.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
      if !batches.isEmpty && note == nil {
        throw Diagnostic(.usage, "a batch is made void with a note", hint: "Say with --note TEXT how it is known that nothing was paid.")
      }
      for hash in otherTransfer where !BuiltTransaction.isHash(hash) {
        throw Diagnostic(
          .usage, "'\(hash)' is not the hash of a transaction", hint: "It has 64 digits, 0 to 9 and a to f, as 'payout send' names it.")
      }
      if !otherTransfer.isEmpty && note == nil {
        throw Diagnostic(.usage, "a transfer is explained with a note", hint: "Say with --note TEXT what it was for.")
      }
      let path = try database.path()
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let chain = try wallet.wallet(like: node).map { Recovery.Chain($0, try node.daemon()) }
      let recovery: Recovery
      do {
        recovery = try Recovery(
          Recovery.Request(actor: try store.reviewer(named: by).name, now: try Console.now(), note: note, void: batches, others: otherTransfer),
          asking: chain,
          reports: try reports.path(), on: store, holding: lock)
      } catch let error as MoneroError {
        try Anchors(reports: reports.path(), of: store).keep()
        throw Diagnostic(error)
      }
      let anchors = try Anchors(reports: reports.path(), of: store)
      try anchors.keep()
      if !output.quiet { Recover.tell(recovery, isClear: anchors.faults.isEmpty) }
      for problem in recovery.problems { Console.report(Diagnostic(problem)) }
      if !anchors.faults.isEmpty || !recovery.problems.isEmpty { throw ExitStatus.no }
    }

    private static func tell(_ recovery: Recovery, isClear: Bool) {
      for (batch, payouts) in recovery.takenBack {
        Console.print("\(batch): taken back, \(payouts) \(payouts == 1 ? "refund" : "refunds") prepared; settle what was paid of it")
      }
      for (batch, hash) in recovery.transactions {
        Console.print("\(batch): transaction \(hash) taken back; 'payout send \(batch)' asks the chain for it")
      }
      for batch in recovery.voided { Console.print("\(batch): void; its folder must not be uploaded any more") }
      for hash in recovery.others { Console.print("\(hash): another's transfer; it stops no payment any more") }
      let missing = recovery.missing
      for (count, what) in [(missing.imports, "import"), (missing.runs, "run"), (missing.reviews, "decision")] where count > 0 {
        Console.note("warning: \(count) \(what)\(count == 1 ? " is" : "s are") missing that the ledger had before it was restored")
      }
      if isClear { Console.print("nothing stands against this ledger: it prepares and sends again") }
    }
  }
}

extension Diagnostic {
  /// What must be settled before the ledger pays again.
  init(_ problem: Recovery.Problem) {
    switch problem {
    case .payout(let batch, .noItem(let payout)):
      self.init(
        .no, "\(batch) pays \(payout.item) of order \(payout.orderID), which is not here",
        hint: "Import the facts again and run the nights again ('makegood run'), then recover again.")
    case .payout(let batch, .otherOrder(let payout, let here)):
      self.init(
        .no, "\(batch) pays \(payout.item) of order \(payout.orderID), \(payout.amount) USD; here that item is of order \(here)",
        hint:
          "The nights ran on other facts. Reject what is owed to order \(payout.orderID) here if it was paid, then make the batch void with a note that says so."
      )
    case .payout(let batch, .notApproved(let payout, let state)):
      self.init(
        .no, "\(batch) pays \(payout.item), which is \(state.rawValue) here: its approval was lost",
        hint: state == .pending || state == .held
          ? "Approve it again ('makegood review approve \(payout.item) --by NAME'), then recover again."
          : "See 'makegood explain item \(payout.item)'; it is taken back when it is approved.")
    case .payout(let batch, .otherAmount(let payout, let here)):
      self.init(
        .no, "\(batch) pays \(payout.item) \(payout.amount) USD, which is \(here) USD here",
        hint: "Import the facts again and run again, or set the amount with 'makegood review correct', then recover again.")
    case .payout(let batch, .noPayouts):
      self.init(.no, "the folder of \(batch) names no refund", hint: "Restore that folder.")
    case .folder(let batch, let path, let why):
      self.init(
        .no, "\(batch) cannot be taken back from '\(path)': \(why)",
        hint: "Restore that folder; if nothing of it was paid, make the batch void with --void \(batch) and a note.")
    case .transaction(let batch, let path):
      self.init(.no, "'\(path)' names no transaction of \(batch)", hint: "Restore that file: what it told of may be on the chain.")
    case .noFolder(let batch, let path):
      self.init(
        .no, "'\(path)' tells of batch \(batch), whose folder is not there",
        hint: "Restore the folder; if nothing of it was paid or will be, make the batch void with --void \(batch) and a note.")
    case .isKnown(let batch):
      self.init(.no, "\(batch) is known to this ledger", hint: "Take its payouts back with 'makegood payout cancel'.")
    case .isUnheardOf(let batch):
      self.init(.no, "no folder and no anchor tells of batch \(batch)", hint: "Name a batch that 'makegood status' names.")
    case .isAttempt(let hash):
      self.init(.no, "\(hash) was sent by this ledger", hint: "See 'makegood payout list'.")
    case .unexplained(let transfer): self.init(transfer, leftOut: false)
    case .needsNote(let fault):
      self.init(.no, fault.words, hint: "If it is not needed, say why: 'makegood recover --by NAME --note TEXT'.")
    }
  }
}
