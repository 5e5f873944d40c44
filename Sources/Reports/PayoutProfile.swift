import RefundPolicy

/// A processor's own upload template: the same payments in the columns that its mass payout takes, a row a payment.
///
/// Amounts are rounded down to what the processor takes; the ledger keeps the whole amount.
public enum PayoutProfile: String, CaseIterable, Hashable, Sendable {
  case cryptoprocessing, txnpro, inqud

  /// Rows that one file may have.
  private var rowsInFile: Int {
    switch self {
    case .cryptoprocessing: 500
    case .txnpro, .inqud: .max
    }
  }

  /// Whether it can say a destination tag or memo; a payout that needs one is not for a template without.
  public var hasTags: Bool { self != .inqud }

  /// Decimals that the amount may have.
  public var mostDecimals: Int { 8 }

  private var header: String {
    switch self {
    case .cryptoprocessing: "Address,Tag,Currency,Amount,Note"
    case .txnpro: "Charge Currency,Pay Currency,Pay Amount,Pay Network,Address,Destination Tag,Reference"
    case .inqud: "cryptoAddress,cryptoCurrency,amount,clientOrderId,comment"
    }
  }

  private func fields(of row: UploadRow) -> [String] {
    switch self {
    case .cryptoprocessing: [row.address, row.tag, currency(of: row), row.amount, row.reference]
    case .txnpro: [row.coin, row.coin, row.amount, currency(of: row), row.address, row.tag, row.reference]
    case .inqud: [row.address, currency(of: row), row.amount, row.reference, row.note]
    }
  }

  /// How the processor names a coin on its network: `USDT-TRX`; its results name it so too.
  public func currency(of row: UploadRow) -> String {
    guard let network = row.tokenNetwork else { return row.coin }
    return switch self {
    case .cryptoprocessing: "\(row.coin)-\(network)"
    case .txnpro: "\(network):\(row.coin)"
    case .inqud: "\(network == "TRX" ? "TRON" : network)_\(row.coin)"
    }
  }

  /// The template's files: none for no payouts.
  public func files(of rows: [UploadRow]) -> [UploadFile] {
    stride(from: 0, to: rows.count, by: min(rowsInFile, max(rows.count, 1))).enumerated().map { number, start in
      let part = rows[start..<min(rows.count, start + min(rowsInFile, rows.count))]
      let lines = part.map { row in fields(of: row).map(PayoutProfile.quoted).joined(separator: ",") + "\n" }
      let name = rows.count > rowsInFile ? "upload-\(rawValue)-\(number + 1).csv" : "upload-\(rawValue).csv"
      return UploadFile(name: name, text: header + "\n" + lines.joined())
    }
  }

  /// Nothing is put before a value here: a processor takes an address or a tag as it stands.
  private static func quoted(_ text: String) -> String {
    text.utf8.contains { [0x2C, 0x22, 0x0A, 0x0D].contains($0) } ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }
}

/// A payment as templates say it.
public struct UploadRow: Hashable, Sendable {
  public var coin: String
  /// The short name of the network, where the coin is a token on another's chain: `TRX`.
  public var tokenNetwork: String?
  public var address: String
  public var tag: String
  public var amount: String
  /// Unique for the processor: the payment.
  public var reference: String
  public var note: String

  public init(coin: String, tokenNetwork: String?, address: String, tag: String, amount: String, reference: String, note: String) {
    (self.coin, self.tokenNetwork, self.address, self.tag) = (coin, tokenNetwork, address, tag)
    (self.amount, self.reference, self.note) = (amount, reference, note)
  }
}

/// A file to be uploaded.
public struct UploadFile: Hashable, Sendable {
  public var name: String
  public var text: String
}
