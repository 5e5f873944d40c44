/// What is known of one order, in rows as the files have them; texts lie where they were read.
///
/// An empty text is "none". Rows stand in the order of their keys. Kept, and read into again and again, so that there is room for them.
package struct OrderRows {
  package var order = OrderRow()
  package var periods: [PeriodRow] = []
  /// By period and id.
  package var addons: [AddonRow] = []
  package var usage: [UsageRow] = []
  package var tickets: [TicketRow] = []

  package init() {}

  mutating func clear() {
    order = OrderRow()
    periods.removeAll(keepingCapacity: true)
    usage.removeAll(keepingCapacity: true)
    // Most orders have none: asking is cheaper.
    if !addons.isEmpty { addons.removeAll(keepingCapacity: true) }
    if !tickets.isEmpty { tickets.removeAll(keepingCapacity: true) }
  }
}

/// A row of orders.csv.
package struct OrderRow {
  package var id = ByteText.none
  /// The digits of the number, without its `+`.
  package var line: UInt64 = 0
  package var carrier = ByteText.none
  package var region = ByteText.none
  package var plan = ByteText.none
  /// Instants in seconds.
  package var provisioned: Int64?
  package var activated: Int64?
  package var ended: Int64?
  /// The place of the reason among ``EndReason``'s cases, from 1; 0 is none.
  package var reason: UInt8 = 0
  package var isVoided = false
  package var importID: Int64 = 0
  /// Of the rows of files that last made the order what it is, byte by byte: the same bytes again change nothing. 0: not known.
  var sourceHash: UInt64 = 0

  /// Whether two rows say the same, whichever import brought them.
  func says(_ other: OrderRow) -> Bool {
    line == other.line && carrier == other.carrier && region == other.region && plan == other.plan && provisioned == other.provisioned
      && activated == other.activated && ended == other.ended && reason == other.reason && isVoided == other.isVoided
  }
}

/// A row of periods.csv.
package struct PeriodRow {
  package var id = ByteText.none
  /// Of the id, where the row comes from a file.
  var keyHash: UInt64 = 0
  package var starts: Int32 = 0
  package var ends: Int32 = 0
  package var paid: Int64 = 0
  package var setupFee: Int64 = 0
  package var coin = ByteText.none
  package var network = ByteText.none
  /// Decimal text in one spelling.
  package var amount = ByteText.none
  package var txid = ByteText.none
  package var paidAt: Int64 = 0
  package var isVoided = false
  package var importID: Int64 = 0

  func says(_ other: PeriodRow) -> Bool {
    starts == other.starts && ends == other.ends && paid == other.paid && setupFee == other.setupFee && coin == other.coin
      && network == other.network && amount == other.amount && txid == other.txid && paidAt == other.paidAt && isVoided == other.isVoided
  }
}

/// A row of addons.csv.
package struct AddonRow {
  package var id = ByteText.none
  /// The index of its period.
  package var period = 0
  /// 0 is `ai`, 1 `other`.
  package var category: UInt8 = 0
  package var fee: Int64 = 0
  package var from: Int64?
  package var to: Int64?
  package var isVoided = false
  package var importID: Int64 = 0

  func says(_ other: AddonRow) -> Bool {
    category == other.category && fee == other.fee && from == other.from && to == other.to && isVoided == other.isVoided
  }
}

/// A row of usage.csv.
package struct UsageRow {
  package var day: Int32 = 0
  package var calls: Int64 = 0
  package var sms: Int64 = 0
  package var verifications: Int64 = 0
  package var isVoided = false
  package var importID: Int64 = 0

  func says(_ other: UsageRow) -> Bool {
    calls == other.calls && sms == other.sms && verifications == other.verifications && isVoided == other.isVoided
  }
}

/// A row of restorations.csv.
package struct TicketRow {
  package var id = ByteText.none
  package var opened: Int64 = 0
  package var restored: Int64?
  package var isVoided = false
  package var importID: Int64 = 0

  func says(_ other: TicketRow) -> Bool { opened == other.opened && restored == other.restored && isVoided == other.isVoided }
}
