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
    public var side: String
    public var profiles: [PayoutProfile]
    public var actor: String
    public var now: Instant

    public init(rates: [GivenRate], side: String, profiles: [PayoutProfile], actor: String, now: Instant) {
      (self.rates, self.side, self.profiles, self.actor, self.now) = (rates, side, profiles, actor, now)
    }
  }

  /// What it did.
  public struct Prepared {
    /// Nil where nothing could be paid: then nothing is written.
    public var batch: Batch?
    public var payouts: [Payout]
    public var leftovers: [Leftover]
    public var folder: PublishedFolder?
  }

  /// Takes every approved item that can be paid into a new batch, and writes its folder.
  ///
  /// - Parameters:
  ///   - isDryRun: Whether nothing is kept in the database; the folder is written all the same.
  ///   - kept: Called when the batch is committed, before anybody can see its folder: writes the anchor.
  public static func prepare(
    _ request: Request, isDryRun: Bool, in reports: String, on store: Store, holding lock: borrowing RunLock, kept: (Connection) throws -> Void
  ) throws -> Prepared {
    var prepared = try store.transaction { connection -> (Store.Ending, Prepared) in
      var readiness = try Readiness(
        on: connection, given: request.rates, side: request.side, hasTagColumn: request.profiles.allSatisfy(\.hasTags), now: request.now)
      let (payouts, leftovers) = try readiness.all()
      var prepared = Prepared(batch: nil, payouts: payouts, leftovers: leftovers, folder: nil)
      if payouts.isEmpty { return (.rollback, prepared) }
      let desk = try PayoutDesk(.prepare, by: request.actor, at: request.now, on: connection)
      prepared.batch = try desk.prepare(payouts, leaving: leftovers, profiles: request.profiles.map(\.rawValue))
      try desk.finish()
      if let batch = prepared.batch {
        let folder = try folder(of: batch, from: connection)
        // One of this name is another ledger's; somebody might upload it for this batch.
        if try folder.exists(in: reports) { throw ReportError.targetExists(path: "\(reports)/payouts/\(batch.id)") }
        if isDryRun { prepared.folder = try folder.publish(in: reports) }
      }
      return (isDryRun ? .rollback : .commit, prepared)
    }
    if !isDryRun, let batch = prepared.batch {
      prepared.folder = try store.read { connection in
        try kept(connection)
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
    let (payouts, leftovers) = (try connection.payouts(of: batch.id), try connection.leftovers(of: batch.id))
    let coins = CoinTable(try connection.settings().operating(at: batch.preparedAt).coins)
    var folder = PayoutFolder(batch: batch.id.description, preparedAt: batch.preparedAt, preparedBy: batch.preparedBy, profiles: batch.profiles)
    folder.anchor = try connection.anchor()?.json
    folder.monero = payouts.filter { $0.route == .monero }.map { row($0, of: batch.id) }
    folder.processor = payouts.filter { $0.route == .processor }.map { row($0, of: batch.id) }
    folder.notReady = leftovers.map {
      NotReadyRow(item: $0.item, orderID: $0.orderID, coin: $0.coin, network: $0.network ?? "", amount: $0.usd, reason: $0.reason)
    }
    folder.totals = totals(payouts, leftovers)
    let outside = payouts.filter { $0.route == .processor }
    for profile in batch.profiles.compactMap(PayoutProfile.init) {
      folder.uploads += profile.files(of: outside.map { upload($0, coins, profile) })
    }
    return folder
  }

  private static func row(_ payout: Payout, of batch: BatchID) -> PayoutRow {
    PayoutRow(
      batch: batch.description, item: payout.item, orderID: payout.orderID, coin: payout.coin, network: payout.network ?? "",
      address: payout.address, tag: payout.tag ?? "", amountCoin: payout.amount.description, amount: payout.usd,
      rate: payout.rate.rate.description, rateQuotedAt: payout.rate.quotedAt, route: payout.route.rawValue)
  }

  private static func upload(_ payout: Payout, _ coins: CoinTable, _ profile: PayoutProfile) -> UploadRow {
    let coin = coins.coin(payout.coin, payout.network)
    let chains = ["Ethereum": "ETH", "Tron": "TRX", "Solana": "SOL"]
    let network = coin.flatMap { $0.isOnOwnChain ? nil : chains[$0.network] ?? $0.network.uppercased() }
    return UploadRow(
      coin: payout.coin, tokenNetwork: network, address: payout.address, tag: payout.tag ?? "",
      amount: payout.amount.truncated(to: profile.mostDecimals).brief, reference: payout.item.description, note: "refund \(payout.item)")
  }

  private static func totals(_ payouts: [Payout], _ leftovers: [Leftover]) -> [PayoutTotalRow] {
    struct Key: Hashable { let route: PayoutRoute, coin: String, network: String }
    var sums: [Key: (count: Int, atomic: UInt128, decimals: Int, usd: Cents)] = [:]
    for payout in payouts {
      let key = Key(route: payout.route, coin: payout.coin, network: payout.network ?? "")
      var sum = sums[key] ?? (0, 0, payout.amount.decimals, .zero)
      sum.count += 1
      sum.atomic += payout.amount.atomic
      sum.usd += payout.usd
      sums[key] = sum
    }
    let ordered = sums.sorted { ($0.key.route.rawValue, $0.key.coin, $0.key.network) < ($1.key.route.rawValue, $1.key.coin, $1.key.network) }
    return ordered.map { key, sum in
      PayoutTotalRow(
        route: key.route.rawValue, coin: key.coin, network: key.network, count: sum.count,
        amountCoin: CoinAmount(atomic: sum.atomic, decimals: sum.decimals).description, amount: sum.usd)
    } + [
      PayoutTotalRow(
        route: "all", coin: "", network: "", count: payouts.count, amountCoin: "", amount: payouts.reduce(.zero) { $0 + $1.usd }),
      PayoutTotalRow(
        route: "not_ready", coin: "", network: "", count: leftovers.count, amountCoin: "", amount: leftovers.reduce(.zero) { $0 + $1.usd }),
    ]
  }
}
