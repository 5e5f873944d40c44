public import ArgumentParser
import AuditLog
import Coins
import Facts
import Foundation
import Ledger
import Payouts
import RefundPolicy
import Reports
import Review
import Storage

extension Makegood {
  struct Payout: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "payout",
      abstract: "Turns approved refunds into coin: prepare, send, settle, list, cancel, abandon.",
      discussion: """
        'prepare' locks amounts and writes a batch; 'send' pays its Monero part; the rest goes to the processor, and 'settle' takes back what \
        became of it. Sending is a person's act: it has no place in cron.

        Examples:
          makegood payout prepare
          makegood payout send B000001 --wallet-rpc http://127.0.0.1:18083
          makegood payout settle processed.csv
          makegood payout settle --accept P000001-0003 --by "Ann Lee" --note "The processor confirmed it."
          makegood payout list

        \(ExitStatus.table)
        """,
      subcommands: [Prepare.self, Send.self, Settle.self, List.self, Cancel.self, Abandon.self])
  }
}

/// Who acts, for the log.
struct ActorOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Your name, for the log; else the user's name on this machine.", valueName: "name"))
  var by: String?

  /// Without --by nobody claims to be a person: a service's own user, `makegood` too, stands in the log as what it is.
  ///
  /// - Throws: ``ReviewRefusal`` where a name is nobody's, or none of the reviewers that the settings name.
  func name(of store: Store) throws -> String { try by.map { try store.reviewer(named: $0).name } ?? SystemUser.current.name }

  /// What only a person decides is not signed with the name of whoever's machine it is.
  func requireName(_ act: String) throws {
    if by == nil { throw Diagnostic(.usage, "nobody is named who \(act)", hint: "Give your name with --by NAME.") }
  }
}

extension Makegood.Payout {
  struct Prepare: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "prepare",
      abstract: "Takes approved refunds into a batch: locks the amounts in coin and writes the batch's folder.",
      discussion: """
        Amounts are floor(usd / rate) in the coin's smallest unit, at the newest imported rate or one that is given (H2). Refunds to one coin, \
        network, address and tag are one payment (G3). What cannot be paid now stays behind, in not_ready.csv with the reason. What was changed in the \
        database behind the program's back stays behind too, and the status is 1.

        A rate that is far from the coin's other quotes of 30 days, else from its last batch, else from the price of the refund's own period, \
        is doubtful and pays nothing (G6), until you accept just that value with --accept-rate and your name.

        Examples:
          makegood payout prepare
          makegood payout prepare --rate XMR=158.2045@2026-11-23T03:00:00Z
          makegood payout prepare --accept-rate XMR=158.2 --by "Ann Lee"
          makegood payout prepare --profile txnpro
          makegood payout prepare --dry-run --reports /tmp/preview
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("A rate: COIN=USD@INSTANT. It goes before the imported ones.", valueName: "rate"))
    var rate: [String] = []

    @Option(
      help: ArgumentHelp(
        "Lets a doubtful rate pay: COIN=USD, the value as it was refused. Needs --by; the log keeps it.", valueName: "rate"))
    var acceptRate: [String] = []

    @Option(help: ArgumentHelp("Which price the rates are: bid, ask, mid, last.", valueName: "side"))
    var rateSide: RateSide = .unstated

    @Option(
      help: ArgumentHelp(
        "Also write the processor's own upload template: \(PayoutProfile.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name"))
    var profile: [PayoutProfile] = []

    @Flag(help: "Write the folder into the one given with --reports and keep nothing in the database.")
    var dryRun = false

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = SummaryFormat.text

    func run() throws {
      let path = try database.path()
      if dryRun {
        let configured = try ReportOptions.configured()
        guard let folder = reports.reports, !Files.isSame(folder, configured) else {
          throw Diagnostic(
            .usage, "a dry run needs a --reports folder other than '\(configured)'", hint: "Give --reports FOLDER for the preview.")
        }
      }
      if !acceptRate.isEmpty { try actor.requireName("accepts a rate") }
      let now = try Console.now()
      let rates = try rate.map(Prepare.rate)
      let accepted = try acceptRate.map(Prepare.accepted)
      let store = try Makegood.store(at: path, .existing)
      let request = Batches.Request(
        rates: rates, accepted: accepted, side: rateSide.rawValue, profiles: PayoutProfile.allCases.filter(profile.contains),
        actor: try actor.name(of: store), now: now)
      let lock = try RunLock(database: path)
      let folder = try reports.path()
      let anchors = try Anchors(requiring: dryRun ? ReportOptions.configured() : folder, of: store)
      let restored = dryRun ? [] : try Batches.restoreFolders(in: folder, on: store)
      let prepared: Batches.Prepared
      do {
        prepared = try Batches.prepare(request, isDryRun: dryRun, in: folder, on: store, holding: lock) { try anchors.keep(on: $0) }
      } catch let refusal as AcceptanceRefusal {
        throw Diagnostic(refusal)
      }
      if format == .json { Console.print(Prepare.json(prepared)) } else if !output.quiet { tell(prepared, restored) }
      if !output.quiet { try Makegood.tellRehearsal(store) }
      if !prepared.changed.isEmpty {
        Console.report(
          Diagnostic(
            .no, "what was changed behind the program's back is left out: \(prepared.changed.map(\.description).joined(separator: ", "))",
            hint: "See 'makegood verify'; cron/README.md says how a backup is restored."))
        throw ExitStatus.no
      }
    }

    private func tell(_ prepared: Batches.Prepared, _ restored: [String]) {
      for path in restored { Console.print("wrote the folder again: \(path)") }
      for leftover in prepared.leftovers { Console.note("\(leftover.item) stays behind: \(leftover.reason)") }
      for coin in prepared.unneeded { Console.note("the rate of \(coin) is not doubtful: there was nothing to accept") }
      for accepted in prepared.acceptances {
        Console.print("accepted the rate of \(accepted.coin), \(accepted.rate) USD, \(accepted.doubt)")
      }
      guard let batch = prepared.batch, let folder = prepared.folder else {
        Console.print(prepared.leftovers.isEmpty ? "nothing to prepare" : "nothing can be paid: \(prepared.leftovers.count) not ready")
        return
      }
      let usd = prepared.payouts.reduce(Cents.zero) { $0 + $1.usd }
      // Told only where it is something else than the number of refunds.
      let payments = prepared.payments.count == prepared.payouts.count ? "" : " in \(prepared.payments.count) payments"
      Console.print(
        "\(batch.id): \(prepared.payouts.count) prepared\(payments) (\(usd) USD), \(prepared.leftovers.count) not ready -> \(folder.path)")
      if dryRun { Console.print("dry run: the database is unchanged") }
    }

    private static func json(_ prepared: Batches.Prepared) -> String {
      JSONText.object([
        ("batch", JSONText.string(prepared.batch?.id.description)), ("folder", JSONText.string(prepared.folder?.path)),
        ("prepared", "\(prepared.payouts.count)"), ("payments", "\(prepared.payments.count)"),
        ("amount_usd", JSONText.string(prepared.payouts.reduce(Cents.zero) { $0 + $1.usd }.description)),
        (
          "not_ready",
          JSONText.array(
            prepared.leftovers.map {
              JSONText.object([("item_id", JSONText.string($0.item.description)), ("reason", JSONText.string($0.reason))])
            })
        ),
        ("changed", JSONText.list(prepared.changed.map(\.description))),
      ])
    }

    /// `XMR=158.2`.
    private static func accepted(_ text: String) throws -> AcceptedRate {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let rate = ExchangeRate(parts[1]) else {
        throw Diagnostic(.usage, "'\(text)' is not a rate to accept", hint: "Write COIN=USD, as the refusal names it: XMR=158.2.")
      }
      return AcceptedRate(coin: String(parts[0]), rate: rate)
    }

    /// `XMR=158.2045@2026-11-23T03:00:00Z`.
    private static func rate(_ text: String) throws -> GivenRate {
      let problem = Diagnostic(.usage, "'\(text)' is no rate", hint: "Write COIN=USD@INSTANT: XMR=158.2045@2026-11-23T03:00:00Z.")
      let parts = text.split(separator: "=", maxSplits: 1)
      let value = parts.count == 2 ? parts[1].split(separator: "@", maxSplits: 1) : []
      guard value.count == 2, let rate = ExchangeRate(value[0]) else { throw problem }
      let bytes = Array(value[1].utf8)
      guard let quotedAt = unsafe bytes.withUnsafeBufferPointer({ bytes in unsafe try? FieldParser.instant(bytes) }) else { throw problem }
      return GivenRate(coin: String(parts[0]), rate: rate, quotedAt: quotedAt)
    }
  }
}

/// Which of a market's prices a rate is.
enum RateSide: String, ExpressibleByArgument, CaseIterable { case bid, ask, mid, last, unstated }

extension PayoutProfile: ExpressibleByArgument {}

extension Diagnostic {
  /// Why a rate that a person accepts is not taken.
  fileprivate init(_ refusal: AcceptanceRefusal) {
    switch refusal {
    case .notAsked(let coin):
      self.init(
        .badInput, "no approved refund asks for the rate of \(coin)",
        hint: "Accept rates by the code of a coin that 'makegood payout prepare' refused to pay in; nothing was prepared.")
    case .otherRate(let coin, let accepted, let inUse):
      self.init(
        .badInput, "\(coin)=\(accepted) was accepted, but the rate to be used is \(inUse) USD",
        hint: "Look at the rate again, then accept just that value; nothing was prepared.")
    case .unusable(_, let reason):
      self.init(.badInput, "the accepted rate cannot be used: \(reason)", hint: "Import a rate that can be used; nothing was prepared.")
    }
  }
}
