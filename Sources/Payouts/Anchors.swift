public import Ledger
public import Storage

/// The anchors of a ledger: files beside its reports and in its batch folders that say how far it had come. By them a ledger that was restored from
/// a backup is recognised before it pays anything a second time (contract 8).
public struct Anchors: Sendable {
  public static let fileName = "anchor.json"

  /// What an anchor, or a published batch, says against this ledger. Nothing is prepared or sent while there is any.
  public enum Fault: Hashable, Sendable {
    /// The anchor was written after this ledger's last act.
    case newer(path: String, anchor: Anchor, own: Anchor?)
    /// The ledger went on otherwise than the one that wrote the anchor.
    case forked(path: String, anchor: Anchor, own: Anchor?)
    /// Another ledger writes there.
    case foreign(path: String, anchor: Anchor)
    /// Nobody can say what it told.
    case unreadable(path: String, why: String)
    /// The folder of a batch that this ledger has not prepared.
    case unknownBatch(BatchID, path: String)
  }

  /// The name of a transaction's file in its batch's folder.
  static func transaction(_ attempt: Int64) -> String { "transaction-\(attempt).json" }

  /// Every fault that was found, those of whole folders of reports first.
  public private(set) var faults: [Fault] = []
  private let store: Store
  /// The folder that was asked for.
  private let asked: String

  /// Looks at every anchor that there is.
  ///
  /// - Parameter reports: The folder of reports; it need not be there.
  /// - Throws: ``StorageError`` where the database cannot be read.
  public init(reports: String, of store: Store) throws {
    (self.store, asked) = (store, reports)
    faults = try store.read { try Anchors.faults(reports, $0) }
  }

  /// The folder that was asked for, and those that the ledger has written to before.
  static func folders(_ reports: String, _ connection: Connection) throws -> [String] {
    let real = (try? DurableFile.realPath(reports)) ?? nil
    // Named as it was asked for, where it is the same.
    return try [reports] + connection.reportFolders().filter { $0 != real && $0 != reports }
  }

  static func faults(_ reports: String, _ connection: Connection) throws -> [Fault] {
    let folders = try folders(reports, connection)
    return try folders.flatMap { try faults(in: $0, connection) } + folders.flatMap { try batchFaults(in: $0, connection) }
  }

  private static func faults(in folder: String, _ connection: Connection) throws -> [Fault] {
    try fault(of: "\(folder)/\(fileName)", connection).map { [$0] } ?? []
  }

  private static func fault(of path: String, _ connection: Connection) throws -> Fault? {
    let text: String?
    do throws(StorageError) { text = try DurableFile.read(path) } catch {
      if case .inputOutput(_, let why) = error { return .unreadable(path: path, why: why) }
      throw error
    }
    guard let text else { return nil }
    guard let anchor = Anchor(json: text) else { return .unreadable(path: path, why: "it is damaged") }
    switch try connection.standing(of: anchor) {
    case .known: return nil
    case .newer: return .newer(path: path, anchor: anchor, own: try connection.anchor())
    case .forked: return .forked(path: path, anchor: anchor, own: try connection.anchor())
    case .foreign: return .foreign(path: path, anchor: anchor)
    }
  }

  private static func batchFaults(in folder: String, _ connection: Connection) throws -> [Fault] {
    let payouts = "\(folder)/payouts"
    let names: [String]
    do throws(StorageError) { names = try DurableFile.names(in: payouts) ?? [] } catch {
      if case .inputOutput(_, let why) = error { return [.unreadable(path: payouts, why: why)] }
      throw error
    }
    return try names.compactMap { name in
      guard name.hasPrefix("B"), let batch = BatchID(name), batch.description == name else { return nil }
      let path = "\(payouts)/\(name)"
      if try !connection.knows(batch) { return .unknownBatch(batch, path: path) }
      return try fault(of: "\(path)/\(fileName)", connection)
    }
  }

  /// Writes how far the ledger has come, after something was committed and before anything outside of it follows from that.
  ///
  /// Nothing is written while there are faults: what the anchors tell is still needed. It goes into the folder that was asked for alone (a copy of a
  /// ledger is tried out elsewhere), and where that is not there yet nothing is published from it either.
  ///
  /// The batches of the last act of payouts get it too.
  ///
  /// - Parameter connection: Of the store, outside of a transaction.
  /// - Returns: Whether the folder is there.
  /// - Throws: ``StorageError``.
  @discardableResult
  public func write(on connection: Connection) throws -> Bool {
    guard let real = try DurableFile.realPath(asked), try DurableFile.isFolder(real) else { return false }
    guard faults.isEmpty, let anchor = try connection.anchor() else { return true }
    try DurableFile.write(anchor.json, to: "\(real)/\(Anchors.fileName)")
    for (attempt, batch) in try connection.attemptsBuiltByLastAct() {
      // Before it is relayed: a ledger restored from a backup finds it there, and relays the same instead of another.
      let text = "{\n  \"rows\": \(try connection.storedRows(ofAttempt: attempt))\n}\n"
      try DurableFile.write(text, to: "\(real)/payouts/\(batch)/\(Anchors.transaction(attempt))")
    }
    for batch in try connection.batchesOfLastAct() where try DurableFile.isFolder("\(real)/payouts/\(batch)") {
      try DurableFile.write(anchor.json, to: "\(real)/payouts/\(batch)/\(Anchors.fileName)")
    }
    try connection.note(reportFolder: real)
    return true
  }

  /// Writes what a crash kept from being written; nothing where the anchor is as it should be.
  public func catchUp() throws {
    try store.read { connection in
      guard faults.isEmpty, let anchor = try connection.anchor(), try DurableFile.isFolder(asked),
        try DurableFile.read("\(asked)/\(Anchors.fileName)") != anchor.json
      else { return }
      try write(on: connection)
    }
  }

  /// The same as ``write(on:)`` where no connection is at hand.
  @discardableResult
  public func write() throws -> Bool { try store.read { try write(on: $0) } }
}
