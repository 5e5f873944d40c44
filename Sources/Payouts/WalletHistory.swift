public import Ledger
import RefundPolicy
import Storage

/// A transfer of the wallet that no attempt of this ledger made, and the payments that it may have paid already (H4).
public struct UnexplainedTransfer: Hashable, Sendable {
  public var transfer: OutgoingTransfer
  public var payments: [PaymentID]

  public init(transfer: OutgoingTransfer, payments: [PaymentID]) { (self.transfer, self.payments) = (transfer, payments) }
}

/// What the wallet says it sent, beside what the ledger knows of it. A ledger or a wallet that was restored from a backup, and a person who paid by
/// hand, leave transfers that the ledger does not know; building the same payment again would pay it twice.
enum WalletHistory {
  /// The transfers that neither an attempt nor a person's note explains.
  static func unexplained(_ transfers: [OutgoingTransfer], _ connection: Connection) throws -> [OutgoingTransfer] {
    try transfers.filter { try !connection.isExplained(transfer: $0.hash) }
  }

  /// Which payments each transfer may have paid; transfers that paid none of them are left out.
  ///
  /// A transfer to the address of a payment may be that payment, whatever its amount: another rate makes another amount of the same refund. One
  /// whose addresses the wallet has forgotten may be any payment that is not larger.
  static func suspects(_ transfers: [OutgoingTransfer], of payments: [Attempt.Payment]) -> [UnexplainedTransfer] {
    transfers.compactMap { transfer in
      let suspected = payments.filter { payment in
        if transfer.destinations.isEmpty { return payment.amount <= transfer.amount }
        return transfer.destinations.contains { $0.address == payment.address }
      }
      return suspected.isEmpty ? nil : UnexplainedTransfer(transfer: transfer, payments: suspected.map(\.id))
    }
  }

  /// The payments that a transfer made, where it is just these and nothing else: each of its addresses got what one of them locked.
  static func payments(madeBy transfer: OutgoingTransfer, among payments: [Attempt.Payment]) -> [Attempt.Payment]? {
    let sums = Dictionary(transfer.destinations.map { ($0.address, $0.amount) }, uniquingKeysWith: &+)
    let made = payments.filter { sums[$0.address] == $0.amount }
    return !sums.isEmpty && made.count == sums.count ? made : nil
  }
}
