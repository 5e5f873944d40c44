/// A small data set to try the program with: two months of a made-up seller of phone lines, around outages that really happened.
///
/// Every clause of the policy that a night can show is at work in it: an automatic refund (W1) and one asked for a second too late, lines not
/// activated (W3) and not provisioned (S2), withdrawals (P1), outages that only together are long enough (P2), tickets (P3), features (P4),
/// bars (N3, N4, N5), cancellations during a fault (Q3), requests that wait (Q2) or cannot be matched (Q1).
public enum DemoFacts {
  /// The business date to close, `YYYY-MM-DD`; nothing but the end of one outage lies after it.
  ///
  /// That outage, in us-east, is 15 hours old when the day ends, so request R-009 waits; close the next day too, and it is granted by Q3.
  public static let businessDate = "2021-10-27"

  /// The files as a panel would export them: UTF-8, LF, a header line, a final newline.
  public static let files: [(name: String, text: String)] = [
    (name: "orders.csv", text: orders),
    (name: "periods.csv", text: periods),
    (name: "addons.csv", text: addons),
    (name: "usage.csv", text: usage),
    (name: "outages.csv", text: outages),
    (name: "withdrawals.csv", text: withdrawals),
    (name: "feature_faults.csv", text: featureFaults),
    (name: "plan_features.csv", text: planFeatures),
    (name: "restorations.csv", text: restorations),
    (name: "requests.csv", text: requests),
    (name: "rates.csv", text: rates),
  ]
}
