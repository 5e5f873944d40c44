import AuditLog
import Ledger
import ReferenceModel
import RefundPolicy
import Storage

@testable import Night

/// Two products side by side: one looks at affected orders alone, as it does every night, and opens items on sheets where it may; the other decides
/// every order every time, and knows rows alone. Whatever happens, both ledgers are the same.
final class Twins: SimulatedLedger {
  let product: Product
  private let whole: Product

  init() throws { (product, whole) = (try Product(sheetsFrom: 1), try Product()) }

  private struct Differing: Error, CustomStringConvertible {
    let description: String
  }

  private func compare() throws {
    let (affected, all) = (try product.everything(), try whole.everything())
    if affected == all { return }
    let (one, other) = (Set(affected), Set(all))
    let lines =
      affected.filter { !other.contains($0) }.map { "affected orders: \($0)" } + all.filter { !one.contains($0) }.map { "every order:     \($0)" }
    throw Differing(description: lines.prefix(20).joined(separator: "\n"))
  }

  func take(_ world: World) throws {
    try product.take(world)
    try whole.take(world)
  }

  func close(through date: Int) throws {
    try product.close(through: date)
    try whole.closeDecidingEverything(date)
    try compare()
  }

  func rerun(from first: Int, to last: Int) throws -> RerunOutcome {
    let outcome = try product.rerun(from: first, to: last)
    if outcome != .refused { try whole.rerunDecidingEverything(from: first, to: last) }
    try compare()
    return outcome
  }

  func review(_ review: ReferenceModel.Review) throws -> ReferenceModel.ReviewOutcome {
    _ = try whole.review(review)
    return try product.review(review)
  }

  func report(ofRun number: Int) throws -> String? { try product.report(ofRun: number) }
  func items() throws -> [String] { try product.items() }
  func amounts() throws -> [String] { try product.amounts() }
  func exceptions() throws -> [String] { try product.exceptions() }
  func decisions() throws -> [String] { try product.decisions() }
}

extension Product {
  fileprivate func closeDecidingEverything(_ day: Int) throws {
    let date = ServiceDay(ordinal: Int32(day))
    let last = try store.read { try $0.watermark() } ?? date
    let night = Night(
      store, now: max(date, last).end.advanced(bySeconds: 4 * 3600),
      scale: Night.Scale(sheetsFrom: .max, threadsFrom: .max, part: 1, ordersPerLine: 1))
    for date in try night.datesToClose(.through(date)) {
      try store.transaction { (.commit, _ = try night.decide(asOf: date, .everything, on: $0) { _, _ in }) }
    }
  }

  fileprivate func rerunDecidingEverything(from first: Int, to last: Int) throws {
    guard let days = DayRange(ServiceDay(ordinal: Int32(first)), upTo: ServiceDay(ordinal: Int32(last + 1))) else { return }
    try store.transaction { connection in
      guard let watermark = try connection.watermark() else { return (.rollback, ()) }
      let run = try Night(store, now: Instant(seconds: 0)).decide(asOf: watermark, again: days, .everything, on: connection) { _, _ in }
      return (run == nil ? .rollback : .commit, ())
    }
  }
}
