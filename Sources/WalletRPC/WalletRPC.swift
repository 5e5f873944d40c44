public import Ledger
public import Payouts

/// The seller's wallet behind `monero-wallet-rpc`.
public struct WalletRPC: MoneroWallet {
  private let client: RPCClient
  private let limits: Patience

  /// How long calls may take, in seconds.
  public struct Patience: Sendable {
    var call: Int64
    var build: Int64
    var refresh: Int64

    /// - Parameter seconds: For an ordinary call; building and reading the chain take longer.
    public init(seconds: Int64) { (call, build, refresh) = (seconds, 4 * seconds, 20 * seconds) }
  }

  public init(_ endpoint: Endpoint, login: Login?, _ limits: Patience) {
    (client, self.limits) = (RPCClient(endpoint, login: login), limits)
  }

  public func primaryAddress() throws(MoneroError) -> String {
    let answer: Address = try call("get_address", Account())
    return answer.address
  }

  public func refresh() throws(MoneroError) { let _: Nothing = try call("refresh", Nothing(), within: limits.refresh) }

  public func height() throws(MoneroError) -> UInt64 {
    let answer: Height = try call("get_height", Nothing())
    return answer.height
  }

  public func build(_ payments: [Attempt.Payment]) throws(MoneroError) -> (transaction: BuiltTransaction, amount: UInt64) {
    let request = Transfer(destinations: payments.map { Transfer.Destination(amount: $0.amount, address: $0.address) })
    let answer: Transferred = try call("transfer", request, within: limits.build)
    let transaction = BuiltTransaction(
      hash: answer.tx_hash, metadata: answer.tx_metadata, blob: answer.tx_blob, key: answer.tx_key,
      keyImages: answer.spent_key_images.key_images, fee: answer.fee)
    return (transaction, answer.amount)
  }

  public func relay(_ metadata: String) throws(MoneroError) -> String {
    let answer: Relayed = try call("relay_tx", Relay(hex: metadata), within: limits.build)
    return answer.tx_hash
  }

  public func outgoing() throws(MoneroError) -> [OutgoingTransfer] {
    let answer: Transfers = try call("get_transfers", TransferQuery(), within: limits.build)
    let transfers = (answer.out ?? []) + (answer.pending ?? [])
    if let odd = transfers.first(where: { !BuiltTransaction.isHash($0.txid) }) { throw .badAnswer("get_transfers: '\(odd.txid)' is no hash") }
    return transfers.map { transfer in
      OutgoingTransfer(
        hash: transfer.txid, amount: transfer.amount, fee: transfer.fee,
        destinations: (transfer.destinations ?? []).map { OutgoingTransfer.Destination(address: $0.address, amount: $0.amount) })
    }
  }

  public func key(of hash: String) throws(MoneroError) -> String? {
    do throws(MoneroError) {
      let answer: Key = try call("get_tx_key", KeyQuery(txid: hash))
      return answer.tx_key.isEmpty ? nil : answer.tx_key
    } catch {
      // No key is kept for it.
      if case .refused(code: -24, _) = error { return nil }
      throw error
    }
  }

  public func store() throws(MoneroError) { let _: Nothing = try call("store", Nothing()) }

  public func received(_ address: String, in hash: String, key: String) throws(MoneroError) -> (amount: UInt64, confirmations: UInt64) {
    let answer: Checked = try call("check_tx_key", KeyCheck(txid: hash, tx_key: key, address: address))
    return (answer.received, answer.in_pool ? 0 : answer.confirmations)
  }

  /// Calls a method, and tells the wallet's own errors apart that mean something to a person.
  private func call<Parameters: Encodable, Result: Decodable>(
    _ method: String, _ parameters: Parameters, within seconds: Int64? = nil
  ) throws(MoneroError) -> Result {
    do {
      return try client.call(method, parameters, within: seconds ?? limits.call)
    } catch {
      switch error {
      case .refused(code: -2, let message): throw .badAddress(message)
      case .refused(code: -13, _): throw .noWalletOpen
      case .refused(code: -17, let message), .refused(code: -37, let message): throw .notEnoughMoney(message)
      default: throw error
      }
    }
  }
}

// Bodies of calls, with the names that the wallet gives them.

private struct Nothing: Codable {}
private struct Account: Encodable { let account_index = 0 }
private struct Address: Decodable { let address: String }
private struct Height: Decodable { let height: UInt64 }

private struct Transfer: Encodable {
  struct Destination: Encodable {
    let amount: UInt64
    let address: String
  }
  let destinations: [Destination]
  let account_index = 0
  let priority = 1
  // A wallet ignores names that it does not know: misspelt, this one would send at once.
  let do_not_relay = true
  let get_tx_key = true
  let get_tx_hex = true
  let get_tx_metadata = true
}

private struct Transferred: Decodable {
  struct Images: Decodable { let key_images: [String] }
  let amount: UInt64
  let fee: UInt64
  let tx_hash: String
  let tx_key: String
  let tx_blob: String
  let tx_metadata: String
  let spent_key_images: Images
}

private struct Relay: Encodable { let hex: String }
private struct Relayed: Decodable { let tx_hash: String }

private struct KeyCheck: Encodable {
  let txid: String
  let tx_key: String
  let address: String
}

private struct TransferQuery: Encodable {
  let out = true
  let pending = true
  let all_accounts = true
}

private struct Transfers: Decodable {
  struct Destination: Decodable {
    let address: String
    let amount: UInt64
  }
  struct Transfer: Decodable {
    let txid: String
    let amount: UInt64
    let fee: UInt64
    let destinations: [Destination]?
  }
  let out: [Transfer]?
  let pending: [Transfer]?
}

private struct KeyQuery: Encodable { let txid: String }
private struct Key: Decodable { let tx_key: String }

private struct Checked: Decodable {
  let received: UInt64
  let confirmations: UInt64
  let in_pool: Bool
}
