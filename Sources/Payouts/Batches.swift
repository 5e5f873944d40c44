import Coins
public import Ledger
public import RefundPolicy
public import Reports
public import Storage

/// Preparing batches and writing their folders.
public enum Batches {
  /// What `prepare` was asked for.
  public struct Request: Sendable {
    public var rates: [GivenRate]
    /// Doubtful rates that a person lets pay (G6).
    public var accepted: [AcceptedRate]
    public var side: String
    public var profiles: [PayoutProfile]
    public var actor: String
    public var now: Instant

    public init(
      rates: [GivenRate], accepted: [AcceptedRate] = [], side: String, profiles: [PayoutProfile], actor: String, now: Instant
    ) {
      (self.rates, self.accepted, self.side, self.profiles) = (rates, accepted, side, profiles)
      (self.actor, self.now) = (actor, now)
    }
  }

  /// What it did.
  public struct Prepared {
    /// Nil where nothing could be paid: then no batch is written.
    public var batch: Batch?
    public var payments: [Payment]
    public var leftovers: [Leftover]
    public var folder: PublishedFolder?
    /// Doubtful rates that were accepted now (G6).
    public var acceptances: [RateAcceptance] = []
    /// Refunds that stay behind because something of them was changed behind the program's back.
    public var changed: [ItemID] = []
    /// Coins whose rate was accepted although it was in no doubt.
    public var unneeded: [String] = []

    public var payouts: [Payout] { payments.flatMap(\.payouts) }
  }

  /// Takes every approved item that can be paid into a new batch, and writes its folder.
  ///
  /// - Parameters:
  ///   - isDryRun: Whether nothing is kept in the database; the folder is written all the same.
  ///   - kept: Called when the batch is committed, before anybody can see its folder: writes the anchor.
  /// - Throws: ``AcceptanceRefusal``, ``ReportError`` and ``StorageError``; ``Damage`` where that on which every payment depends was changed behind
  ///   the program's back. Then nothing is kept.
  public static func prepare(
    _ request: Request, isDryRun: Bool, in reports: String, on store: Store, holding lock: borrowing RunLock, kept: (Connection) throws -> Void
  ) throws -> Prepared {
    var prepared = try store.transaction { connection -> (Store.Ending, Prepared) in
      var readiness = try Readiness(request, on: connection)
      let (payments, leftovers) = try readiness.all()
      var prepared = Prepared(batch: nil, payments: payments, leftovers: leftovers, folder: nil)
      prepared.changed = readiness.changed
      prepared.unneeded = try readiness.rates.checkAcceptances()
      prepared.acceptances = readiness.rates.acceptances.values.sorted { $0.coin < $1.coin }
      if payments.isEmpty && prepared.acceptances.isEmpty { return (.rollback, prepared) }
      let desk = try PayoutDesk(.prepare, by: request.actor, at: request.now, on: connection)
      for acceptance in prepared.acceptances { try desk.accept(acceptance) }
      if !payments.isEmpty {
        prepared.batch = try desk.prepare(payments, leaving: leftovers, profiles: request.profiles.map(\.rawValue))
      }
      try desk.finish()
      if let batch = prepared.batch {
        let folder = try folder(of: batch, from: connection)
        // One of this name is another ledger's; somebody might upload it for this batch.
        if try folder.exists(in: reports) { throw ReportError.targetExists(path: "\(reports)/payouts/\(batch.id)") }
        if isDryRun { prepared.folder = try folder.publish(in: reports) }
      }
      return (isDryRun ? .rollback : .commit, prepared)
    }
    if !isDryRun && !(prepared.batch == nil && prepared.acceptances.isEmpty) {
      prepared.folder = try store.read { connection in
        try kept(connection)
        guard let batch = prepared.batch else { return nil }
        let folder = try folder(of: batch, from: connection).publish(in: reports)
        try connection.markPublished(batch.id)
        return folder
      }
    }
    return prepared
  }

  /// Writes the folders of batches that a crash kept from theirs.
  ///
  /// - Parameter batch: One whose folder must be there, also where it was published and is gone: what is sent is noted in it first.
  public static func restoreFolders(in reports: String, of batch: BatchID? = nil, on store: Store) throws -> [String] {
    try store.read { connection in
      var restored: [String] = []
      let unpublished = try connection.unpublishedBatches()
      for id in unpublished + (batch.map { unpublished.contains($0) ? [] : [$0] } ?? []) {
        guard let batch = try connection.batch(id) else { continue }
        let folder = try folder(of: batch, from: connection)
        // What stands there may be this one, where the crash came right after it was moved into place.
        let exists = try folder.exists(in: reports)
        if try !exists || (unpublished.contains(id) && !folder.isPublished(in: reports)) { restored.append(try folder.publish(in: reports).path) }
        try connection.markPublished(id)
      }
      return restored
    }
  }

  private static func folder(of batch: Batch, from connection: Connection) throws -> PayoutFolder {
    let (payments, leftovers) = (try connection.payments(of: batch.id), try connection.leftovers(of: batch.id))
    let payouts = payments.flatMap(\.payouts).sorted { $0.item < $1.item }
    // Somebody uploads it: what was changed since goes into no file.
    try connection.checkPayments(of: batch.id)
    var folder = PayoutFolder(
      batch: batch.id.description, preparedAt: batch.preparedAt, preparedBy: batch.preparedBy, profiles: batch.profiles)
    folder.rows = try connection.storedRows(of: batch.id)
    folder.anchor = try connection.anchor()?.json
    folder.monero = payouts.filter { $0.route == .monero }.map(row)
    folder.processor = payouts.filter { $0.route == .processor }.map(row)
    folder.notReady = leftovers.map {
      NotReadyRow(item: $0.item, orderID: $0.orderID, coin: $0.coin, network: $0.network ?? "", amount: $0.usd, reason: $0.reason)
    }
    folder.totals = totals(payments, leftovers)
    let outside = payments.filter { $0.payouts.first?.route == .processor }
    for profile in batch.profiles.compactMap(PayoutProfile.init) {
      folder.uploads += profile.files(of: outside.compactMap { UploadRow($0, decimals: profile.mostDecimals) })
    }
    return folder
  }

  private static func row(_ payout: Payout) -> PayoutRow {
    PayoutRow(
      batch: payout.payment.batch.description, payment: payout.payment.description, item: payout.item, orderID: payout.orderID,
      coin: payout.coin, network: payout.network ?? "", address: payout.address, tag: payout.tag ?? "",
      amountCoin: payout.amount.description, amount: payout.usd, rate: payout.rate.rate.description, rateQuotedAt: payout.rate.quotedAt,
      route: payout.route.rawValue)
  }

  /// A coin on its own chain has no network here, whether the facts name it or not.
  private static func totals(_ payments: [Payment], _ leftovers: [Leftover]) -> [PayoutTotalRow] {
    struct Key: Hashable { let route: PayoutRoute, coin: String, network: String }
    var sums: [Key: [Payment]] = [:]
    for payment in payments {
      guard let first = payment.payouts.first else { continue }
      sums[Key(route: first.route, coin: first.coin, network: payment.isOnOwnChain ? "" : payment.chain), default: []].append(payment)
    }
    func usd(_ payments: [Payment]) -> Cents { payments.reduce(.zero) { $0 + $1.usd } }
    func items(_ payments: [Payment]) -> Int { payments.reduce(0) { $0 + $1.payouts.count } }
    let ordered = sums.sorted { ($0.key.route.rawValue, $0.key.coin, $0.key.network) < ($1.key.route.rawValue, $1.key.coin, $1.key.network) }
    return ordered.map { key, payments in
      let amount = CoinAmount(
        atomic: payments.reduce(0) { $0 + $1.amount.atomic }, decimals: payments.first?.amount.decimals ?? 0)
      return PayoutTotalRow(
        route: key.route.rawValue, coin: key.coin, network: key.network, payments: payments.count, items: items(payments),
        amountCoin: amount.description, amount: usd(payments))
    } + [
      PayoutTotalRow(
        route: "all", coin: "", network: "", payments: payments.count, items: items(payments), amountCoin: "", amount: usd(payments)),
      PayoutTotalRow(
        route: "not_ready", coin: "", network: "", payments: nil, items: leftovers.count, amountCoin: "",
        amount: leftovers.reduce(.zero) { $0 + $1.usd }),
    ]
  }
}

extension UploadRow {
  /// A payment as a template says it, with the decimals that it takes.
  init?(_ payment: Payment, decimals: Int) {
    guard let first = payment.payouts.first else { return nil }
    let chains = ["Ethereum": "ETH", "Tron": "TRX", "Solana": "SOL"]
    self.init(
      coin: first.coin, tokenNetwork: payment.isOnOwnChain ? nil : chains[payment.chain] ?? payment.chain.uppercased(),
      address: first.address, tag: first.tag ?? "", amount: payment.amount.truncated(to: decimals).brief,
      reference: payment.id.description, note: "refund \(payment.id)")
  }
}
