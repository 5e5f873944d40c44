/// What is known of one order, in rows as the files have them; texts lie where they were read.
///
/// An empty text is "none". Rows stand in the order of their keys. Kept, and read into again and again, so that there is room for them.
public struct OrderRows {
  public var order = OrderRow()
  public var periods: [PeriodRow] = []
  /// By period and id.
  public var addons: [AddonRow] = []
  public var usage: [UsageRow] = []
  public var tickets: [TicketRow] = []

  public init() {}

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
public struct OrderRow {
  public var id = ByteText.none
  /// The digits of the number, without its `+`.
  public var line: UInt64 = 0
  public var carrier = ByteText.none
  public var region = ByteText.none
  public var plan = ByteText.none
  /// Instants in seconds.
  public var provisioned: Int64?
  public var activated: Int64?
  public var ended: Int64?
  /// The place of the reason among ``EndReason``'s cases, from 1; 0 is none.
  public var reason: UInt8 = 0
  public var isVoided = false
  public var importID: Int64 = 0
  /// Of the rows of files that last made the order what it is, byte by byte: the same bytes again change nothing. 0: not known.
  var sourceHash: UInt64 = 0

  /// Whether two rows say the same, whichever import brought them.
  func says(_ other: OrderRow) -> Bool {
    line == other.line && carrier == other.carrier && region == other.region && plan == other.plan && provisioned == other.provisioned
      && activated == other.activated && ended == other.ended && reason == other.reason && isVoided == other.isVoided
  }
}

/// A row of periods.csv.
public struct PeriodRow {
  public var id = ByteText.none
  /// Of the id, where the row comes from a file.
  var keyHash: UInt64 = 0
  public var starts: Int32 = 0
  public var ends: Int32 = 0
  public var paid: Int64 = 0
  public var setupFee: Int64 = 0
  public var coin = ByteText.none
  public var network = ByteText.none
  /// Decimal text in one spelling.
  public var amount = ByteText.none
  public var txid = ByteText.none
  public var paidAt: Int64 = 0
  public var isVoided = false
  public var importID: Int64 = 0

  func says(_ other: PeriodRow) -> Bool {
    starts == other.starts && ends == other.ends && paid == other.paid && setupFee == other.setupFee && coin == other.coin
      && network == other.network && amount == other.amount && txid == other.txid && paidAt == other.paidAt && isVoided == other.isVoided
  }
}

/// A row of addons.csv.
public struct AddonRow {
  public var id = ByteText.none
  /// The index of its period.
  public var period = 0
  /// 0 is `ai`, 1 `other`.
  public var category: UInt8 = 0
  public var fee: Int64 = 0
  public var from: Int64?
  public var to: Int64?
  public var isVoided = false
  public var importID: Int64 = 0

  func says(_ other: AddonRow) -> Bool {
    category == other.category && fee == other.fee && from == other.from && to == other.to && isVoided == other.isVoided
  }
}

/// A row of usage.csv.
public struct UsageRow {
  public var day: Int32 = 0
  public var calls: Int64 = 0
  public var sms: Int64 = 0
  public var verifications: Int64 = 0
  public var isVoided = false
  public var importID: Int64 = 0

  func says(_ other: UsageRow) -> Bool {
    calls == other.calls && sms == other.sms && verifications == other.verifications && isVoided == other.isVoided
  }
}

/// A row of restorations.csv.
public struct TicketRow {
  public var id = ByteText.none
  public var opened: Int64 = 0
  public var restored: Int64?
  public var isVoided = false
  public var importID: Int64 = 0

  func says(_ other: TicketRow) -> Bool { opened == other.opened && restored == other.restored && isVoided == other.isVoided }
}
