import AuditLog
import Facts
import Foundation
import Ledger
import Night
import RefundPolicy
import ReferenceModel
import Storage

/// The product on a database of its own, driven like the reference model: facts in, dates closed, the ledger read back in the model's words.
final class Product {
  let folder: URL
  let store: Store
  private let scale: Night.Scale
  private var callCount = 0

  /// - Parameter sheetsFrom: The number of items from which a nightly opens them on sheets; one puts every item there that may stand there. Then the
  ///   orders of a line with records are looked up, too. Without sheets every order is passed by, and other threads read the blocks, each by itself.
  init(sheetsFrom: Int = .max) throws {
    let isPlain = sheetsFrom == .max
    scale = Night.Scale(sheetsFrom: sheetsFrom, threadsFrom: isPlain ? 1 : .max, part: 1, ordersPerLine: isPlain ? 1_000_000 : 1)
    // In memory where there is such a folder: what a disk keeps is not tested here, and thousands of databases are made.
    let memory = URL(fileURLWithPath: "/dev/shm")
    let parent = FileManager.default.isWritableFile(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
    folder = parent.appendingPathComponent("makegood-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    store = try Store.made(
      at: folder.appendingPathComponent("makegood.db").path,
      migrations: [AuditSchema.migration] + FactSchema.migrations + LedgerSchema.migrations + [PayoutSchema.migration])
    try store.transaction { (.commit, try $0.stampOrigin(LedgerOrigin(madeAt: Instant(seconds: 0), clock: .real, at: ""))) }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func take(_ world: World) throws {
    callCount += 1
    let facts = folder.appendingPathComponent("facts-\(callCount)")
    try FileManager.default.createDirectory(at: facts, withIntermediateDirectories: true)
    for (name, text) in world.csvFiles() {
      // Every other time as the panel's export jobs write them, sorted: the quick import takes them then.
      try Data((callCount % 2 == 0 ? sorted(text) : text).utf8).write(to: facts.appendingPathComponent(name))
    }
    let lock = try RunLock(database: store.path)
    _ = try Facts.Import([.path(facts.path)], rejects: nil, now: Instant(seconds: Int64(world.importedAt))).run(on: store, holding: lock)
    try store.transaction { connection in
      let known = try connection.settings().sets.map(\.effectiveFrom.seconds)
      for settings in world.settings where !known.contains(Int64(settings.effectiveFrom)) {
        let policy = PolicyNumbers(
          windowDays: settings.windowDays, outageOverHours: settings.outageOverHours,
          troubleshootingOverHours: settings.troubleshootingOverHours, featureOverDays: settings.featureOverDays)
        var operating = OperatingNumbers()
        operating.secondApproval = Cents(Int64(settings.secondApprovalCents))
        operating.faultOpenMaxDays = settings.faultOpenMaxDays
        try connection.add(
          SettingsSet(effectiveFrom: Instant(seconds: Int64(settings.effectiveFrom)), policy: policy, operating: operating),
          SettingsRecord.Said(at: Instant(seconds: 0), by: "ann", note: "late", rewritesHistory: true))
      }
      return (.commit, ())
    }
  }

  /// The rows by their order.
  private func sorted(_ text: String) -> String {
    let lines = text.split(separator: "\n")
    guard let place = lines.first?.split(separator: ",").firstIndex(of: "order_id") else { return text }
    func order(_ line: Substring) -> Substring { line.split(separator: ",", omittingEmptySubsequences: false)[place] }
    let rows = lines.dropFirst().sorted { order($0).utf8.lexicographicallyPrecedes(order($1).utf8) }
    return (lines.prefix(1) + rows).map { $0 + "\n" }.joined()
  }

  /// Closes every date up to `day`, as `run --date` does. Where a later one is closed the clock jumps back first, and nothing may happen (G7).
  @discardableResult
  func close(_ day: Int) throws -> [RecordedRun] {
    let date = ServiceDay(ordinal: Int32(day))
    let morning = date.end.advanced(bySeconds: 4 * 3600)
    let lock = try RunLock(database: store.path)
    let last = try store.read { try $0.watermark() } ?? date
    if last > date {
      do {
        _ = try Night(store, now: morning, scale: scale).datesToClose(day % 2 == 0 ? .upToYesterday : .through(date))
        throw ClockBelieved(day: date)
      } catch Night.Refusal.clockBehind(let today, last) where today == morning.day {}
    }
    let night = Night(store, now: max(date, last).end.advanced(bySeconds: 4 * 3600), scale: scale)
    return try night.close(try night.datesToClose(.through(date)), .kept, holding: lock) { _, _ in }
  }

  struct ClockBelieved: Error { let day: ServiceDay }

  /// Items in rows and on sheets.
  static let allItems =
    "SELECT item_id, period_id FROM items UNION SELECT e.value ->> 0, e.value ->> 2 FROM sheets JOIN json_each(sheets.items) AS e ON e.key < item_count"

  /// `period|state|first..last=cents:cause:evidence,…`
  func items() throws -> [String] {
    try store.read { connection in
      var lines: [String] = []
      let ids = try connection.prepare("SELECT item_id FROM (\(Product.allItems)) ORDER BY item_id")
      while try ids.step() {
        guard let item = try connection.item(ItemID(ids.int(0))) else { continue }
        let days = try connection.stretches(of: item).joined.map { stretch in
          "\(stretch.days.first)..\(stretch.days.last)=\(stretch.amount.count):\(stretch.cause.name):\(stretch.evidence)"
        }
        lines.append("\(item.periodID)|\(item.state.rawValue)|\(item.state == .withdrawn ? "" : days.joined(separator: ","))")
      }
      return lines.sorted()
    }
  }

  /// `period|flags`, a line for each undecided item: those of its flags that G8 gives.
  func doubts() throws -> [String] {
    try store.read { connection in
      var lines: [String] = []
      try connection.eachUndecided { entry in
        let flags = entry.item.flags.intersection([.openLong, .usedDuringFault]).flags.map(\.rawValue)
        lines.append("\(entry.item.periodID)|\(flags.joined(separator: "+"))")
      }
      return lines
    }
  }

  func exceptions() throws -> [String] {
    try store.read { connection in
      var lines: [String] = []
      guard let run = try connection.lastRun() else { return [] }
      try connection.eachException(asOf: run) { exception in
        let subject = exception.periodID ?? exception.subject
        lines.append("\(exception.kind.rawValue)|\(subject)|\(exception.amount)")
      }
      return lines.sorted()
    }
  }

  /// `request|decision|clause|order` of what each request was told last.
  func decision(of requestID: String) throws -> String {
    try store.read { connection in
      guard let last = try connection.decisions(ofRequest: requestID).last?.decision else { return "\(requestID)|none" }
      return "\(requestID)|\(last.verdict.rawValue)|\(last.clause.rawValue)|\(last.orderID ?? "")"
    }
  }
}
