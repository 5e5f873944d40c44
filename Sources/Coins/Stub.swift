package enum AddressFamily: String, Hashable, Sendable, CaseIterable {
  case bitcoin, litecoin, dogecoin, bitcoinCash, ethereum, tron, solana, monero, xrp, stellar
}
package struct CheckedAddress: Hashable, Sendable {
  package enum Tag: Hashable, Sendable { case notStated, none, value(UInt64) }
  package var tag: Tag
  package var isIntegrated: Bool
  package var hasNoChecksum: Bool
}
package enum AddressProblem: Error, Hashable, Sendable { case empty }
extension AddressProblem { package var words: String { "" } }
extension AddressFamily {
  package func check(_ address: String) throws(AddressProblem) -> CheckedAddress {
    if address.isEmpty { throw .empty }
    return CheckedAddress(tag: .notStated, isIntegrated: false, hasNoChecksum: false)
  }
}
