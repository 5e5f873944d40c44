import Foundation
import Ledger
import Night
import RefundPolicy

/// What a customer is told about an order, a request or a refund: the answer, how the amount is worked out, where it goes, and what comes next.
///
/// Nothing internal is in it: no names of reviewers, no notes, no run numbers, no flags, and nothing of other customers.
struct CustomerLetter {
  /// What the letter is about.
  enum Subject {
    case order
    case item(ItemID)
    case request(String)
  }

  private let dossier: OrderDossier
  private let subject: Subject
  private let contact: LetterContact

  init(_ dossier: OrderDossier, about subject: Subject, contact: LetterContact) {
    (self.dossier, self.subject, self.contact) = (dossier, subject, contact)
  }

  var text: String {
    let order = "Your order \(LetterText.clean(dossier.facts.orderID)), line \(dossier.facts.line.number)"
    var parts = [[order, "As of the end of \(PlainTimes.text(dossier.businessDay)), UTC."]]
    if dossier.isVoided {
      parts.append(["This order was recorded by mistake and does not count. If you paid for it, please tell us the transaction id of your payment."])
    }
    let requests = requests
    let items = items
    parts += requests.map(answer)
    parts += items.map { LetterRefund($0, of: dossier).lines }
    if isUnderReview { parts.append(["This order is under review by us. We will write again when that is done."]) }
    if requests.isEmpty && items.isEmpty && !isUnderReview && !dossier.isVoided { parts.append([none]) }
    let others = otherItems(than: items)
    if !others.isEmpty { parts.append(["Other refunds of this order:"] + others.map { "  \(LetterRefund($0, of: dossier).summary)" }) }
    return LetterContact.joined(parts, contact)
  }

  // What it is about.

  /// A request of the order, as its answer was told.
  private struct Request {
    let id: String
    let requestedAt: Instant
    /// What the last night that decided it said; nil where none did.
    let told: RecordedDecision?
    /// The same from the facts as they are now.
    let decision: RequestDecision?
  }

  private var allRequests: [Request] {
    let known = zip(dossier.facts.requests, dossier.decision.requests).map { request, decision in
      Request(
        id: request.requestID, requestedAt: request.requestedAt,
        told: dossier.told.last { $0.decision.requestID == request.requestID }?.decision, decision: decision)
    }
    let undecided = dossier.undecided.filter { request in !known.contains { $0.id == request.id } }
      .map { Request(id: $0.id, requestedAt: $0.requestedAt, told: nil, decision: nil) }
    return (known + undecided).sorted { ($0.requestedAt, $0.id) < ($1.requestedAt, $1.id) }
  }

  private var requests: [Request] {
    switch subject {
    case .order: allRequests
    case .request(let id): allRequests.filter { $0.id == id }
    case .item(let id): allRequests.filter { $0.told?.items.contains(id) ?? false }
    }
  }

  private var items: [OrderDossier.Version] {
    switch subject {
    case .order: dossier.currentItems.filter { $0.item.state != .withdrawn }
    case .item(let id): dossier.currentItems.filter { $0.item.id == id }
    case .request: dossier.currentItems.filter { item in requests.contains { answers(item, $0) } }
    }
  }

  private func otherItems(than items: [OrderDossier.Version]) -> [OrderDossier.Version] {
    guard case .request = subject else { return [] }
    return dossier.currentItems.filter { other in
      other.item.state != .withdrawn && !items.contains { $0.item.id == other.item.id }
    }
  }

  /// Whether an item answers a request, also where it was rejected since.
  private func answers(_ version: OrderDossier.Version, _ request: Request) -> Bool {
    guard let told = request.told, version.item.state != .withdrawn else { return false }
    if told.items.contains(version.item.id) { return true }
    switch (told.verdict, request.decision) {
    case (.granted, .granted(_, let periods)): return periods.contains { dossier.facts.periods[$0].periodID == version.item.periodID }
    case (.partlyGranted, _): return version.item.state == .rejected && version.stretches.contains { $0.evidence == "request:\(request.id)" }
    default: return false
    }
  }

  // The answers.

  private func answer(_ request: Request) -> [String] {
    let heading = CustomerLetter.heading(request.id, request.requestedAt)
    guard let told = request.told else {
      let day = dossier.undecided.first { $0.id == request.id }?.decidingDay(after: dossier.businessDay)
      return [heading, CustomerLetter.undecided(day ?? max(request.requestedAt.day, dossier.businessDay.advanced(by: 1)))]
    }
    if told.verdict == .unmatched { return [heading] + CustomerLetter.unmatched(told) }
    var explanation = LetterText.sentence(told.explanation)
    // Nothing is promised before it is approved.
    if !isApproved(request) { explanation = explanation.replacing(" refunded", with: " refundable") }
    return [heading, "  \(explanation)"] + nothingLeft(of: request, told).map { "  \($0)" }
  }

  /// Whether all that answers a request is approved, and stays so.
  private func isApproved(_ request: Request) -> Bool {
    let answers = dossier.currentItems.filter { self.answers($0, request) }
    return !answers.isEmpty && answers.allSatisfy { $0.item.state.isCommitted && !LetterRefund($0, of: dossier).isLookedAtAgain }
  }

  private static func undecided(_ day: ServiceDay) -> String {
    "  It has reached us, and is not decided yet. It will be decided in the night after \(PlainTimes.text(day))."
  }

  private static func heading(_ id: String, _ requestedAt: Instant) -> String {
    "Your request \(LetterText.clean(id)) of \(PlainTimes.text(requestedAt))"
  }

  /// Why a granted request comes to nothing, where it does.
  private func nothingLeft(of request: Request, _ told: RecordedDecision) -> [String] {
    guard told.items.isEmpty, !dossier.currentItems.contains(where: { answers($0, request) }) else { return [] }
    switch (told.verdict, request.decision) {
    case (.granted, .granted(let grant, let periods)):
      let terms = periods.map { dossier.facts.periods[$0].terms }
      let sums = terms.map { LetterSum($0, isWhole: grant == .unprovisioned, asOf: dossier.cut) }
      if sums.allSatisfy({ $0.base == .zero }) {
        return ["Nothing is left to refund\(sums.isEmpty ? "." : ":")"] + sums.flatMap(\.lines).map { "  \($0)" }
      }
      return ["Nothing is left to refund: all of it was refunded or decided before."]
    case (.granted, _), (.partlyGranted, _): return ["Nothing is left to refund: no unused day is left that was not refunded or decided before."]
    default: return []
    }
  }

  private static func unmatched(_ told: RecordedDecision) -> [String] {
    // The ids in it are the customer's own words: no times are sought in them.
    ["  It is under review. \(LetterText.clean(told.explanation))", "  Please send us what is missing."]
  }

  /// To a customer whose request no order can be named for (Q1), or that no night has decided yet.
  ///
  /// - Parameter closed: The last closed date.
  static func text(of request: RequestRecord, after closed: ServiceDay, contact: LetterContact) -> String {
    let heading = heading(request.id, request.requestedAt)
    let answer =
      request.isVoided
      ? ["  It was recorded by mistake and does not count."]
      : request.told.last.map { unmatched($0.decision) } ?? [undecided(request.decidingDay(after: closed))]
    return LetterContact.joined([[heading] + answer], contact)
  }

  // Where there is nothing.

  /// Whether anything open about the order may come to change what is said here. What was refunded too much is the seller's matter alone.
  private var isUnderReview: Bool {
    dossier.exceptions.contains { exception in
      switch exception.kind {
      case .overpaid, .notOwed, .unmatchedRequest: false
      case .underpaid, .withdrawnWithoutRecord, .soldAfterWithdrawal, .movedWithoutDate, .lineHeldTwice, .endTakenBack, .hitsNothing, .farFuture: true
      }
    }
  }

  private var none: String {
    if dossier.isTerminatedForAbuse {
      return "No refund is due: the line was terminated for violating the acceptable-use policy (N5)."
    }
    if let open = dossier.faults.first(where: \.isOpen) {
      return
        "\(LetterFault(open, asOf: dossier.cut).sentence) It is not long enough for a refund yet; if it comes to be, all of its days are refunded."
    }
    return "No refund is due so far: no day was lost through a fault that our policy counts."
  }
}

/// How a customer asks or disagrees.
struct LetterContact {
  private let words: String

  /// - Parameter words: What to do, as it stands within a sentence; nil or blank for the default.
  init(_ words: String?) {
    let own = LetterText.clean(words ?? "").trimmingCharacters(in: .whitespaces)
    self.words = own.isEmpty ? "reply to this message" : own
  }

  /// The paragraphs of a letter, with what each ends with.
  static func joined(_ parts: [[String]], _ contact: LetterContact) -> String {
    let end = [
      "If you have a question, or do not agree, \(contact.words). A person will look at it again (D2).",
      "The letters and digits in brackets are the clauses of our refund policy.",
    ]
    return (parts + [end]).map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }
}

extension OrderDossier {
  /// The items as they are now, by id.
  fileprivate var currentItems: [Version] {
    Dictionary(grouping: versions, by: \.item.id).values.compactMap { $0.max { $0.item.version < $1.item.version } }
      .sorted { $0.item.id < $1.item.id }
  }
}
