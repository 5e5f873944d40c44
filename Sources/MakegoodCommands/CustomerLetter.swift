import Ledger
import Night
import RefundPolicy

/// What a customer is told about an order: the requests with their answers, the refunds with their days, and what comes next. Nothing internal is in
/// it: no names of people, no notes, no run numbers, no flags.
struct CustomerLetter {
  private let dossier: OrderDossier

  init(_ dossier: OrderDossier) { self.dossier = dossier }

  var text: String {
    var lines = ["Your order \(dossier.facts.orderID), line \(dossier.facts.line.number)", ""]
    for (request, decision) in zip(dossier.facts.requests, dossier.decision.requests) {
      guard let decision else { continue }
      lines += ["Your request of \(request.requestedAt.day):", "  \(Explanation.request(decision))", ""]
    }
    let items = dossier.currentItems
    for item in items {
      lines.append("Refund \(item.item.id):")
      lines.append("  \(NightReport.explanation(of: item.item))")
      for stretch in item.stretches.joined {
        let (first, last) = (stretch.days.first, stretch.days.last)
        lines.append("  \(first == last ? "\(first)" : "\(first) to \(last)"): \(stretch.amount) USD")
      }
      lines += ["  \(CustomerLetter.next(item.item))", ""]
    }
    if items.isEmpty { lines += ["No refund is due for it: no day of it was lost through a fault of ours.", ""] }
    lines.append("The letters and digits in brackets are the clauses of our refund policy.")
    return lines.joined(separator: "\n")
  }

  /// What becomes of a refund, as the customer needs to know it.
  private static func next(_ item: Item) -> String {
    let place = item.address == nil ? " Please give us an address for it in \(item.coin)\(item.network.map { " on \($0)" } ?? "")." : ""
    return switch item.state {
    case .pending, .held: "It is being looked at, and promised by \(item.dueOn).\(place)"
    case .approved, .prepared: "It is approved, and will be paid in \(item.coin) at the exchange rate of that time.\(place)"
    case .sent: "It is on its way in \(item.coin)."
    case .paid: "It was paid in \(item.coin)."
    case .rejected: "It was looked at and not approved."
    case .withdrawn: "It is not due any more."
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
