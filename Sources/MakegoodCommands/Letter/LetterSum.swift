import Ledger
import RefundPolicy

/// What was paid for a period, less what is never refunded: the base, as a sum.
///
///     40.00 USD  paid for 1 to 30 November 2026
///   - 10.00 USD  setup fee, not refundable once the line is provisioned (S1)
///   = 30.00 USD  base of the refund
struct LetterSum {
  private let period: DayRange
  private let paid: Cents
  /// Amounts that are taken off, with what they are.
  private let less: [(amount: Cents, what: String)]
  let base: Cents

  /// - Parameter isWhole: S2, everything is refunded: nothing is taken off.
  init(_ terms: PeriodTerms, isWhole: Bool, asOf cut: Instant) {
    (period, paid) = (terms.days, terms.paid)
    base = isWhole ? terms.paid : terms.base(asOf: cut)
    let fee = isWhole ? .zero : min(terms.setupFee, terms.paid)
    less = [
      (fee, "setup fee, not refundable once the line is provisioned (S1)"),
      (paid - fee - base, "AI add-ons that were active, not refundable (N4)"),
    ].filter { $0.0 > .zero }
  }

  var lines: [String] {
    let all = [("", paid, "paid for \(PlainTimes.text(period))")] + less.map { ("-", $0.amount, $0.what) } + [("=", base, "base of the refund")]
    let width = all.map { $0.1.description.count }.max() ?? 0
    return all.map { sign, amount, what in
      let text = amount.description
      return "\(sign.isEmpty ? " " : sign) \(String(repeating: " ", count: width - text.count))\(text) USD  \(what)"
    }
  }
}
