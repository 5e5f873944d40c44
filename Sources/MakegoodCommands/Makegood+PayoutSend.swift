import ArgumentParser
import AuditLog
import Coins
import Foundation
import Ledger
import Payouts
import RefundPolicy
import Storage
import WalletRPC

extension Makegood.Payout {
  struct Send: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "send",
      abstract: "Pays the Monero part of a batch through monero-wallet-rpc, and confirms what was paid before.",
      discussion: """
        Every start first takes up what an earlier one began. A payout is sent once the network has it, and paid once ten blocks lie on it: run \
        it again after some twenty minutes. It can be stopped at any moment and run again.

        Before it builds anything it asks the wallet what that has sent. A transfer that this ledger does not know, to where a payment is about to \
        go, stops that payment until somebody says what the transfer is ('makegood recover').

        Status 1: a transaction is stuck, a transfer is not known, or a payment was changed in the database and is left out: it needs a person; 74: \
        wallet or node cannot be reached, refused, or answered what cannot be right; 75: \
        short of money, out of sync, no wallet open, or too dear now; 78: another network, or the login was refused.

        Examples:
          makegood payout send B000001 --wallet-rpc http://127.0.0.1:18083
          makegood payout send B000001 --wallet-rpc http://127.0.0.1:18083 --wallet-login /etc/makegood-wallet --max-fee 0.005
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var wallet: WalletOptions
    @OptionGroup var node: DaemonOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("The most that one transaction may cost, in XMR.", valueName: "xmr"))
    var maxFee = "0.01"

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = SummaryFormat.text

    @Argument(help: ArgumentHelp("The batch, like B000001.", valueName: "batch"))
    var batch: String

    func run() throws {
      let id = try TypedID.batch(batch)
      guard let fee = CoinAmount(maxFee, decimals: 12).flatMap({ UInt64(exactly: $0.atomic) }) else {
        throw Diagnostic(.usage, "--max-fee '\(maxFee)' is no amount of XMR", hint: "Write decimal XMR: 0.01.")
      }
      guard let rpc = try wallet.wallet(like: node) else {
        throw Diagnostic(.usage, "no wallet is named", hint: "Give --wallet-rpc URL, or set MAKEGOOD_WALLET_RPC.")
      }
      let daemon = try node.daemon()
      let path = try database.path()
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let anchors = try Anchors(requiring: reports.path(), of: store)
      guard try store.read({ try $0.batch(id) }) != nil else {
        throw Diagnostic(.badInput, "there is no batch '\(id)'", hint: "See 'makegood payout list'.")
      }
      _ = try Batches.restoreFolders(in: try reports.path(), of: id, on: store)
      let sender = MoneroSender(
        rpc, daemon, SendLimits(network: node.network, fee: fee), by: try actor.name(of: store), at: try Console.now(), on: store
      ) { try anchors.keep() }
      try tell(try sender.send(id, holding: lock), id)
    }

    private func tell(_ report: SendReport, _ id: BatchID) throws {
      if format == .json {
        Console.print(Send.json(report, id))
      } else if !output.quiet {
        Console.print("\(id): \(report.relayed) sent, \(report.confirmed) paid, \(report.waiting) waiting for the chain")
      }
      for item in report.notOwed {
        Console.note("\(item) is left out: days of it are not owed any more (N5); take it back with 'makegood payout cancel \(item)'")
      }
      for payment in report.changed { Console.report(Diagnostic(payment)) }
      for (attempt, why) in report.stuck {
        Console.report(
          Diagnostic(
            .no, "transaction \(attempt.built?.hash ?? "") of \(attempt.batch) is stuck: \(why)",
            hint: "Look at it on the chain; one that can never confirm is given up with 'makegood payout abandon'."))
      }
      for unexplained in report.unexplained { Console.report(Diagnostic(unexplained, leftOut: true)) }
      if let stopped = report.stopped { throw Diagnostic(stopped) }
      if !report.stuck.isEmpty || !report.unexplained.isEmpty || !report.changed.isEmpty { throw ExitStatus.no }
    }

    private static func json(_ report: SendReport, _ id: BatchID) -> String {
      JSONText.object([
        ("batch", JSONText.string(id.description)), ("sent", "\(report.relayed)"), ("paid", "\(report.confirmed)"),
        ("waiting", "\(report.waiting)"), ("not_owed", JSONText.list(report.notOwed.map(\.description))),
        ("changed", JSONText.list(report.changed.map(\.id.description))),
        ("stuck", JSONText.list(report.stuck.compactMap { $0.attempt.built?.hash })),
        ("unexplained", JSONText.list(report.unexplained.map(\.transfer.hash))), ("went_to_the_end", report.stopped == nil ? "true" : "false"),
      ])
    }
  }

  struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "cancel",
      abstract: "Takes prepared Monero payouts back: their refunds are approved again. Needs a note.",
      discussion: """
        Only what no transaction holds. A payment is taken back whole, with every refund in it. One prepared for the processor is taken back \
        with 'makegood review reopen', when the processor is sure not to pay it.

        Examples:
          makegood payout cancel R000000017 --by "Ann Lee" --note "The customer gave another address."
          makegood payout cancel P000001-0003 --by "Ann Lee" --note "The customer gave another address."
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var output: OutputOptions
    @Option(help: ArgumentHelp("Why; kept in the log.", valueName: "text"))
    var note: String
    @Argument(help: ArgumentHelp("Payments like P000001-0003, or items like R000000017.", valueName: "payment"))
    var payments: [String]

    func run() throws {
      if note.allSatisfy(\.isWhitespace) { throw Diagnostic(.usage, "the note is empty", hint: "Say why with --note TEXT.") }
      let path = try database.path()
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let items = try payments.map { text in
        if let item = ItemID(text.uppercased()) { return item }
        let id = try TypedID.payment(text)
        guard let item = try store.read({ try $0.payment(id) })?.payouts.first?.item else {
          throw Diagnostic(.badInput, "there is no payment '\(id)'", hint: "See 'makegood payout list'.")
        }
        return item
      }
      let anchors = try Anchors(warning: reports, of: store)
      let takenBack = try Cancelling.cancel(items, note: note, by: try actor.name(of: store), at: try Console.now(), on: store, holding: lock)
      try anchors.keep()
      if !output.quiet { for item in takenBack { Console.print("\(item): approved, no longer in a batch") } }
    }
  }

  struct Abandon: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "abandon",
      abstract: "Gives up a stuck transaction that can never confirm: its refunds are approved again. Needs a note.",
      discussion: """
        Only one that the chain does not hold while its inputs are spent by another.

        Example:
          makegood payout abandon 0f3c… --by "Ann Lee" --note "Its inputs were swept."
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var node: DaemonOptions
    @OptionGroup var output: OutputOptions
    @Option(help: ArgumentHelp("Why; kept in the log.", valueName: "text"))
    var note: String
    @Argument(help: ArgumentHelp("The transaction's hash.", valueName: "hash"))
    var hash: String

    func run() throws {
      if note.allSatisfy(\.isWhitespace) { throw Diagnostic(.usage, "the note is empty", hint: "Say why with --note TEXT.") }
      let daemon = try node.daemon()
      let path = try database.path()
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let anchors = try Anchors(warning: reports, of: store)
      let attempt: Attempt
      do {
        attempt = try Cancelling.abandon(
          hash, network: node.network, daemon, note: note, by: try actor.name(of: store), at: try Console.now(), on: store, holding: lock)
      } catch let error as MoneroError {
        throw Diagnostic(error)
      }
      try anchors.keep()
      if !output.quiet {
        for item in attempt.items { Console.print("\(item): approved, no longer in a batch") }
      }
    }
  }
}

extension Diagnostic {
  /// What stopped sending, as a person should read it. Nothing is lost by it: the next `send` goes on where this one stopped.
  init(_ error: MoneroError) {
    switch error {
    case .unreachable(let why):
      self.init(.inputOutput, "the wallet or the node cannot be reached: \(why)", hint: "Start it, then send again: it goes on where it stopped.")
    case .timedOut(let why):
      self.init(.inputOutput, why, hint: "See whether it is at work, give a longer --timeout, and send again: it goes on where it stopped.")
    case .loginRefused: self.init(.badConfiguration, "the wallet refused the login", hint: "Give the right one with --wallet-login FILE.")
    case .noWalletOpen: self.init(.tryLater, "the wallet's RPC has no wallet open", hint: "Open the wallet, then send again.")
    case .notEnoughMoney(let why):
      self.init(
        .tryLater, "the wallet has not enough money that it can spend now: \(why)",
        hint: "Change is locked for ten blocks; send again later, or put money into the wallet.")
    case .outOfSync(let why): self.init(.tryLater, "out of sync: \(why)", hint: "Wait until it has caught up, then send again.")
    case .wrongNetwork(let why): self.init(.badConfiguration, "another network: \(why)", hint: "Name the wallet and the node of the main net.")
    case .badAddress(let why):
      self.init(.badInput, "an address is refused: \(why)", hint: "Take that payout back with 'makegood payout cancel', then send again.")
    case .feeTooHigh(let why): self.init(.tryLater, "a transaction would cost \(why)", hint: "Send again later, or allow it with --max-fee.")
    case .refused(let code, let message):
      self.init(
        .inputOutput, "the wallet or the node refused (\(code)): \(message)", hint: "See its log, then send again: it goes on where it stopped.")
    case .badAnswer(let why):
      self.init(
        .inputOutput, "an answer that cannot be right: \(why)", hint: "See that wallet and node are releases that fit each other, then send again.")
    }
  }
}

extension Diagnostic {
  /// Why a payout is not taken back.
  init(_ refusal: CancelRefusal) {
    switch refusal {
    case .notPrepared(let item, nil): self.init(.badInput, "there is no item \(item)", hint: "See 'makegood payout list'.")
    case .notPrepared(let item, let state?):
      self.init(.badInput, "\(item) is \(state.rawValue), not prepared", hint: "Only what is prepared and not sent is taken back.")
    case .isProcessors(let item):
      self.init(
        .badInput, "\(item) was prepared for the processor",
        hint: "When the processor is sure not to pay it, take it back with 'makegood review reopen'.")
    case .isAttempted(let item):
      self.init(.badInput, "\(item) is in a transaction that may confirm", hint: "Send again; one that is stuck is given up with 'abandon'.")
    case .noSuchTransaction(let hash):
      self.init(.badInput, "no open transaction has the hash '\(hash)'", hint: "'makegood payout send' names those that are stuck.")
    case .mayConfirm(let hash):
      self.init(
        .badInput, "transaction \(hash) may confirm yet", hint: "Only one that the chain does not hold while its inputs are spent is given up.")
    }
  }
}

extension Diagnostic {
  /// Why a payment is left out.
  fileprivate init(_ payment: SendReport.ChangedPayment) {
    let what = payment.damage.findings.map(\.description).joined(separator: "; ")
    self.init(
      .no, "payment \(payment.id) is left out: it was changed behind the program's back: \(what)",
      hint: "See 'makegood verify'; cron/README.md says how a backup is restored.")
  }
}
