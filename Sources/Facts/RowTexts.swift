import RefundPolicy

// Rows as files have them, in the order of their tables' columns.

private func instant(_ seconds: Int64?) -> String? { seconds.map { Instant(seconds: $0).description } }
private func dayText(_ ordinal: Int32) -> String { ServiceDay(ordinal: ordinal).description }

extension OrderRow {
  var texts: [String?] {
    [
      id.string, "+\(line)", carrier.string, region.string, plan.string, instant(provisioned), instant(activated), instant(ended),
      endReason?.rawValue,
    ]
  }
}

extension PeriodRow {
  func texts(_ order: ByteText) -> [String?] {
    [
      id.string, order.string, dayText(starts), dayText(ends), Cents(paid).description, Cents(setupFee).description, coin.string, network.optional,
      amount.optional, txid.optional, instant(paidAt),
    ]
  }
}

extension AddonRow {
  func texts(_ period: ByteText) -> [String?] {
    [id.string, period.string, AddonCategory.allCases[Int(category)].rawValue, Cents(fee).description, instant(from), instant(to)]
  }
}

extension UsageRow {
  func texts(_ order: ByteText) -> [String?] { [order.string, dayText(day), "\(calls)", "\(sms)", "\(verifications)"] }
}

extension TicketRow {
  func texts(_ order: ByteText) -> [String?] { [id.string, order.string, instant(opened), instant(restored)] }
}
