import ReferenceModel
import RefundPolicy

@testable import Facts

/// Orders made up from a seed, with whatever a fact can hold at its extremes.
final class OrderSamples {
  var random: SplitMix64
  private let arena = Arena()
  private static let first1900: Int64 = -2_208_988_800
  private static let last2199: Int64 = 7_258_118_399

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// A text that lives as long as these samples.
  func text(_ string: String) -> ByteText {
    unsafe Array(string.utf8).withUnsafeBufferPointer { unsafe arena.copy(ByteText($0)) }
  }

  private func string(_ letters: [Character], _ length: Int) -> String { String((0..<length).map { _ in random.pick(letters) }) }

  func word() -> ByteText {
    switch random.int(0...9) {
    case 0: text(string(Array("äß漢😀"), 20))
    case 1: text(String(repeating: "w", count: 200))
    case 2...4: text(string(Array("abcdefghij"), 2))
    default: text(random.pick(["Telco", "us-east", "basic", "XMR", "USDT", "Tron"]))
    }
  }

  private func transaction() -> ByteText {
    switch random.int(0...7) {
    case 0: .none
    case 1: text(string(Array("0123456789abcdef"), 63))
    case 2: text(string(Array("0123456789ABCDEF"), 64))
    case 3: text("0x" + string(Array("0123456789abcdef"), 64))
    case 4: text(string(Array("123ABCxyzäN"), 44))
    case 5: text(string(Array("0123456789abcdef"), 200))
    default: text(string(Array("0123456789abcdef"), 64))
    }
  }

  private func instant() -> Int64 {
    switch random.int(0...5) {
    case 0: Self.first1900
    case 1: Self.last2199
    default: 1_767_225_600 + Int64(random.int(-40_000_000...40_000_000))
    }
  }

  private func maybeInstant() -> Int64? { random.chance(40) ? nil : instant() }

  private func amount() -> Int64 { random.pick([0, 1, 999, Cents.greatest.count, Int64(random.int(0...100_000))]) }

  private func count() -> Int64 { random.pick([0, 0, 1, 1_000_000_000, Int64(random.int(0...50))]) }

  private func importID() -> Int64 { Int64(random.pick([1, 2, 127, 128, 5_000_000_000])) }

  /// - Parameter usageDays: How many days of use.
  func order(_ id: String, usageDays: Int? = nil, importID: Int64? = nil) -> OrderRows {
    var file = OrderRows()
    func someImport() -> Int64 { importID ?? self.importID() }
    file.order = OrderRow(
      id: text(id), line: random.pick([1, 12_025_550_101, 999_999_999_999_999]), carrier: word(), region: word(), plan: word(),
      provisioned: maybeInstant(), activated: maybeInstant(), ended: maybeInstant(), reason: UInt8(random.int(0...EndReason.allCases.count)),
      isVoided: random.chance(20), importID: someImport(), sourceHash: random.next())
    for number in 0..<random.pick([0, 1, 1, 2, 5]) {
      let day = Int32(random.pick([-25_567, 20_454, 84_000]))
      file.periods.append(
        PeriodRow(
          id: text(random.chance(5) ? "\(id)-\(number)" + String(repeating: "p", count: 190 - id.utf8.count) : "P-\(id)-\(number)"), starts: day,
          ends: day + Int32(random.pick([1, 31, 365])), paid: amount(), setupFee: amount(), coin: word(), network: random.chance(50) ? .none : word(),
          amount: random.chance(50) ? .none : text(string(Array("123456789"), random.pick([1, 60]))), txid: transaction(), paidAt: instant(),
          isVoided: random.chance(20), importID: someImport()))
      for addon in 0..<random.pick([0, 0, 1, 3]) {
        file.addons.append(
          AddonRow(
            id: text("A-\(id)-\(number)-\(addon)"), period: number, category: UInt8(random.int(0...1)), fee: amount(), from: maybeInstant(),
            to: maybeInstant(), isVoided: random.chance(20), importID: someImport()))
      }
    }
    var day = Int32(random.pick([-25_567, 20_300, 20_500]))
    for _ in 0..<(usageDays ?? random.pick([0, 0, 3, 31, 400])) {
      day += Int32(random.pick([1, 1, 1, 100]))
      file.usage.append(
        UsageRow(day: day, calls: count(), sms: count(), verifications: count(), isVoided: random.chance(20), importID: someImport()))
    }
    for number in 0..<random.pick([0, 0, 0, 1, 4]) {
      file.tickets.append(
        TicketRow(
          id: text("T-\(id)-\(number)"), opened: instant(), restored: maybeInstant(), isVoided: random.chance(20), importID: someImport()))
    }
    return file
  }
}

extension OrderSamples {
  /// An order of which some fit into a patch.
  func small(_ id: String, importID: Int64? = nil) -> OrderRows {
    while true {
      let file = order(id, usageDays: 1, importID: importID)
      if file.periods.count <= 1, file.order.plan.count < 50, file.order.carrier.count < 50, file.order.region.count < 50,
        file.periods.allSatisfy({ $0.id.count < 50 && $0.txid.count <= 66 && $0.coin.count < 50 && $0.network.count < 50 })
      {
        return file
      }
    }
  }
}

extension OrderRows {
  /// Everything that is in it, to be compared.
  var lines: [String] {
    func text(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "-" }
    var lines = [
      "order \(order.id.string) \(order.line) \(order.carrier.string) \(order.region.string) \(order.plan.string) \(text(order.provisioned)) "
        + "\(text(order.activated)) \(text(order.ended)) \(order.reason) \(order.isVoided) \(order.importID) \(order.sourceHash)"
    ]
    for row in periods {
      lines.append(
        "period \(row.id.string) \(row.starts) \(row.ends) \(row.paid) \(row.setupFee) \(row.coin.string) \(text(row.network.optional)) "
          + "\(text(row.amount.optional)) \(text(row.txid.optional)) \(row.paidAt) \(row.isVoided) \(row.importID)")
    }
    for row in addons {
      lines.append(
        "addon \(row.id.string) \(row.period) \(row.category) \(row.fee) \(text(row.from)) \(text(row.to)) \(row.isVoided) \(row.importID)")
    }
    for row in usage { lines.append("usage \(row.day) \(row.calls) \(row.sms) \(row.verifications) \(row.isVoided) \(row.importID)") }
    for row in tickets { lines.append("ticket \(row.id.string) \(row.opened) \(text(row.restored)) \(row.isVoided) \(row.importID)") }
    return lines
  }
}

/// The orders of a block and its patch, each as its lines, and whether something did not fit.
func readBlock(_ bytes: [UInt8], patch: [UInt8] = []) -> (orders: [[String]], isBroken: Bool) {
  withReader(bytes, patch) { reader in
    guard let reader else { return ([], true) }
    var file = OrderRows()
    var orders: [[String]] = []
    while reader.next() {
      reader.read(into: &file)
      orders.append(file.lines)
    }
    return (orders, reader.isBroken)
  }
}

/// Calls `body` with a reader of a block and its patch; nil where they cannot be opened.
func withReader<Result>(_ bytes: [UInt8], _ patch: [UInt8], _ body: (BlockReader?) throws -> Result) rethrows -> Result {
  unsafe try bytes.withUnsafeBufferPointer { bytes in
    unsafe try patch.withUnsafeBufferPointer { patch in
      let reader = BlockReader()
      return try body(unsafe reader.open(bytes, patch: patch) ? reader : nil)
    }
  }
}
