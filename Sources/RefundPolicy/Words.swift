/// What a request was told: the column `decision`.
package enum RequestVerdict: String, CaseIterable, Hashable, Sendable {
  case granted
  case partlyGranted = "partly_granted"
  case waiting, denied, unmatched
}

/// Where an item stands: the column `state`.
package enum ItemState: String, CaseIterable, Hashable, Sendable {
  case pending, held, approved, rejected, withdrawn, prepared, sent, paid

  /// Whether runs still restate it.
  package var isUndecided: Bool { self == .pending || self == .held }

  /// Whether its days are spent: approved or paid.
  package var isCommitted: Bool {
    switch self {
    case .approved, .prepared, .sent, .paid: true
    case .pending, .held, .rejected, .withdrawn: false
    }
  }
}

/// What a reviewer should know of an item: the column `flags`.
package enum ItemFlag: String, CaseIterable, Hashable, Sendable {
  case faultOpen = "fault_open"
  case noAddress = "no_address"
  case invalidAddress = "invalid_address"
  case verificationUsed = "verification_used"
  case secondApproval = "second_approval"
  case nightLimit = "night_limit"
  case overdue
}

/// What a person has to look at: the column `kind` of exceptions.
package enum ExceptionKind: String, CaseIterable, Hashable, Sendable {
  case withdrawnWithoutRecord = "withdrawn_without_record"
  case unmatchedRequest = "unmatched_request"
  case notOwed = "not_owed"
  case overpaid, underpaid
}

/// The id of a refund item: never changed, never used again.
package struct ItemID: Hashable, Comparable, Sendable {
  /// 1 or more.
  package let number: Int64

  package init(_ number: Int64) { self.number = number }

  /// Parses `R000000017`.
  package init?(_ text: some StringProtocol) {
    guard text.utf8.first == UInt8(ascii: "R"), text.utf8.count >= 10, let number = Int64(text.dropFirst()), number >= 1 else { return nil }
    self.init(number)
    guard description.utf8.elementsEqual(text.utf8) else { return nil }
  }

  package static func < (left: ItemID, right: ItemID) -> Bool { left.number < right.number }
}

extension ItemID: CustomStringConvertible {
  /// `R` and at least nine digits, so that ids sort as they were given and no spreadsheet takes them for numbers.
  package var description: String {
    let digits = String(number)
    return "R" + String(repeating: "0", count: max(0, 9 - digits.utf8.count)) + digits
  }
}
