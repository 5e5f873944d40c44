import Foundation
public import Payouts

/// A Monero node behind the RPC of `monerod`.
public struct DaemonRPC: MoneroDaemon {
  private let client: RPCClient
  private let seconds: Int64

  public init(_ endpoint: Endpoint, login: Login?, seconds: Int64) { (client, self.seconds) = (RPCClient(endpoint, login: login), seconds) }

  public func state() throws(MoneroError) -> DaemonState {
    let info: Info = try client.call("get_info", Empty(), within: seconds)
    guard info.status == "OK" else { throw .badAnswer("get_info: status \(info.status)") }
    return DaemonState(
      network: info.nettype, height: info.height,
      isSynchronized: (info.synchronized ?? true) && !(info.busy_syncing ?? false) && info.target_height <= info.height)
  }

  public func place(of hash: String) throws(MoneroError) -> ChainPlace {
    let found: Transactions = try client.post("/get_transactions", Hashes(txs_hashes: [hash]), within: seconds, what: "get_transactions")
    guard found.status == "OK" else { throw .badAnswer("get_transactions: status \(found.status)") }
    guard let transaction = found.txs?.first(where: { $0.tx_hash == hash }) else {
      guard found.missed_tx?.contains(hash) ?? false else { throw .badAnswer("get_transactions: neither found nor missing") }
      return .missing
    }
    if transaction.in_pool { return .inPool }
    // Versions without `confirmations` tell the block; the chain's height counts it as the first.
    if let confirmations = transaction.confirmations { return .inBlock(confirmations: confirmations) }
    guard let block = transaction.block_height else { throw .badAnswer("get_transactions: no block") }
    let height = try state().height
    return .inBlock(confirmations: height > block ? height - block : 0)
  }

  public func contents(of hash: String) throws(MoneroError) -> ChainTransaction? {
    let found: Transactions = try client.post(
      "/get_transactions", Hashes(txs_hashes: [hash], decode_as_json: true), within: seconds, what: "get_transactions")
    guard found.status == "OK" else { throw .badAnswer("get_transactions: status \(found.status)") }
    guard let transaction = found.txs?.first(where: { $0.tx_hash == hash }) else { return nil }
    guard let text = transaction.as_json, let inputs = try? JSONDecoder().decode(Inputs.self, from: Data(text.utf8)) else {
      throw .badAnswer("get_transactions: no inputs of \(hash)")
    }
    return ChainTransaction(blob: transaction.as_hex ?? "", keyImages: inputs.vin.compactMap { $0.key?.k_image })
  }

  public func isAnySpent(_ keyImages: [String]) throws(MoneroError) -> Bool {
    let spent: Spent = try client.post("/is_key_image_spent", Images(key_images: keyImages), within: seconds, what: "is_key_image_spent")
    guard spent.status == "OK", spent.spent_status.count == keyImages.count else {
      throw .badAnswer("is_key_image_spent: status \(spent.status), \(spent.spent_status.count) answers to \(keyImages.count)")
    }
    return spent.spent_status.contains { $0 != 0 }
  }
}

// Bodies of calls, with the names that the daemon gives them.

private struct Empty: Encodable {}

private struct Info: Decodable {
  let status: String
  let nettype: String
  let height: UInt64
  let target_height: UInt64
  let synchronized: Bool?
  let busy_syncing: Bool?
}

private struct Hashes: Encodable {
  let txs_hashes: [String]
  var decode_as_json = false
}

private struct Transactions: Decodable {
  struct Transaction: Decodable {
    let tx_hash: String
    let in_pool: Bool
    let block_height: UInt64?
    let confirmations: UInt64?
    let as_hex: String?
    /// Its own form as JSON, where it was asked for.
    let as_json: String?
  }
  let status: String
  let txs: [Transaction]?
  let missed_tx: [String]?
}

private struct Inputs: Decodable {
  struct Input: Decodable { let key: Key? }
  struct Key: Decodable { let k_image: String }
  let vin: [Input]
}

private struct Images: Encodable { let key_images: [String] }

private struct Spent: Decodable {
  let status: String
  let spent_status: [Int]
}
