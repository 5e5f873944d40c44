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
  /// Every transfer that it made, on the chain or on its way there, also those that it was not asked for by makegood.
  func outgoing() throws(MoneroError) -> [OutgoingTransfer]
  /// The key that proves what a transaction paid; nil where the wallet does not have it.
  func key(of hash: String) throws(MoneroError) -> String?
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
  /// What a node knows of a transaction; nil where it is missing.
  func contents(of hash: String) throws(MoneroError) -> ChainTransaction?
  /// Whether any of the inputs is spent, in a block or in the pool.
  func isAnySpent(_ keyImages: [String]) throws(MoneroError) -> Bool
}

/// A transfer that the wallet made.
public struct OutgoingTransfer: Hashable, Sendable {
  /// 64 hexadecimal digits.
  public var hash: String
  /// What it paid in all, without its fee and change, in piconero.
  public var amount: UInt64
  /// What it cost, in piconero.
  public var fee: UInt64
  /// What each address got, in piconero. Empty where the wallet does not know: one that was restored has forgotten it.
  public var destinations: [Destination]

  public struct Destination: Hashable, Sendable {
    public var address: String
    public var amount: UInt64

    public init(address: String, amount: UInt64) { (self.address, self.amount) = (address, amount) }
  }

  public init(hash: String, amount: UInt64, fee: UInt64, destinations: [Destination]) {
    (self.hash, self.amount, self.fee, self.destinations) = (hash, amount, fee, destinations)
  }
}

/// A transaction as a node knows it.
public struct ChainTransaction: Hashable, Sendable {
  public var blob: String
  public var keyImages: [String]

  public init(blob: String, keyImages: [String]) { (self.blob, self.keyImages) = (blob, keyImages) }
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
