import Foundation
import Ledger
import RefundPolicy

extension Diagnostic {
  /// A refused decision, as a reviewer should read it.
  init(_ refusal: ReviewRefusal) {
    switch refusal {
    case .badName(let name):
      self.init(
        .badInput, name.allSatisfy(\.isWhitespace) ? "the name is empty" : "'\(Diagnostic.visible(name))' is no name of a person",
        hint: "Give your own name with --by; 'policy', 'makegood' and 'nightly' are nobody: what they do needs no name.")
    case .mixedScripts(let name):
      self.init(
        .badInput, "the name '\(Diagnostic.visible(name))' has letters of different scripts, of which some look alike (G1)",
        hint: "Write it in letters of one script, as you always do.")
    case .noSuchItem(let id):
      self.init(.badInput, "there is no item \(id)", hint: "See queue.csv or 'makegood queue' for the items that wait.")
    case .stale(let id, let seen, let now):
      self.init(
        .badInput, "\(id) is stale: \(seen) USD was seen, \(now) USD it is now", hint: "See 'makegood explain item \(id)', then decide again.")
    case .staleBeside(let id, let what):
      self.init(.badInput, "\(id) is stale: \(what)", hint: "See 'makegood explain item \(id)', then decide again.")
    case .wrongState(let id, let act, let state):
      self.init(
        .badInput, "\(id) is \(state.rawValue): it cannot be \(act.participle)",
        hint: "\(act.rawValue.capitalized) is for items that are \(act.allowed.map(\.rawValue).joined(separator: " or ")).")
    case .approvedBefore(let id, let name):
      self.init(.badInput, "\(id) was approved by \(name) before", hint: "Another person must give the second approval (G1).")
    case .noteMissing(let id, let act):
      self.init(.badInput, "\(id): no note says why it is to be \(act.participle)", hint: "Give --note TEXT, or fill the column note.")
    case .otherUndecided(let id, let other):
      self.init(
        .badInput, "\(id) cannot be reopened while \(other) of the same period is undecided", hint: "Approve or reject \(other) first.")
    case .aboveWhatWasPaid(let id, let most):
      self.init(
        .badInput, "\(id): a correction is more than 0.00 USD and never above what was paid, less what is committed: \(most) USD",
        hint: "Give an amount up to that (D2).")
    case .aboveBase(let id, let base):
      self.init(
        .badInput, "\(id): more would be committed than the base of its period, which is \(base) USD now (P5)",
        hint: "The next run restates it; approve it then.")
    case .preparedForWallet(let id):
      self.init(
        .badInput, "\(id) is prepared for the wallet: it cannot be reopened",
        hint: "Take the payout back first, with 'makegood payout cancel \(id)'.")
    case .nothingToConfirm(let id):
      self.init(
        .badInput, "\(id) has no address to confirm", hint: "Only items with the flag unconfirmed_address need it; see 'makegood explain item \(id)'."
      )
    case .notAnApprover(let id, let name):
      self.init(
        .badInput, "\(id) was not approved by \(name)",
        hint: "One of those who approved it confirms its address; 'makegood explain item \(id)' tells who did.")
    case .sameAmount(let id):
      self.init(.badInput, "\(id) is worth just that already", hint: "Approve it with 'makegood review approve \(id)'.")
    }
  }
}

extension Diagnostic {
  /// A text as a terminal may show it: without what moves the cursor or is not seen.
  private static func visible(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(100).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
}

extension ReviewAct {
  fileprivate var participle: String {
    switch self {
    case .approve: "approved"
    case .reject: "rejected"
    case .hold: "held"
    case .release: "released"
    case .reopen: "reopened"
    case .correct: "corrected"
    case .restate: "restated"
    case .confirmAddress: "confirmed"
    }
  }
}
