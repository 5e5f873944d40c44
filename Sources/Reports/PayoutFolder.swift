import Foundation
public import RefundPolicy

/// A row of `payout-monero.csv` and `payout-processor.csv`: a refund as it goes out. Amounts of coins are decimal text with all decimals.
public struct PayoutRow: Hashable, Sendable, CSVRow {
  public var batch: String
  /// Refunds that one destination gets at once share it.
  public var payment: String
  public var item: ItemID
  public var orderID: String
  public var coin: String
  public var network: String
  public var address: String
  public var tag: String
  /// The item's part of the payment.
  public var amountCoin: String
  public var amount: Cents
  public var rate: String
  public var rateQuotedAt: Instant
  public var route: String

  public init(
    batch: String, payment: String, item: ItemID, orderID: String, coin: String, network: String, address: String, tag: String,
    amountCoin: String, amount: Cents, rate: String, rateQuotedAt: Instant, route: String
  ) {
    (self.batch, self.payment, self.item, self.orderID) = (batch, payment, item, orderID)
    (self.coin, self.network) = (coin, network)
    (self.address, self.tag, self.amountCoin, self.amount) = (address, tag, amountCoin, amount)
    (self.rate, self.rateQuotedAt, self.route) = (rate, rateQuotedAt, route)
  }

  static let header = "batch,payment_id,item_id,order_id,coin,network,address,tag,amount_coin,amount_usd,rate_usd,rate_quoted_at,route"

  func write(to text: inout RowText) {
    text.field(word: batch)
    text.field(word: payment)
    text.field(item)
    text.field(orderID)
    text.field(coin)
    text.field(network)
    text.field(address)
    text.field(tag)
    text.field(word: amountCoin)
    text.field(amount)
    text.field(word: rate)
    text.field(rateQuotedAt)
    text.field(word: route)
    text.endRow()
  }
}

/// A row of `not_ready.csv`: an approved refund that the batch leaves behind.
public struct NotReadyRow: Hashable, Sendable, CSVRow {
  public var item: ItemID
  public var orderID: String
  public var coin: String
  public var network: String
  public var amount: Cents
  public var reason: String

  public init(item: ItemID, orderID: String, coin: String, network: String, amount: Cents, reason: String) {
    (self.item, self.orderID, self.coin, self.network) = (item, orderID, coin, network)
    (self.amount, self.reason) = (amount, reason)
  }

  static let header = "item_id,order_id,coin,network,amount_usd,reason"

  func write(to text: inout RowText) {
    text.field(item)
    text.field(orderID)
    text.field(coin)
    text.field(network)
    text.field(amount)
    text.field(reason)
    text.endRow()
  }
}

/// A row of `totals.csv`: the control totals of a batch, by route and coin, and of all.
public struct PayoutTotalRow: Hashable, Sendable, CSVRow {
  /// `monero`, `processor`, `not_ready`, or `all` for what is paid by both routes.
  public var route: String
  public var coin: String
  public var network: String
  /// Destinations that are paid; nil for what stays behind.
  public var payments: Int?
  /// Refunds.
  public var items: Int
  /// Empty where coins differ, or nothing is locked.
  public var amountCoin: String
  public var amount: Cents

  public init(route: String, coin: String, network: String, payments: Int?, items: Int, amountCoin: String, amount: Cents) {
    (self.route, self.coin, self.network) = (route, coin, network)
    (self.payments, self.items, self.amountCoin, self.amount) = (payments, items, amountCoin, amount)
  }

  static let header = "route,coin,network,payments,items,amount_coin,amount_usd"

  func write(to text: inout RowText) {
    text.field(word: route)
    text.field(coin)
    text.field(network)
    text.field(word: payments.map { String($0) } ?? "")
    text.field(items)
    text.field(word: amountCoin)
    text.field(amount)
    text.endRow()
  }
}

/// The folder of a batch: it appears whole or not at all, and is never changed afterwards.
public struct PayoutFolder {
  public var batch: String
  /// When and by whom it was prepared, and the upload templates in it.
  public var preparedAt: Instant
  public var preparedBy: String
  public var profiles: [String]
  /// What the ledger's tables hold of it, as a JSON object: for taking it back where the ledger was restored from a backup.
  public var rows = "{}"
  /// How far the ledger had come, for `anchor.json`: it is written anew later, and so has no checksum.
  public var anchor: String?
  public var monero: [PayoutRow] = []
  public var processor: [PayoutRow] = []
  public var notReady: [NotReadyRow] = []
  public var totals: [PayoutTotalRow] = []
  public var uploads: [UploadFile] = []

  public init(batch: String, preparedAt: Instant, preparedBy: String, profiles: [String]) {
    (self.batch, self.preparedAt, self.preparedBy, self.profiles) = (batch, preparedAt, preparedBy, profiles)
  }

  private static func parent(in reports: String) -> String { StagingFolder.join(reports, "payouts") }

  /// Whether something stands in its place: a folder that was published, or one of another database.
  public func exists(in reports: String) throws(ReportError) -> Bool {
    let path = StagingFolder.join(PayoutFolder.parent(in: reports), batch)
    var entry = stat()
    if unsafe lstat(path, &entry) == 0 { return true }
    // What cannot be looked at may be there.
    guard errno == ENOENT || errno == ENOTDIR else { throw .cannotWrite(path: path, code: errno) }
    return false
  }

  /// Whether the folder in its place is this very one, by its checksums.
  public func isPublished(in reports: String) throws(ReportError) -> Bool {
    let parent = PayoutFolder.parent(in: reports)
    // Written aside for its checksums, and never moved into place.
    let staging = try StagingFolder(target: batch + ".check", in: parent)
    let sums = try fill(staging).sums
    return FileManager.default.contents(atPath: StagingFolder.join(StagingFolder.join(parent, batch), "SHA256SUMS")) == Data(sums.utf8)
  }

  /// Writes it under `payouts` in the folder of reports.
  ///
  /// - Throws: ``ReportError/targetExists(path:)`` when it is there already.
  public func publish(in reports: String) throws(ReportError) -> PublishedFolder {
    let staging = try StagingFolder(target: batch, in: PayoutFolder.parent(in: reports))
    let files = try fill(staging).files
    if let anchor {
      var file = try staging.create("anchor.json")
      file.raw(anchor)
      _ = try file.finish(as: "anchor.json")
    }
    let path = staging.path
    try staging.publish()
    return PublishedFolder(path: path, files: files)
  }

  /// What the tables do not say, for whoever takes the batch back into a ledger.
  private var description: String {
    func quoted(_ text: String) -> String {
      var quoted = "\""
      for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": quoted += "\\\(scalar)"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
          quoted += "\\u" + String(repeating: "0", count: scalar.value < 0x10 ? 3 : 2) + String(scalar.value, radix: 16)
        default: quoted.unicodeScalars.append(scalar)
        }
      }
      return quoted + "\""
    }
    return """
      {
        "batch": \(quoted(batch)),
        "prepared_at": \(quoted(preparedAt.description)),
        "prepared_by": \(quoted(preparedBy)),
        "profiles": [\(profiles.map(quoted).joined(separator: ", "))],
        "rows": \(rows)
      }

      """
  }

  private func fill(_ staging: borrowing StagingFolder) throws(ReportError) -> (files: [WrittenFile], sums: String) {
    var files = [
      try staging.write("payout-monero.csv", PayoutRow.header, monero),
      try staging.write("payout-processor.csv", PayoutRow.header, processor),
      try staging.write("not_ready.csv", NotReadyRow.header, notReady),
      try staging.write("totals.csv", PayoutTotalRow.header, totals),
    ]
    var about = try staging.create("batch.json")
    about.raw(description)
    files.append(try about.finish(as: "batch.json"))
    for upload in uploads {
      var file = try staging.create(upload.name)
      file.raw(upload.text)
      files.append(try file.finish(as: upload.name))
    }
    files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let sums = files.map { "\($0.sha256)  \($0.name)\n" }.joined()
    var sumsFile = try staging.create("SHA256SUMS")
    sumsFile.raw(sums)
    return (files + [try sumsFile.finish(as: "SHA256SUMS")], sums)
  }
}

extension StagingFolder {
  fileprivate func write(
    _ name: String, _ header: String, _ rows: [some CSVRow]
  ) throws(ReportError) -> WrittenFile {
    var file = try create(name)
    file.raw(header + "\n")
    for row in rows { try file.write(row) }
    return try file.finish(as: name)
  }
}
