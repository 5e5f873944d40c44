import Foundation
import ReferenceModel
import Testing

/// The product against the slow model that was written from the policy by somebody who had not seen it, on random facts dense in edges.
@Suite struct `the product and the reference model` {
  /// MAKEGOOD_SEEDS asks for more seeds than CI takes.
  static let seedsInAll = ProcessInfo.processInfo.environment["MAKEGOOD_SEEDS"].flatMap { UInt64($0) } ?? 1_000
  static let chunks: [Range<UInt64>] = stride(from: 1, through: seedsInAll, by: 50).map { $0..<min($0 + 50, seedsInAll + 1) }
  static let orders = 8
  /// The dates that are closed: in the middle of the facts, and days later.
  static func dates(_ seed: UInt64) -> [Int] {
    var random = SplitMix64(seed: seed &* 7919)
    let first = dayOrdinal(2026, 1, 1) + random.int(20...60)
    return (0..<random.int(1...6)).map { first + $0 }
  }

  private func differences(_ product: Product, _ model: ModelLedger) throws -> [String] {
    var found: [String] = []
    let (ours, theirs) = (try product.items(), model.stretchLines())
    found += ours.filter { !theirs.contains($0) }.map { "product: \($0)" } + theirs.filter { !ours.contains($0) }.map { "model:   \($0)" }
    let (flags, doubts) = (try product.doubts(), model.doubtLines())
    found += flags.filter { !doubts.contains($0) }.map { "product: \($0)" } + doubts.filter { !flags.contains($0) }.map { "model:   \($0)" }
    let (problems, expected) = (try product.exceptions(), model.canonicalExceptions().filter { !$0.hasSuffix("|0.00") || !$0.hasPrefix("not_owed") })
    found += problems.filter { !expected.contains($0) }.map { "product: \($0)" }
    found += expected.filter { !problems.contains($0) }.map { "model:   \($0)" }
    for line in model.canonicalDecisions() {
      let request = String(line.prefix { $0 != "|" })
      let told = try product.decision(of: request)
      if told != line { found += ["product: \(told)", "model:   \(line)"] }
    }
    return found
  }

  @Test(arguments: chunks) func `agree to the cent, day, cause and decision, night after night`(seeds: Range<UInt64>) throws {
    for seed in seeds {
      let world = randomWorld(seed: seed, orders: Self.orders)
      let product = try Product()
      try product.take(world)
      var model = ModelLedger()
      for date in Self.dates(seed) {
        try product.close(date)
        model.night(world, closing: date)
        let differences = try differences(product, model)
        #expect(differences == [], "seed \(seed), closing \(dayText(date))")
        if !differences.isEmpty { return }
      }
    }
  }
}
