import Coins
import Ledger
import Night
import RefundPolicy

/// What a customer is told about an order: the requests with their answers, the refunds with their days, and what comes next. Nothing internal is in
/// it: no names of people, no notes, no run numbers, no flags.
struct CustomerLetter {
  private let dossier: OrderDossier

  init(_ dossier: OrderDossier) { self.dossier = dossier }

  /// To a customer whose request no order can be named for (Q1).
  static func text(ofUnmatched decision: RecordedDecision) -> String {
    ["Your request of \(decision.requestedAt.day):", "  \(decision.explanation)", "", clauses].joined(separator: "\n")
  }

  private static let clauses = "The letters and digits in brackets are the clauses of our refund policy."

  var text: String {
    var lines = ["Your order \(dossier.facts.orderID), line \(dossier.facts.line.number)", ""]
    for (request, decision) in zip(dossier.facts.requests, dossier.decision.requests) {
      guard let decision else { continue }
      lines += ["Your request of \(request.requestedAt.day):", "  \(Explanation.request(decision))", ""]
    }
    let items = dossier.currentItems
    for item in items {
      lines.append("Refund \(item.item.id):")
      lines.append("  \(NightReport.explanation(of: item.item, dossier.payees))")
      for stretch in item.stretches.joined {
        let (first, last) = (stretch.days.first, stretch.days.last)
        lines.append("  \(first == last ? "\(first)" : "\(first) to \(last)"): \(stretch.amount) USD")
      }
      let next =
        item.item.state.isWaitingForPayout && dossier.notOwed.contains(item.item.id)
        ? "It was approved, and is being looked at again." : CustomerLetter.next(item.item, dossier.payouts.last { $0.payout.item == item.item.id })
      lines += ["  \(next)", ""]
    }
    if items.isEmpty { lines += ["No refund is due for it: \(whyNone).", ""] }
    lines.append(CustomerLetter.clauses)
    return lines.joined(separator: "\n")
  }

  private var whyNone: String {
    dossier.isTerminatedForAbuse
      ? "the line was terminated for violating the acceptable-use policy (N5)" : "no day of it was lost through a fault that our policy counts"
  }

  /// What becomes of a refund, as the customer needs to know it.
  private static func next(_ item: Item, _ payout: PayoutStatus?) -> String {
    let isMissing = item.address == nil || item.flags.contains(.invalidAddress)
    let place = isMissing ? " Please give us an address for it in \(item.coin)\(item.network.map { " on \($0)" } ?? "")." : ""
    return switch item.state {
    case .pending, .held: "It is being looked at, and promised by \(item.dueOn).\(place)"
    case .approved, .prepared: "It is approved, and will be paid in \(item.coin) at the exchange rate of that time.\(place)"
    case .sent: "It is on its way\(paid(payout, item))."
    case .paid: "It was paid\(payout?.paidAt.map { " on \($0.day)" } ?? "")\(paid(payout, item))."
    case .rejected: "It was looked at and not approved."
    case .withdrawn: "It is not due any more."
    }
  }

  private static func paid(_ payout: PayoutStatus?, _ item: Item) -> String {
    guard let payout else { return " in \(item.coin)" }
    let rate = ", \(payout.payout.usd) USD at \(payout.payout.rate.rate) USD for one \(item.coin)"
    return ": \(payout.payout.amount.brief) \(item.coin)\(rate)\(payout.txid.map { ", in transaction \($0)" } ?? "")"
  }
}

extension ItemState {
  /// Whether it is approved, and nothing has been sent yet.
  fileprivate var isWaitingForPayout: Bool {
    switch self {
    case .approved, .prepared: true
    case .pending, .held, .rejected, .withdrawn, .sent, .paid: false
    }
  }
}

extension OrderDossier {
  /// The items as they stand now, those withdrawn left out.
  fileprivate var currentItems: [Version] {
    Dictionary(grouping: versions, by: \.item.id).values.compactMap { $0.max { $0.item.version < $1.item.version } }
      .filter { $0.item.state != .withdrawn }.sorted { $0.item.id < $1.item.id }
  }
}
