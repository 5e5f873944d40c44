import ArgumentParser
import AuditLog
import Ledger
import Night
import Payouts
import RefundPolicy
import Storage

extension Makegood {
  struct Review: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "review",
      abstract: "Decides what waits: approve, reject, hold, release, reopen, correct.",
      discussion: """
        A decision needs a name, and the log keeps who, when and note. From 'second_approval_usd' on two different people approve (G1).
        Without a subcommand, on a terminal, it goes through the queue item by item.

        Examples:
          makegood review approve R000000017 R000000018 --by "Ann Lee"
          makegood review reject R000000019 --by "Ann Lee" --note "The outage was a test."
          makegood review apply queue.csv --by "Ann Lee"
          makegood review --by "Ann Lee"

        \(ExitStatus.table)
        """,
      subcommands: [
        Approve.self, Reject.self, Hold.self, Release.self, Reopen.self, Correct.self, ConfirmAddress.self, Apply.self, Walk.self,
      ],
      defaultSubcommand: Walk.self)
  }
}

/// Who decides, and what is noted with it.
struct ReviewerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Your name.", valueName: "name"))
  var by: String

  /// - Throws: ``ReviewRefusal`` where it is nobody, or none of the reviewers that the settings name.
  func reviewer(of store: Store) throws -> Reviewer { try store.reviewer(named: by) }
}

extension Store {
  /// Who acts, by the settings in force now.
  func reviewer(named text: String) throws -> Reviewer {
    let now = try Console.now()
    return try read { try $0.reviewer(named: text, at: now, as: SystemUser.current.name) }
  }
}

/// The options of a decision on named items.
struct DecisionOptions: ParsableArguments {
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var reports: ReportOptions
  @OptionGroup var reviewer: ReviewerOptions
  @OptionGroup var output: OutputOptions

  @Option(help: ArgumentHelp("Why; kept in the log.", valueName: "text"))
  var note: String?

  @Argument(help: ArgumentHelp("Items, like R000000017.", valueName: "item"))
  var items: [String]

  /// Decides each item; what is refused is told, the rest is done all the same.
  ///
  /// - Parameter reason: What a rejection tells the customer.
  func decide(_ act: ReviewAct, forCustomer reason: String? = nil) throws {
    let ids = try items.map(TypedID.item)
    let path = try database.path()
    let store = try Makegood.store(at: path, .existing)
    let lock = try RunLock(database: path)
    let anchors = try Anchors(warning: reports, of: store)
    var table = ReviewResults()
    try ReviewSession(store, anchors, reviewer: try reviewer.reviewer(of: store), now: try Console.now()).run(holding: lock) { desk in
      for id in ids {
        do {
          table.add(act, try desk.decide(act, id, note: note, forCustomer: reason))
        } catch let refusal as ReviewRefusal {
          table.add(refusal)
        }
      }
      table.add(takenBack: desk.takenBack)
    }
    try table.tell(quiet: output.quiet)
  }
}

/// One transaction of reviews.
struct ReviewSession {
  private let store: Store
  private let anchors: Anchors
  private let reviewer: Reviewer
  private let now: Instant

  init(_ store: Store, _ anchors: Anchors, reviewer: Reviewer, now: Instant) {
    (self.store, self.anchors, self.reviewer, self.now) = (store, anchors, reviewer, now)
  }

  func run(holding lock: borrowing RunLock, _ body: (ReviewDesk) throws -> Void) throws {
    try store.transaction { connection in
      // Nobody decides on what was changed behind the program's back.
      try RunCheck.check(connection)
      let desk = try ReviewDesk(reviewer, at: now, on: connection, restating: Reopening.restate)
      try body(desk)
      try desk.finish()
      return (.commit, ())
    }
    try anchors.keep()
  }
}

/// What became of decisions, as it is told at the end.
struct ReviewResults {
  private var lines: [String] = []
  private var refusals: [Diagnostic] = []
  private var counts = (done: 0, unchanged: 0)

  mutating func add(_ act: ReviewAct, _ outcome: ReviewOutcome) {
    switch outcome {
    case .done(let item):
      counts.done += 1
      let byPolicy = act == .release && item.state == .approved ? " by policy (\(item.causes.has(.unprovisioned) ? "S2" : "W1"))" : ""
      let address = act == .confirmAddress ? ", to be paid to \(item.address ?? "")\(item.tag.map { ", tag \($0)" } ?? "")" : ""
      lines.append("\(item.id): \(item.state.rawValue)\(byPolicy), \(item.amount) USD\(address)")
    case .awaitsSecond(let item):
      counts.done += 1
      lines.append("\(item.id): approved once, \(item.amount) USD; another person must approve it too (G1)")
    case .unchanged(let item):
      counts.unchanged += 1
      lines.append("\(item.id): unchanged, \(item.state.rawValue) already")
    }
  }

  /// Refunds of a payment that was taken back with one that was reopened.
  mutating func add(takenBack items: [ItemID]) {
    for item in items { lines.append("\(item): approved, no longer in a batch: its payment was taken back (G3)") }
  }

  mutating func add(_ refusal: ReviewRefusal, at place: String? = nil) {
    var diagnostic = Diagnostic(refusal)
    if let place { diagnostic.message = "\(place): \(diagnostic.message)" }
    refusals.append(diagnostic)
  }

  mutating func add(_ problem: Diagnostic) { refusals.append(problem) }

  /// - Throws: ``ExitStatus/badInput`` when anything was refused.
  func tell(quiet: Bool) throws {
    if !quiet { for line in lines { Console.print(line) } }
    for refusal in refusals { Console.report(refusal) }
    if refusals.isEmpty {
      if !quiet && counts.done == 0 { Console.print("nothing to do") }
      return
    }
    if !quiet {
      Console.note("\(counts.done) decided, \(counts.unchanged) unchanged, \(refusals.count) refused")
    }
    throw ExitStatus.badInput
  }
}

extension Makegood.Review {
  struct Approve: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "approve",
      abstract: "Approves pending items; large ones need two people (G1).",
      discussion: """
        Example:
          makegood review approve R000000017 R000000018 --by "Ann Lee"
        """)
    @OptionGroup var options: DecisionOptions
    func run() throws { try options.decide(.approve) }
  }

  struct Reject: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reject",
      abstract: "Rejects pending items: their days are barred until they are reopened. Needs a note.",
      discussion: """
        The note is kept in the log and never told to a customer. What --reason-for-customer says stands in their letter.

        Example:
          makegood review reject R000000019 --by "Ann Lee" --note "The outage was a test." \\
            --reason-for-customer "Your line was in service on these days."
        """)
    @OptionGroup var options: DecisionOptions
    @Option(help: ArgumentHelp("What the customer's letter says as the reason.", valueName: "text"))
    var reasonForCustomer: String?
    func run() throws { try options.decide(.reject, forCustomer: reasonForCustomer) }
  }

  struct Hold: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "hold",
      abstract: "Holds pending items: runs restate them, but they stay held.",
      discussion: """
        Example:
          makegood review hold R000000017 --by "Ann Lee" --note "Asked the carrier."
        """)
    @OptionGroup var options: DecisionOptions
    func run() throws { try options.decide(.hold) }
  }

  struct Release: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "release",
      abstract: "Releases held items; those of W1 and S2 are approved by the policy then.",
      discussion: """
        One of W1 is pending, for people to decide, while usage is not known through the day of its request (G4); the next run holds it again.

        Example:
          makegood review release R000000017 --by "Ann Lee"
        """)
    @OptionGroup var options: DecisionOptions
    func run() throws { try options.decide(.release) }
  }

  struct Reopen: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reopen",
      abstract: "Makes rejected, approved or prepared items pending again. Needs a note.",
      discussion: """
        It is restated in the same step, as of the last closed date: days that are not owed any more are left out, and with none left it is withdrawn.
        An item of W1 or S2 is approved again by the next run; hold it, if that is not wanted. What is prepared for the processor is taken out \
        of its batch, with every refund of the same payment (G3): be sure first that the processor does not pay it.

        Example:
          makegood review reopen R000000019 --by "Ann Lee" --note "It was no test."
        """)
    @OptionGroup var options: DecisionOptions
    func run() throws { try options.decide(.reopen) }
  }

  struct ConfirmAddress: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "confirm-address",
      abstract: "Confirms the address that came after two people had approved an item (G1, Q4).",
      discussion: """
        Only one of those who approved it can. The item is flagged 'unconfirmed_address', and left out of payouts until then.

        Example:
          makegood review confirm-address R000000017 --by "Ann Lee"
        """)
    @OptionGroup var options: DecisionOptions
    func run() throws { try options.decide(.confirmAddress) }
  }

  struct Correct: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "correct",
      abstract: "Sets the amount of a pending item beyond the policy, and approves it at that (D2). Needs a note.",
      discussion: """
        Never above what was paid for the period. The item is flagged 'corrected'.

        Example:
          makegood review correct R000000017 --amount 12.50 --by "Ann Lee" --note "Goodwill."
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var reviewer: ReviewerOptions
    @OptionGroup var output: OutputOptions
    @Option(help: ArgumentHelp("The amount in USD: 12.50.", valueName: "usd"))
    var amount: String
    @Option(help: ArgumentHelp("Why; kept in the log.", valueName: "text"))
    var note: String
    @Argument(help: ArgumentHelp("The item, like R000000017.", valueName: "item"))
    var item: String

    func run() throws {
      let id = try TypedID.item(item)
      guard let cents = Cents(parsing: amount) else {
        throw Diagnostic(.usage, "'\(amount)' is no amount of dollars", hint: "Write decimal dollars with at most two decimals: 12.50.")
      }
      let path = try database.path()
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let anchors = try Anchors(warning: reports, of: store)
      var results = ReviewResults()
      try ReviewSession(store, anchors, reviewer: try reviewer.reviewer(of: store), now: try Console.now()).run(holding: lock) { desk in
        do { results.add(.correct, try desk.correct(id, to: cents, note: note)) } catch let refusal as ReviewRefusal { results.add(refusal) }
      }
      try results.tell(quiet: output.quiet)
    }
  }
}
