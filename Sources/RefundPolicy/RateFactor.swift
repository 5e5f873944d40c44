/// G6: how many times a rate may be away from what it is measured by; an exact decimal from 1 on, like 1.25.
public struct RateFactor: Hashable, Sendable {
  /// The factor is `digits` / 10^`decimals`.
  public let digits: UInt64
  /// 0 to 6; the last decimal is never a zero.
  public let decimals: Int

  /// - Returns: Nil for text that is no plain decimal from 1 to 1000000 with at most six decimals.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    func areDigits(_ part: some StringProtocol) -> Bool { !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard (1...2).contains(parts.count), parts.allSatisfy(areDigits) else { return nil }
    var fraction = parts.count == 2 ? parts[1][...] : ""
    while fraction.last == "0" { fraction.removeLast() }
    guard fraction.utf8.count <= 6, let whole = UInt64(parts[0]), (1...1_000_000).contains(whole) else { return nil }
    guard let digits = UInt64(String(whole) + fraction) else { return nil }
    if whole == 1_000_000 && !fraction.isEmpty { return nil }
    (self.digits, decimals) = (digits, fraction.utf8.count)
  }

  /// A whole factor; one below 1 counts as 1.
  public init(_ whole: Int) { (digits, decimals) = (UInt64(max(whole, 1)), 0) }
}

extension RateFactor: CustomStringConvertible {
  /// `2`, `1.25`
  public var description: String {
    let text = String(digits)
    return decimals == 0 ? text : "\(text.dropLast(decimals)).\(text.suffix(decimals))"
  }
}
