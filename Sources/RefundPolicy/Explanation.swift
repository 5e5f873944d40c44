/// Sentences a customer could be sent: plain English, one each, with the figures and the clause behind the decision.
public enum Explanation {
  /// What a request is told, and for a denial what would have changed the answer.
  public static func request(_ decision: RequestDecision) -> String {
    switch decision {
    case .granted(.window, let periods):
      periods.isEmpty
        ? "The request came inside the refund window and the line was never used, but nothing had been paid before it (W1)."
        : "The request came inside the refund window and the line was never used, so \(payments(periods.count)) refunded in full, less the setup fee (W1)."
    case .granted(.unprovisioned, let periods):
      periods.isEmpty
        ? "The line is not provisioned, but nothing had been paid before the request (S2)."
        : "The line is not provisioned, so \(payments(periods.count)) refunded in full, setup fee included (S2)."
    case .granted(.late(let closed), let periods):
      periods.isEmpty
        ? "The line was never activated or used, and its refund window closed on \(closed); nothing had been paid before the request (W3)."
        : "The line was never activated or used, but its refund window closed on \(closed), before the request; somebody looks at it before \(payments(periods.count)) refunded in full, less the setup fee (W3)."
    case .partlyGranted(let grant):
      "The line was cancelled while \(fault(grant.faults.first)) was open, so every unused day from \(grant.from) on is refunded, and the days of the fault (Q3)."
    case .waiting(let open):
      "\(capitalised(fault(open))) was open at the request and is not over; the request is decided when it is fixed or has lasted more than \(length(of: open)) (Q2)."
    case .denied(.acceptableUse):
      "The line was terminated for violating the acceptable-use policy, so nothing is refundable (N5)."
    case .denied(.verificationUsed(let day)):
      "The line was used for SMS verification on \(day); a cancellation could have been granted only before that (N3)."
    case .denied(.tooLate(let closed, let nearest)):
      "The refund window closed on \(closed); a request up to then could have been granted\(miss(nearest)) (W1)."
    case .denied(.used(let day, let nearest)):
      "The line was used on \(day); a full refund needs a line that was never used\(miss(nearest)) (W1)."
    case .address(_, let requestID):
      "This message brings an address for the refund that request \(requestID) was granted; nothing else is left to be refunded (Q4)."
    case .unmatched(let failure): unmatched(failure)
    }
  }

  /// What a message that only brings an address is told (Q4).
  ///
  /// - Parameter requestID: The request that was granted the refund.
  public static func address(_ fate: AddressFate, forRequest requestID: String) -> String {
    switch fate {
    case .unused: "This message brings an address for the refund that request \(requestID) was granted, of which nothing is left to be paid (Q4)."
    case .taken: "The address of this message is taken: the refund that request \(requestID) was granted is paid to it (Q4)."
    case .invalid(let why):
      "The address of this message cannot be used, because \(why); the refund that request \(requestID) was granted waits for another one (Q4)."
    case .superseded:
      "The address of this message is not used: a later message gives another one for the refund that request \(requestID) was granted (Q4)."
    case .kept:
      "The refund that request \(requestID) was granted keeps the address that it was approved with; it was approved before this message gave another one (Q4)."
    }
  }

  private static func payments(_ count: Int) -> String { count == 1 ? "the payment before it is" : "the \(count) payments before it are" }

  private static func unmatched(_ failure: RequestDecision.MatchFailure) -> String {
    switch failure {
    case .unknownOrder(let id): "There is no order '\(id)'; the order id or the transaction id of the payment is needed (Q1)."
    case .voidedOrder(let id): "Order '\(id)' was entered by mistake and is void; the id of the order that was paid for is needed (Q1)."
    case .unknownTransaction(let id):
      "No payment with the transaction id '\(id)' is known; the id of the payment as the chain shows it is needed (Q1)."
    case .disagreement(let order, let transaction):
      "Order '\(order)' was not paid for with the transaction '\(transaction)'; the two must agree (Q1)."
    case .severalOrders(let transaction, let count):
      "The transaction '\(transaction)' paid for \(count) orders; the order id is needed (Q1)."
    }
  }

  private static func miss(_ miss: RequestDecision.NearMiss?) -> String {
    switch miss {
    case nil: ", and no fault of ours was open at the request"
    case .tooShort(let fault, let threshold)?:
      "; \(self.fault(fault)) that was open then lasted \(duration(fault.length(asOf: fault.end ?? fault.start))), more than \(duration(threshold)) were needed"
    case .endedBefore(let fault, let day)?:
      "; \(self.fault(fault)) was open then, but the order had ended on \(day), before the request"
    case .nothingLeft(let fault)?:
      "; \(self.fault(fault)) was open then, but no paid day was left after the request"
    }
  }

  private static func fault(_ fault: Fault?) -> String {
    guard let fault else { return "a fault" }
    return switch fault.kind {
    case .withdrawal: "the withdrawal of the number"
    case .outage: "the outage"
    case .restoration: "the restoration of the line"
    case .feature(let name): "the fault of \(name)"
    }
  }

  private static func length(of fault: Fault) -> String {
    switch fault.kind {
    case .withdrawal: "a moment"
    case .outage, .restoration, .feature: "the policy's limit"
    }
  }

  /// `22 h 50 min`, `7 days`, `3 days 2 h`; seconds are told where a minute would hide the difference.
  public static func duration(_ seconds: Int64) -> String {
    var parts: [String] = []
    let days = seconds >= 3 * 86_400 ? seconds / 86_400 : 0
    let rest = seconds - days * 86_400
    if days > 0 { parts.append("\(days) days") }
    if rest / 3600 > 0 { parts.append("\(rest / 3600) h") }
    if rest / 60 % 60 > 0 { parts.append("\(rest / 60 % 60) min") }
    if rest % 60 > 0 || parts.isEmpty { parts.append("\(rest % 60) s") }
    return parts.joined(separator: " ")
  }

  private static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

/// What becomes of the address that a message brings for a refund (Q4).
public enum AddressFate: Hashable, Sendable {
  /// Nothing is left that could be paid to it.
  case unused
  case taken
  /// It cannot be paid to, for a reason in words.
  case invalid(String)
  /// A later message gives another one.
  case superseded
  /// The refund was approved with another valid address, and keeps it.
  case kept
}

extension Explanation {
  /// What is wrong about a committed item (D2).
  public static func difference(_ difference: Settlement.Difference) -> String {
    switch difference.kind {
    case .notOwed:
      "\(difference.amount) USD of \(difference.item) was approved for days that are not owed any more; what was paid is not taken back (D2)."
    case .overpaid: "\(difference.item) was approved at \(difference.amount) USD more than its days are worth now that the base is lower (P5)."
    case .underpaid: "\(difference.item) was approved at \(difference.amount) USD less than its days are worth now that the base is higher (P5)."
    }
  }
}
