/// The clauses of the refund policy, each with its sentence. Code, tests, reports and explanations cite these ids.
public enum Clause: String, CaseIterable, Hashable, Sendable {
  case W1, W2, W3, W4
  case S1, S2
  case P1, P2, P3, P4, P5, P6, P7
  case N1, N2, N3, N4, N5
  case Q1, Q2, Q3, Q4, Q5

  /// What the clause says, in one sentence.
  public var sentence: String {
    switch self {
    case .W1: "A request within 7 days of activation, for an order never used, gets the full base of every period paid for before it, without review."
    case .W2: "Used is any outbound call or SMS, or any acknowledged inbound verification SMS, on or before the day of the request."
    case .W3: "A provisioned line that is not yet activated is inside the window."
    case .W4: "A full grant takes every day of its periods that is neither committed nor barred, and its cause replaces fault causes on them."
    case .S1: "The setup fee is not refundable once the line is provisioned."
    case .S2: "While the order is not provisioned a request gets back everything paid before it, setup fee and add-ons included, without review."
    case .P1: "The number became unavailable from the carrier: every day from the withdrawal on is refunded, until it is reversed."
    case .P2: "An outage of our own infrastructure lasted more than 24 continuous hours."
    case .P3: "The service of the line was not restored within 72 hours."
    case .P4: "A core feature advertised for the plan was not fixed within 7 days."
    case .P5: "The refund is the refundable days of the period, each at its daily share of the base; a day is refunded at most once."
    case .P6: "Once a fault qualifies all of its days count, from its first."
    case .P7: "Pro-rated refunds need no request; the nightly run finds them and queues them for review."
    case .N1: "The setup fee is never refunded."
    case .N2: "Days on which the line was used are not refunded."
    case .N3: "A cancellation after the line was used for SMS verification gets nothing."
    case .N4: "AI add-ons that were active at any time during the period are not refunded."
    case .N5: "Nothing is refundable for a line terminated for violating the acceptable-use policy."
    case .Q1: "A request is matched to its order by order id or by the transaction id of a payment; never by a guess."
    case .Q2: "Requests are decided in a fixed order; an open fault that does not qualify yet keeps a request waiting."
    case .Q3: "A cancellation made while a qualifying fault is open gets every later unused day of the paid periods too."
    case .Q4: "Every run decides every undecided or affected request anew; a refund goes to the latest valid address."
    case .Q5: "Automatic refunds are processed within 5 business days, reviewed ones within 10."
    }
  }
}
