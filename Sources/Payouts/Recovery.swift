import Foundation
import Hashing
public import Ledger
public import RefundPolicy
public import Storage

/// Brings a ledger that was restored from a backup up to what it did before: published batches and the transactions in them are taken back from their
/// folders, and the anchors are accepted when nothing is left that may have been paid unknown to the ledger.
public struct Recovery {
  /// What was asked for.
  public struct Request: Sendable {
    public var actor: String
    public var now: Instant
    public var note: String?
    /// Batches of which nothing was paid or will be.
    public var void: [BatchID]
    /// Hashes of transfers of the wallet that paid nothing of this ledger.
    public var others: [String]

    public init(actor: String, now: Instant, note: String?, void: [BatchID] = [], others: [String] = []) {
      (self.actor, self.now, self.note, self.void, self.others) = (actor, now, note, void, others)
    }
  }

  /// The seller's wallet and a node, where transactions are to be taken back of which no file tells.
  public struct Chain {
    let wallet: any MoneroWallet
    let daemon: any MoneroDaemon

    public init(_ wallet: any MoneroWallet, _ daemon: any MoneroDaemon) { (self.wallet, self.daemon) = (wallet, daemon) }
  }

  /// What keeps the ledger from paying still.
  public enum Problem: Hashable, Sendable {
    case payout(BatchID, TakeBackProblem)
    /// The folder of a batch cannot be used.
    case folder(BatchID, path: String, why: String)
    /// The file of a transaction names none.
    case transaction(BatchID, path: String)
    /// An anchor tells of a batch whose folder is not there.
    case noFolder(BatchID, path: String)
    /// The batch to be void is one that this ledger knows.
    case isKnown(BatchID)
    /// Neither a folder nor an anchor tells of the batch to be void.
    case isUnheardOf(BatchID)
    /// An attempt of this ledger made the transfer.
    case isAttempt(String)
    /// The wallet sent to where a payment goes, and it is not just that payment: a person has to say what it is.
    case unexplained(UnexplainedTransfer)
    /// It needs a word from a person.
    case needsNote(Anchors.Fault)
  }

  public private(set) var takenBack: [(batch: BatchID, payouts: Int)] = []
  public private(set) var transactions: [(batch: BatchID, hash: String)] = []
  public private(set) var voided: [BatchID] = []
  public private(set) var others: [String] = []
  public private(set) var accepted: [String] = []
  /// What the anchors know and this ledger does not: to be imported, run or decided again.
  public private(set) var missing: (imports: Int64, runs: Int64, reviews: Int64) = (0, 0, 0)
  public private(set) var problems: [Problem] = []

  /// What is being taken back.
  private var current = (batch: BatchID(1), path: "")
  private let request: Request
  private let reports: String

  /// Does all that can be done of what files tell, in one transaction; then, where there is a wallet, of what it has sent, in another.
  ///
  /// - Throws: ``StorageError``; ``MoneroError`` where wallet or node do not answer: what files tell is taken back then.
  public init(_ request: Request, asking chain: Chain? = nil, reports: String, on store: Store, holding lock: borrowing RunLock) throws {
    (self.request, self.reports) = (request, reports)
    do {
      try run(store)
      if let chain, problems.isEmpty { try takeBackTransfers(chain, store) }
    } catch StorageError.refused(let why) {
      // All or nothing: what does not fit the tables may be anything.
      (takenBack, transactions, voided, others, accepted) = ([], [], [], [], [])
      problems = [.folder(current.batch, path: current.path, why: "the database refuses it: \(why)")]
    }
  }

  private mutating func run(_ store: Store) throws {
    try store.transaction { connection -> (Store.Ending, Void) in
      let desk = try PayoutDesk(.recover, by: request.actor, at: request.now, on: connection)
      try takeBackAll(desk, connection)
      if takenBack.isEmpty && transactions.isEmpty && voided.isEmpty && others.isEmpty && accepted.isEmpty { return (.rollback, ()) }
      try desk.finish()
      return (.commit, ())
    }
  }

  private mutating func takeBackAll(_ desk: PayoutDesk, _ connection: Connection) throws {
    let faults = request.void.isEmpty ? [] : try Anchors.faults(reports, connection)
    for batch in request.void {
      let isHeardOf = faults.contains { fault in
        switch fault {
        case .unknownBatch(let unknown, _): unknown == batch
        case .newer(_, let anchor, _), .forked(_, let anchor, _): batch.number <= anchor.batch
        case .foreign, .unreadable: false
        }
      }
      if try connection.knows(batch) {
        problems.append(.isKnown(batch))
      } else if !isHeardOf {
        problems.append(.isUnheardOf(batch))
      } else {
        try desk.void(batch, note: request.note ?? "")
        voided.append(batch)
      }
    }
    for hash in request.others {
      if try connection.isAttempt(transfer: hash) {
        problems.append(.isAttempt(hash))
      } else {
        try desk.note(otherTransfer: hash, note: request.note ?? "")
        others.append(hash)
      }
    }
    // What was asked for is done as a whole or not at all.
    if !problems.isEmpty { return (voided, others) = ([], []) }
    for case .unknownBatch(let batch, let path) in try Anchors.faults(reports, connection) { try takeBack(batch, path, desk) }
    for folder in try Anchors.folders(reports, connection) {
      for name in try DurableFile.names(in: "\(folder)/payouts") ?? [] {
        guard let batch = BatchID(name), batch.description == name, try connection.batch(batch) != nil else { continue }
        try takeBackTransactions(of: batch, "\(folder)/payouts/\(name)", desk)
      }
    }
    if problems.isEmpty { try acceptAnchors(desk, connection) }
  }

  private mutating func takeBack(_ batch: BatchID, _ path: String, _ desk: PayoutDesk) throws {
    current = (batch, path)
    let text: String
    do {
      guard let found = try DurableFile.read("\(path)/batch.json", atMost: 1 << 28) else {
        return problems.append(.folder(batch, path: path, why: "there is no batch.json in it"))
      }
      guard try Recovery.isListed("batch.json", found, in: path) else {
        return problems.append(.folder(batch, path: path, why: "batch.json is not as it was written, by SHA256SUMS"))
      }
      text = found
    } catch StorageError.inputOutput(let path, let why) {
      return problems.append(.folder(batch, path: path, why: why))
    }
    let (payouts, found) = try desk.takeBack(batch, from: text)
    if found.isEmpty { takenBack.append((batch, payouts.count)) }
    problems += found.map { .payout(batch, $0) }
  }

  private mutating func takeBackTransactions(of batch: BatchID, _ path: String, _ desk: PayoutDesk) throws {
    for name in try DurableFile.names(in: path) ?? [] where name.hasPrefix("transaction-") && name.hasSuffix(".json") {
      guard let text = try DurableFile.read("\(path)/\(name)", atMost: 1 << 26) else { continue }
      current = (batch, "\(path)/\(name)")
      guard let (hash, isNew) = try desk.takeBackTransaction(from: text) else {
        problems.append(.transaction(batch, path: current.path))
        continue
      }
      if isNew { transactions.append((batch, hash)) }
    }
  }

  /// Takes back what the wallet has sent to pay just what is prepared, and names what may have paid it otherwise.
  private mutating func takeBackTransfers(_ chain: Chain, _ store: Store) throws {
    try chain.wallet.refresh()
    let transfers = try chain.wallet.outgoing()
    let (unknown, batches) = try store.read { (try WalletHistory.unexplained(transfers, $0), try $0.batchesOfMonero()) }
    if unknown.isEmpty { return }
    try store.transaction { connection -> (Store.Ending, Void) in
      if try !connection.openAttempts().contains(where: { $0.built == nil }) { return (.rollback, ()) }
      let desk = try PayoutDesk(.recover, by: request.actor, at: request.now, on: connection)
      try desk.noteUnbuiltDead()
      try desk.finish()
      return (.commit, ())
    }
    var unexplained: [OutgoingTransfer] = []
    for transfer in unknown {
      var isTaken = false
      for batch in batches where !isTaken {
        let payments = try store.read { try $0.unattempted(of: batch) }
        guard let made = WalletHistory.payments(madeBy: transfer, among: payments), let built = try chain.transaction(of: transfer) else { continue }
        try store.transaction { connection -> (Store.Ending, Void) in
          let desk = try PayoutDesk(.recover, by: request.actor, at: request.now, on: connection)
          try desk.takeBack(built, paying: made, of: batch)
          try desk.finish()
          return (.commit, ())
        }
        transactions.append((batch, transfer.hash))
        isTaken = true
      }
      if !isTaken { unexplained.append(transfer) }
    }
    let left = try store.read { connection in try batches.flatMap { try connection.unattempted(of: $0) } }
    problems += WalletHistory.suspects(unexplained, of: left).map(Problem.unexplained)
  }

  private mutating func acceptAnchors(_ desk: PayoutDesk, _ connection: Connection) throws {
    let own = try connection.anchor()
    let faults = try Anchors.faults(reports, connection)
    for fault in faults {
      switch fault {
      case .newer(let path, let anchor, _), .forked(let path, let anchor, _):
        for number in 1..<max(anchor.batch + 1, 1) where try !connection.knows(BatchID(number)) {
          let problem = Problem.noFolder(BatchID(number), path: path)
          if !problems.contains(problem) { problems.append(problem) }
        }
        missing.imports = max(missing.imports, anchor.imported - (own?.imported ?? 0))
        missing.runs = max(missing.runs, anchor.run - (own?.run ?? 0))
        missing.reviews = max(missing.reviews, anchor.review - (own?.review ?? 0))
      case .foreign, .unreadable: if request.note == nil { problems.append(.needsNote(fault)) }
      case .unknownBatch(let batch, let path): problems.append(.folder(batch, path: path, why: "it was not taken back"))
      }
    }
    if !problems.isEmpty { return }
    for fault in faults {
      switch fault {
      case .newer(let path, let anchor, _), .forked(let path, let anchor, _), .foreign(let path, let anchor):
        try desk.accept(anchor, note: request.note)
        accepted.append(path)
      case .unreadable(let path, _):
        let text = (try? DurableFile.read(path)) ?? nil
        guard try Recovery.putAside(path) else { return problems.append(.needsNote(fault)) }
        try desk.accept(unreadable: text ?? path, note: request.note ?? "")
        accepted.append(path)
      case .unknownBatch: break
      }
    }
  }

  /// Whether a file is as its folder's checksums tell it.
  private static func isListed(_ name: String, _ text: String, in folder: String) throws -> Bool {
    let sums = try DurableFile.read("\(folder)/SHA256SUMS") ?? ""
    return sums.split(separator: "\n").contains("\(SHA256.hash(Array(text.utf8)).hexadecimal)  \(name)")
  }

  /// Gives an anchor that cannot be read another name.
  private static func putAside(_ path: String) throws -> Bool {
    guard path.hasSuffix("/" + Anchors.fileName) else { return false }
    for number in 1...999 where try DurableFile.read("\(path).damaged-\(number)") == nil {
      return unsafe rename(path, "\(path).damaged-\(number)") == 0
    }
    return false
  }
}

extension Recovery.Chain {
  /// What is kept of a transaction; nil where the wallet has no key of it or the chain does not have it: then nothing could prove it.
  fileprivate func transaction(of transfer: OutgoingTransfer) throws -> BuiltTransaction? {
    guard let key = try wallet.key(of: transfer.hash), let found = try daemon.contents(of: transfer.hash), !found.keyImages.isEmpty else {
      return nil
    }
    return BuiltTransaction(
      hash: transfer.hash, metadata: nil, blob: found.blob, key: key, keyImages: found.keyImages, fee: transfer.fee)
  }
}
