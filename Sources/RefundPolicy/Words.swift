/// The words that the reports, the review and the ledger share. A raw value is the word as it stands in the reports.

/// Where a refund item stands: the column `state`.
public enum ItemState: String, Hashable, Sendable, CaseIterable {
  case pending, held, approved, rejected, withdrawn, prepared, sent, paid

  /// Whether runs still restate it.
  public var isUndecided: Bool { self == .pending || self == .held }

  /// Whether its days are spent: approved or paid.
  public var isCommitted: Bool {
    switch self {
    case .approved, .prepared, .sent, .paid: true
    case .pending, .held, .rejected, .withdrawn: false
    }
  }

  /// Whether it is approved and the money has not arrived yet.
  public var isUnpaid: Bool {
    switch self {
    case .approved, .prepared, .sent: true
    case .pending, .held, .rejected, .withdrawn, .paid: false
    }
  }
}

/// What a reviewer should know of an item: the column `flags`. Cases stand in the order of their words.
public enum ItemFlag: String, Hashable, Sendable, CaseIterable {
  /// D2: a person corrected the amount beyond the policy.
  case corrected
  /// G5: a fact took back an end, and what that made automatic waits for a person.
  case endTakenBack = "end_taken_back"
  case faultOpen = "fault_open"
  case invalidAddress = "invalid_address"
  /// W3: the request came after the window of a line that was never activated had closed.
  case lateRequest = "late_request"
  /// Q4: a later request gives another address than the one that the approved item keeps.
  case newerAddress = "newer_address"
  case nightLimit = "night_limit"
  case noAddress = "no_address"
  /// G1: one person approved it; another one must.
  case oneApproval = "one_approval"
  /// G8: a fault behind it has been open for longer than `fault_open_max_days`.
  case openLong = "open_long"
  case overdue
  case secondApproval = "second_approval"
  /// Q4: a valid address came after two people had approved it (G1): one of them must confirm it.
  case unconfirmedAddress = "unconfirmed_address"
  /// G4: usage is not known through the day of the request yet.
  case usageMissing = "usage_missing"
  /// G8: the line was used during a fault behind it.
  case usedDuringFault = "used_during_fault"
  case verificationUsed = "verification_used"
}

/// What only a person can settle: the column `kind`. Cases stand in the order of their words.
public enum ExceptionKind: String, Hashable, Sendable, CaseIterable {
  /// G5: a fact took back an end that was known.
  case endTakenBack = "end_taken_back"
  /// G8: a record has an instant more than a year after its import.
  case farFuture = "far_future"
  /// G8: a record whose scope hits no order, or whose feature is in no plan.
  case hitsNothing = "hits_nothing"
  /// P: two orders hold one line at the same time.
  case lineHeldTwice = "line_held_twice"
  /// P: an order got another line, carrier, region or plan, and no assignment says from when on.
  case movedWithoutDate = "moved_without_date"
  case notOwed = "not_owed"
  case overpaid
  /// P1: a withdrawal passes by orders that were sold after it.
  case soldAfterWithdrawal = "sold_after_withdrawal"
  case underpaid
  case unmatchedRequest = "unmatched_request"
  case withdrawnWithoutRecord = "withdrawn_without_record"
}

extension ExceptionKind {
  /// What facts are by themselves, whatever an order is owed: each nightly tells all of them anew (P, P1, G5, G8).
  public static let ofFacts: Set<ExceptionKind> = [
    .endTakenBack, .farFuture, .hitsNothing, .lineHeldTwice, .movedWithoutDate, .soldAfterWithdrawal,
  ]
}

/// What became of a refund request: the column `decision`.
public enum RequestVerdict: String, Hashable, Sendable, CaseIterable {
  case granted
  case partlyGranted = "partly_granted"
  case waiting, denied, unmatched
}

/// The number of a refund item, at least 1: never changed and never used again. Written `R000000017`.
public struct ItemID: Hashable, Comparable, Sendable {
  public let number: Int64

  public init(_ number: Int64) {
    precondition(number >= 1)
    self.number = number
  }

  public static func < (left: ItemID, right: ItemID) -> Bool { left.number < right.number }
}

extension ItemID: CustomStringConvertible {
  /// Digits that are always there, so that ids sort by their bytes.
  public static let width = 9

  public var description: String {
    let digits = String(number)
    return "R" + String(repeating: "0", count: max(0, ItemID.width - digits.utf8.count)) + digits
  }

  /// Parses the written form and nothing else: `R17`, `r000000017` and `R0000000017` are no ids.
  public init?(_ text: some StringProtocol) {
    let bytes = text.utf8
    guard bytes.first == UInt8(ascii: "R") else { return nil }
    let digits = bytes.dropFirst()
    guard digits.count >= ItemID.width, digits.count == ItemID.width || digits.first != UInt8(ascii: "0") else { return nil }
    var value: Int64 = 0
    for byte in digits {
      guard (0x30...0x39).contains(byte) else { return nil }
      let (shifted, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = shifted.addingReportingOverflow(Int64(byte - 0x30))
      guard !tooLarge, !overflow else { return nil }
      value = sum
    }
    guard value >= 1 else { return nil }
    self.init(value)
  }
}

/// Causes without order or repetition, in one byte; told in the order of P5.
public struct CauseSet: OptionSet, Hashable, Sendable {
  /// Bit n stands for the cause whose raw value is n.
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public init(_ cause: Cause) { rawValue = 1 << UInt8(cause.rawValue) }
  public init(_ causes: some Sequence<Cause>) { self = causes.reduce(into: []) { $0.formUnion(CauseSet($1)) } }

  public static let withdrawal = CauseSet(.withdrawal)
  public static let outage = CauseSet(.outage)
  public static let unrestored = CauseSet(.unrestored)
  public static let feature = CauseSet(.feature)
  public static let cancellation = CauseSet(.cancellation)
  public static let unused = CauseSet(.unused)
  public static let unprovisioned = CauseSet(.unprovisioned)

  /// Every set there is, by its raw value.
  public static let allSets = (0...UInt8.max).map { CauseSet(rawValue: $0) }

  public func has(_ cause: Cause) -> Bool { contains(CauseSet(cause)) }

  /// The causes in the order of P5.
  public var causes: [Cause] { Cause.allCases.filter(has) }
}

/// Flags without order or repetition, in two bytes; told in the order of their words.
public struct FlagSet: OptionSet, Hashable, Sendable {
  /// Bits as the ledger stores them: a position is never given to another flag.
  public let rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }
  public init(_ flag: ItemFlag) { rawValue = 1 << flag.position }
  public init(_ flags: some Sequence<ItemFlag>) { self = flags.reduce(into: []) { $0.formUnion(FlagSet($1)) } }

  public static let corrected = FlagSet(.corrected)
  public static let endTakenBack = FlagSet(.endTakenBack)
  public static let faultOpen = FlagSet(.faultOpen)
  public static let invalidAddress = FlagSet(.invalidAddress)
  public static let lateRequest = FlagSet(.lateRequest)
  public static let newerAddress = FlagSet(.newerAddress)
  public static let nightLimit = FlagSet(.nightLimit)
  public static let noAddress = FlagSet(.noAddress)
  public static let oneApproval = FlagSet(.oneApproval)
  public static let openLong = FlagSet(.openLong)
  public static let overdue = FlagSet(.overdue)
  public static let secondApproval = FlagSet(.secondApproval)
  public static let unconfirmedAddress = FlagSet(.unconfirmedAddress)
  public static let usageMissing = FlagSet(.usageMissing)
  public static let usedDuringFault = FlagSet(.usedDuringFault)
  public static let verificationUsed = FlagSet(.verificationUsed)

  /// What holds an item without a person's word (G2, G4, G5): one that is held and has none of these is held by a person.
  public static let guards: FlagSet = [.nightLimit, .usageMissing, .endTakenBack]
  /// Q4: it cannot be paid for want of an address, or of somebody's word for one.
  public static let withoutAddress: FlagSet = [.noAddress, .invalidAddress, .unconfirmedAddress]

  public func has(_ flag: ItemFlag) -> Bool { contains(FlagSet(flag)) }

  /// The flags, sorted by their words.
  public var flags: [ItemFlag] { ItemFlag.allCases.filter(has) }
}

extension ItemFlag {
  fileprivate var position: UInt16 {
    switch self {
    case .faultOpen: 0
    case .invalidAddress: 1
    case .nightLimit: 2
    case .noAddress: 3
    case .overdue: 4
    case .secondApproval: 5
    case .verificationUsed: 6
    case .corrected: 7
    case .oneApproval: 8
    case .usageMissing: 9
    case .endTakenBack: 10
    case .lateRequest: 11
    case .newerAddress: 12
    case .openLong: 13
    case .usedDuringFault: 14
    case .unconfirmedAddress: 15
    }
  }
}
