import Ledger
import RefundPolicy

/// A fault of the seller's, as a customer is told it: what it was, from when to when, and for how long.
struct LetterFault {
  private let fault: Fault
  private let cut: Instant

  /// - Parameter cut: Midnight UTC that ends the business date.
  init(_ fault: Fault, asOf cut: Instant) { (self.fault, self.cut) = (fault, cut) }

  var sentence: String {
    let start = PlainTimes.text(fault.start)
    guard let end = fault.end else {
      return switch fault.kind {
      case .withdrawal: "Your number has not been available from the carrier since \(start) (P1)."
      case .outage: "Our own infrastructure has been out since \(start) (P2)."
      case .restoration: "The service of your line has not been restored since \(start) (P3)."
      case .feature(let name): "The core feature \(LetterText.clean(name)) of your plan has not worked since \(start) (P4)."
      }
    }
    let time = "from \(start) until \(PlainTimes.text(end)): \(PlainTimes.length(fault.length(asOf: cut)))"
    return switch fault.kind {
    case .withdrawal: "Your number was not available from the carrier \(time) (P1)."
    case .outage: "Our own infrastructure was out \(time) (P2)."
    case .restoration: "The service of your line was not restored \(time) (P3)."
    case .feature(let name): "The core feature \(LetterText.clean(name)) of your plan did not work \(time) (P4)."
    }
  }
}
