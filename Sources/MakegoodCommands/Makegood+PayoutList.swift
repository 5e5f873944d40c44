import ArgumentParser
import Coins
import Foundation
import Ledger
import Payouts
import RefundPolicy
import Reports
import Storage

extension Makegood.Payout {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Shows where every payout stands, and what is approved and in no batch yet.",
      discussion: """
        Examples:
          makegood payout list
          makegood payout list --batch B000001
          makegood payout list --format json
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    @Option(help: ArgumentHelp("Only this batch.", valueName: "batch"))
    var batch: String?

    @Option(help: ArgumentHelp("table, csv or json.", valueName: "format"))
    var format = AnswerFormat.table

    func run() throws {
      let id = try batch.map(TypedID.batch)
      let store = try Makegood.store(at: try database.path(), .existing)
      let today = try Console.now().day
      let (all, waiting) = try store.read { connection in
        var waiting = Total()
        try connection.eachApproved { waiting.add($0.amount) }
        return (try connection.payoutStatuses(), waiting)
      }
      let statuses = all.filter { id == nil || $0.batch == id }
      switch format {
      case .json: Console.print(JSONText.array(statuses.map { $0.json(on: today) }))
      case .csv:
        let rows = statuses.map { $0.fields(on: today).map { $0.1 ?? "" } }
        try Console.write(data: { try PayoutListing.write(rows, header: PayoutStatus.columns, to: $0) })
      case .table: show(statuses, waiting, today)
      }
    }

    private func show(_ statuses: [PayoutStatus], _ waiting: Total, _ today: ServiceDay) {
      var table = TextTable(["payment", "item", "order", "state", "coin", "amount", "usd", "due", "txid"], rightAligned: [5, 6])
      for status in statuses {
        let payout = status.payout
        table.add([
          payout.payment.description, payout.item.description, payout.orderID, status.stuck == nil ? status.stateWord : "stuck",
          payout.coinAndNetwork,
          payout.amount.description, payout.usd.description, status.dueOn.description + (status.isLate(on: today) ? " late" : ""),
          status.txid ?? "",
        ])
      }
      if !statuses.isEmpty { Console.write(table.text) }
      var told: Set<PaymentID> = []
      for status in statuses {
        guard let stuck = status.stuck, told.insert(status.payout.payment).inserted else { continue }
        Console.print("\(status.payout.payment) is stuck: \(stuck)")
      }
      if statuses.isEmpty { Console.print("no payouts") }
      if waiting.count > 0 { Console.print("approved and in no batch: \(waiting.count) (\(waiting.amount) USD)") }
    }
  }
}

extension PayoutStatus {
  /// One that the batch no longer pays was taken back.
  fileprivate var stateWord: String { state == .approved ? "taken back" : state.rawValue }

  static let columns = [
    "batch", "payment_id", "item_id", "order_id", "state", "route", "coin", "network", "address", "tag", "amount_coin", "amount_usd",
    "rate_usd", "rate_quoted_at", "rate_side", "rate_source", "rate_check", "rate_accepted_by", "due_on", "late", "txid", "tx_key",
    "paid_at", "fee_usd", "stuck",
  ]

  func fields(on today: ServiceDay) -> [(String, String?)] {
    let values: [String?] = [
      batch.description, payout.payment.description, payout.item.description, payout.orderID,
      state == .approved ? "taken_back" : state.rawValue, payout.route.rawValue, payout.coin, payout.network, payout.address, payout.tag,
      payout.amount.description, payout.usd.description, payout.rate.rate.description, payout.rate.quotedAt.description, payout.rate.side,
      payout.rate.source, payout.rateCheck.words, accepted?.name, dueOn.description, isLate(on: today) ? "true" : "false", txid, key,
      paidAt?.description, fee?.description, stuck,
    ]
    return Array(zip(PayoutStatus.columns, values))
  }

  func json(on today: ServiceDay) -> String {
    JSONText.object(fields(on: today).map { ($0.0, $0.0 == "late" ? $0.1 ?? "" : JSONText.string($0.1)) })
  }
}

extension Payout {
  fileprivate var coinAndNetwork: String { network.map { "\(coin) \($0)" } ?? coin }
}
