public import Ledger

/// What can go wrong between makegood and a Monero wallet or daemon, as far as a person would act differently on it.
public enum MoneroError: Error, Hashable, Sendable {
  /// Nobody listens, or the connection broke: whether the call was carried out is not known.
  case unreachable(String)
  /// No answer in time: whether the call was carried out is not known.
  case timedOut(String)
  case loginRefused
  /// wallet-rpc has no wallet open.
  case noWalletOpen
  case notEnoughMoney(String)
  case outOfSync(String)
  case wrongNetwork(String)
  /// The wallet does not take an address that our own check took.
  case badAddress(String)
  case feeTooHigh(String)
  /// Any other error that it answered.
  case refused(code: Int, String)
  /// It answered something that cannot be right.
  case badAnswer(String)
}

/// The seller's wallet: what `monero-wallet-rpc` does of it.
public protocol MoneroWallet {
  func primaryAddress() throws(MoneroError) -> String
  /// Reads the chain up to now.
  func refresh() throws(MoneroError)
  /// The number of blocks that it has read.
  func height() throws(MoneroError) -> UInt64
  /// Builds a transaction and does not send it.
  func build(_ payments: [Attempt.Payment]) throws(MoneroError) -> (transaction: BuiltTransaction, amount: UInt64)
  /// Sends what was built; again, it sends the same.
  ///
  /// - Returns: The hash.
  func relay(_ metadata: String) throws(MoneroError) -> String
  /// Writes the wallet to its disk.
  func store() throws(MoneroError)
  /// What the key proves that an address received in a transaction.
  func received(_ address: String, in hash: String, key: String) throws(MoneroError) -> (amount: UInt64, confirmations: UInt64)
}

/// Where a transaction is.
public enum ChainPlace: Hashable, Sendable {
  case missing
  case inPool
  case inBlock(confirmations: UInt64)
}

/// A Monero node, asked apart from the wallet: the wallet forgets what it sent when it is killed.
public protocol MoneroDaemon {
  func state() throws(MoneroError) -> DaemonState
  func place(of hash: String) throws(MoneroError) -> ChainPlace
  /// Whether any of the inputs is spent, in a block or in the pool.
  func isAnySpent(_ keyImages: [String]) throws(MoneroError) -> Bool
}

public struct DaemonState: Hashable, Sendable {
  /// `mainnet`, `stagenet`, `testnet` or `fakechain`.
  public var network: String
  public var height: UInt64
  public var isSynchronized: Bool

  public init(network: String, height: UInt64, isSynchronized: Bool) {
    (self.network, self.height, self.isSynchronized) = (network, height, isSynchronized)
  }
}
