import Foundation
import AuditLog
import Ledger
import Night
import ReferenceModel
import RefundPolicy
import Reports
import Storage
import Testing

/// A seller's year from a seed: facts that arrive late and are corrected, nights and missed nights, reruns of any ranges, people who decide right
/// and wrong, reports of the past. After every step the ledger is the model's, and that of a product that decides every order every time; at the
/// end the database agrees with itself.
@Suite struct `a seller's year` {
  static let seedsInAll = ProcessInfo.processInfo.environment["MAKEGOOD_SEEDS"].flatMap { UInt64($0) } ?? 200
  static let first = ProcessInfo.processInfo.environment["MAKEGOOD_FIRST_SEED"].flatMap { UInt64($0) } ?? 1
  static let chunks: [Range<UInt64>] = stride(from: first, through: first + seedsInAll - 1, by: 10).map { $0..<min($0 + 10, first + seedsInAll) }

  /// MAKEGOOD_SEEDS asks for more than CI's 200, MAKEGOOD_FIRST_SEED for others.
  @Test(arguments: chunks) func `leaves the ledger as the model has it, whatever happens in whatever order`(seeds: Range<UInt64>) throws {
    for seed in seeds {
      let twins = try Twins()
      if Simulation(seed: seed).run(on: twins) != nil {
        let failure = try Simulation(seed: seed).failure(on: { try Twins() })
        Issue.record("\(failure?.description ?? "seed \(seed) fails, but not twice")")
        return
      }
      #expect(try twins.product.verify() == [], "seed \(seed)")
    }
  }
}

extension Product: SimulatedLedger {
  func close(through date: Int) throws { _ = try close(date) }

  func rerun(from first: Int, to last: Int) throws -> RerunOutcome {
    guard let days = DayRange(ServiceDay(ordinal: Int32(first)), upTo: ServiceDay(ordinal: Int32(last + 1))) else { return .refused }
    let lock = try RunLock(database: store.path)
    do {
      return try Night(store, now: Instant(seconds: 0)).rerun(days, .kept, holding: lock) { _, _ in }.run == nil ? .unchanged : .changed
    } catch is Night.Refusal {
      return .refused
    }
  }

  func review(_ review: ReferenceModel.Review) throws -> ReferenceModel.ReviewOutcome {
    guard let act = ReviewAct(rawValue: review.decision.rawValue) else { return .refused }
    if act == .reopen && review.rowAmount != nil { return .refused }
    return try store.transaction { connection in
      let ids = try connection.prepare("SELECT item_id FROM (\(Product.allItems)) WHERE period_id = ?1 ORDER BY item_id LIMIT 1 OFFSET ?2")
      try ids.bind(1, review.item.periodID)
      try ids.bind(2, Int64(review.item.number - 1))
      guard review.item.number >= 1, try ids.step() else { return (.rollback, .refused) }
      do {
        let desk = try ReviewDesk(Reviewer(review.name), at: Instant(seconds: 2_000_000_000), on: connection, restating: Reopening.restate)
        let outcome = try desk.decide(
          act, ItemID(ids.int(0)), seen: review.rowAmount.map { SeenItem(amount: Cents(Int64($0))) },
          note: review.note.isEmpty ? nil : review.note, isRepeatable: review.rowAmount != nil)
        try desk.finish()
        if case .unchanged = outcome { return (.rollback, .unchanged) }
        return (.commit, .done)
      } catch is ReviewRefusal {
        return (.rollback, .refused)
      }
    }
  }

  /// The checksums of the run's report files.
  func report(ofRun number: Int) throws -> String? {
    try store.read { connection in
      guard number >= 1, let run = try connection.recordedRun(RunID(Int64(number))) else { return nil }
      let reports = folder.appendingPathComponent("reports-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: reports) }
      func sums(_ folder: String, beside store: Store?) throws -> String {
        let path = reports.appendingPathComponent(folder).path
        let scale = NightReport.Scale(threadsFrom: 1, part: 1)
        let files = try NightReport.write(run, from: connection, in: path, beside: store, scale: scale).files
        return files.map { "\($0.name) \($0.sha256)" }.joined(separator: "\n")
      }
      let alone = try sums("alone", beside: nil)
      // Item by item, or sheet by sheet, on other threads: now and then, for it takes its time.
      if number % 4 != 0 { return alone }
      return try sums("beside", beside: store) == alone ? alone : "other bytes where threads write them"
    }
  }

  func amounts() throws -> [String] {
    try store.read { connection in
      let ids = try connection.prepare("SELECT item_id FROM (\(Product.allItems))")
      var lines: [String] = []
      while try ids.step() {
        guard let item = try connection.item(ItemID(ids.int(0))) else { continue }
        lines.append("\(item.periodID)|\(item.state.rawValue)|\(item.amount)")
      }
      return lines
    }
  }

  func decisions() throws -> [String] {
    let requests = try store.read { connection in
      let rows = try connection.prepare("SELECT DISTINCT request_id FROM request_decisions")
      var requests: [String] = []
      while try rows.step() { requests.append(rows.text(0)) }
      return requests
    }
    return try requests.map { try decision(of: $0) }
  }

  func verify() throws -> [String] {
    let lock = try RunLock(database: store.path)
    return try Verification(of: store, holding: lock).findings.map { "\($0.place): \($0.what)" }
  }
}
