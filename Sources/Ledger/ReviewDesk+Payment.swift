import RefundPolicy
import Storage

extension ReviewDesk {
  /// Takes the payment back that an item was prepared in, for the processor; one payment is never parted, so every refund in it is approved again
  /// (G3).
  ///
  /// - Returns: The item, approved.
  /// - Throws: ``ReviewRefusal/preparedForWallet(_:)``.
  func takeBack(_ item: Item, note: String) throws -> Item {
    guard let last = try connection.payments(of: item.id).last, let payment = try connection.payment(last),
      payment.payouts.first?.route == .processor
    else { throw ReviewRefusal.preparedForWallet(item.id) }
    let desk = try PayoutDesk(.abandon, by: reviewer.name, at: now, versions, on: connection)
    try desk.move(payment, from: .prepared, to: .approved, note: note)
    try desk.finish()
    takenBack += payment.payouts.map(\.item).filter { $0 != item.id }
    guard let approved = try connection.item(item.id) else { throw ReviewRefusal.noSuchItem(item.id, last: try connection.lastItem()) }
    return approved
  }
}
