/// Why an address cannot be paid.
public enum AddressProblem: Error, Hashable, Sendable {
  case empty
  /// A space, or a character that cannot be seen; its place counts from 1. Nothing is trimmed: it may stand where another should.
  case invisible(at: Int)
  case malformed(String)
  case checksum
  /// What it is instead: `a Bitcoin address`.
  case wrongNetwork(String)
  case privateKey
  /// The contract of a token: what is sent there is lost.
  case tokenContract(String)
  case zeroAddress
  /// Solana: no key can sign for it, so it is no wallet.
  case offCurve
  /// An old form that is the same as another coin's: the customer has to say which is meant.
  case ambiguous(String)
}

extension AddressProblem {
  /// One plain clause for a clerk, and for the customer.
  public var words: String {
    switch self {
    case .empty: "no address was given"
    case .invisible(let place): "the address holds a space or an invisible character at place \(place)"
    case .malformed(let what): "the address is malformed: \(what)"
    case .checksum: "the checksum of the address is wrong: a character is mistyped or missing"
    case .wrongNetwork(let what): "the address is for another network: it is \(what)"
    case .privateKey: "it is a private key, not an address; whoever has seen it can take the wallet's money"
    case .tokenContract(let name): "it is the contract of \(name), not a wallet: what is sent there is lost"
    case .zeroAddress: "it is the zero address: what is sent there is lost"
    case .offCurve: "no wallet has this address: it belongs to a program or a token account"
    case .ambiguous(let what): "the address could also be \(what); ask the customer for the newer form"
    }
  }
}
