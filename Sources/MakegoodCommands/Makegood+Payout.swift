public import ArgumentParser
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

  func name() throws -> String { try Reviewer(by ?? NSUserName()).name }
}

extension Makegood.Payout {
  struct Prepare: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "prepare",
      abstract: "Takes approved refunds into a batch: locks the amounts in coin and writes the batch's folder.",
      discussion: """
        Amounts are floor(usd / rate) in the coin's smallest unit, at the newest imported rate or one that is given (H2). What cannot be paid \
        now stays behind, in not_ready.csv with the reason.

        Examples:
          makegood payout prepare
          makegood payout prepare --rate XMR=158.2045@2026-11-23T03:00:00Z
          makegood payout prepare --profile txnpro
          makegood payout prepare --dry-run --reports /tmp/preview
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("A rate: COIN=USD@INSTANT. It goes before the imported ones.", valueName: "rate"))
    var rate: [String] = []

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
      let now = try Console.now()
      let request = Batches.Request(
        rates: try rate.map(Prepare.rate), side: rateSide.rawValue, profiles: PayoutProfile.allCases.filter(profile.contains),
        actor: try actor.name(), now: now)
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let folder = try reports.path()
      let anchors = try Anchors(requiring: dryRun ? ReportOptions.configured() : folder, of: store)
      let restored = dryRun ? [] : try Batches.restoreFolders(in: folder, on: store)
      let prepared = try Batches.prepare(request, isDryRun: dryRun, in: folder, on: store, holding: lock) { try anchors.keep(on: $0) }
      if format == .json { Console.print(Prepare.json(prepared)) } else if !output.quiet { tell(prepared, restored) }
      if !output.quiet { try Makegood.tellRehearsal(store) }
    }

    private func tell(_ prepared: Batches.Prepared, _ restored: [String]) {
      for path in restored { Console.print("wrote the folder again: \(path)") }
      for leftover in prepared.leftovers { Console.note("\(leftover.item) stays behind: \(leftover.reason)") }
      guard let batch = prepared.batch, let folder = prepared.folder else {
        Console.print(prepared.leftovers.isEmpty ? "nothing to prepare" : "nothing can be paid: \(prepared.leftovers.count) not ready")
        return
      }
      let usd = prepared.payouts.reduce(Cents.zero) { $0 + $1.usd }
      Console.print("\(batch.id): \(prepared.payouts.count) prepared (\(usd) USD), \(prepared.leftovers.count) not ready -> \(folder.path)")
      if dryRun { Console.print("dry run: the database is unchanged") }
    }

    private static func json(_ prepared: Batches.Prepared) -> String {
      JSONText.object([
        ("batch", JSONText.string(prepared.batch?.id.description)), ("folder", JSONText.string(prepared.folder?.path)),
        ("prepared", "\(prepared.payouts.count)"),
        ("amount_usd", JSONText.string(prepared.payouts.reduce(Cents.zero) { $0 + $1.usd }.description)),
        (
          "not_ready",
          JSONText.array(
            prepared.leftovers.map {
              JSONText.object([("item_id", JSONText.string($0.item.description)), ("reason", JSONText.string($0.reason))])
            })
        ),
      ])
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

  struct Settle: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "settle",
      abstract: "Takes back what the processor did: item_id, txid, settled_at, fee_usd.",
      discussion: """
        Where a column status says failed, the payout is approved again and waits for the next batch. Rows that cannot be true are refused and \
        named; the rest is taken, and the status is 65. The same file again changes nothing.

        Examples:
          makegood payout settle processed.csv
          makegood payout settle processed.csv --by "Ann Lee" --format json
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = SummaryFormat.text

    @Argument(help: ArgumentHelp("The processor's results.", valueName: "file"))
    var file: String

    func run() throws {
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
      let outcomes = try Settling.take(settlements, by: try actor.name(), at: try Console.now(), on: store, holding: lock)
      try anchors.keep()
      var counts = (paid: 0, failed: 0, unchanged: 0)
      var refusals = settlements.problems.map { (line: $0.line, diagnostic: Diagnostic(.badInput, "\(file):\($0.line): \($0.what)", hint: $0.hint)) }
      for (row, outcome) in outcomes {
        switch outcome {
        case .paid: counts.paid += 1
        case .failed: counts.failed += 1
        case .unchanged: counts.unchanged += 1
        case .refused(let what, let hint): refusals.append((row.line, Diagnostic(.badInput, "\(file):\(row.line): \(what)", hint: hint)))
        }
      }
      for refusal in refusals.sorted(by: { $0.line < $1.line }) { Console.report(refusal.diagnostic) }
      if format == .json {
        Console.print(
          JSONText.object([
            ("paid", "\(counts.paid)"), ("failed", "\(counts.failed)"), ("unchanged", "\(counts.unchanged)"), ("refused", "\(refusals.count)"),
          ]))
      } else if !output.quiet {
        Console.print("\(counts.paid) paid, \(counts.failed) failed, \(counts.unchanged) unchanged, \(refusals.count) refused")
      }
      if !refusals.isEmpty { throw ExitStatus.badInput }
    }
  }
}

/// Which of a market's prices a rate is.
enum RateSide: String, ExpressibleByArgument, CaseIterable { case bid, ask, mid, last, unstated }

extension PayoutProfile: ExpressibleByArgument {}
