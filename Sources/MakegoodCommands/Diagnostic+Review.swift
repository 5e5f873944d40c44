import Foundation
import Ledger
import RefundPolicy

extension Diagnostic {
  /// A refused decision, as a reviewer should read it.
  init(_ refusal: ReviewRefusal) {
    switch refusal {
    case .badName(let name):
      self.init(
        .badInput, name.allSatisfy(\.isWhitespace) ? "the name is empty" : "'\(name)' is no name of a person",
        hint: "Give your own name with --by; 'policy', 'makegood' and 'nightly' are nobody: what they do needs no name.")
    case .mixedScripts(let name):
      self.init(
        .badInput, "the name '\(name)' has letters of different scripts, of which some look alike (G1)",
        hint: "Write it in letters of one script, as you always do.")
    case .notAReviewer(let name, let known):
      self.init(
        .badInput, "'\(name)' is none of the reviewers (G1)",
        hint: "The setting 'reviewers' names \(known.joined(separator: ", ")); one of them decides, or adds a name with 'makegood policy set'.")
    case .notTheirUser(let name, let user, let allowed):
      self.init(
        .badInput, "'\(name)' does not act as the system user '\(user)' (G1)",
        hint: "The setting 'reviewers' lets that name act as \(allowed.joined(separator: " or ")).")
    case .noSuchItem(let id, let last):
      self.init(
        .badInput, "there is no item '\(id)'",
        hint: last.map { "The last one is '\($0)'; 'makegood queue' shows those that wait." } ?? "No run has opened any yet.")
    case .stale(let id, let seen, let now):
      self.init(
        .badInput, "'\(id)' is stale: \(seen) USD was seen, \(now) USD it is now", hint: "See 'makegood explain item \(id)', then decide again.")
    case .staleBeside(let id, let what):
      self.init(.badInput, "'\(id)' is stale: \(what)", hint: "See 'makegood explain item \(id)', then decide again.")
    case .wrongState(let id, let act, let state):
      self.init(.badInput, "'\(id)' is \(state.rawValue): it cannot be \(act.participle)", hint: state.way(to: act, id))
    case .approvedBefore(let id, let name):
      self.init(
        .badInput, "'\(id)' has the approval of \(name) already, and still needs that of another person (G1)",
        hint: "Have somebody else approve it: 'makegood review approve \(id) --by NAME'.")
    case .noteMissing(let id, let act):
      self.init(.badInput, "'\(id)': no note says why it is to be \(act.participle)", hint: "Give --note TEXT, or fill the column note.")
    case .otherUndecided(let id, let other):
      self.init(
        .badInput, "'\(id)' cannot be reopened while \(other) of the same period is undecided", hint: "Approve or reject \(other) first.")
    case .aboveWhatWasPaid(let id, let most):
      self.init(
        .badInput, "'\(id)': a correction is more than 0.00 USD and never above what was paid, less what is committed: \(most) USD",
        hint: "Give an amount up to that (D2).")
    case .aboveBase(let id, let base):
      self.init(
        .badInput, "'\(id)': more would be committed than the base of its period, which is \(base) USD now (P5)",
        hint: "The next run restates it; approve it then.")
    case .preparedForWallet(let id):
      self.init(
        .badInput, "'\(id)' is prepared for the wallet: it cannot be reopened",
        hint: "Take the payout back first, with 'makegood payout cancel \(id)'.")
    case .nothingToConfirm(let id):
      self.init(
        .badInput, "'\(id)' has no address to confirm",
        hint: "Only items with the flag unconfirmed_address need it; see 'makegood explain item \(id)'."
      )
    case .notAnApprover(let id, let name):
      self.init(
        .badInput, "'\(id)' was not approved by \(name)",
        hint: "One of those who approved it confirms its address; 'makegood explain item \(id)' tells who did.")
    case .sameAmount(let id):
      self.init(.badInput, "'\(id)' is worth just that already", hint: "Approve it with 'makegood review approve \(id)'.")
    }
  }
}

extension Diagnostic {
  /// The same where a command only asks.
  init(_ refusal: ReviewRefusal, _ status: ExitStatus) {
    self.init(refusal)
    self.status = status
  }
}

extension ItemState {
  /// What brings an item in this state to where an act can be taken, or why nothing does.
  fileprivate func way(to act: ReviewAct, _ id: ItemID) -> String {
    switch self {
    case .pending: "It waits for a decision: approve, reject or hold it."
    case .held: act == .reopen ? "It is not decided yet." : "'makegood review release \(id)' it first."
    case .approved where act == .approve: "It has all the approvals that it needs."
    case .rejected where act == .reject: "It is decided already."
    case .approved, .rejected: act == .release ? "Nothing holds it." : "'makegood review reopen \(id)' it first, with a note."
    case .withdrawn: "Nothing of it is owed any more; a run opens a new item when something is."
    case .prepared: "It is in a batch: 'makegood payout cancel' takes it out, with a note."
    case .sent, .paid: "It is paid or on its way; see 'makegood explain item \(id)'."
    }
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
