import ArgumentParser
import Coins
import Foundation
import Ledger
import Payouts
import WalletRPC

/// How a Monero node is reached.
struct DaemonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The node's RPC; else MAKEGOOD_DAEMON_RPC, else http://127.0.0.1:18081.", valueName: "url"))
  var daemonRpc: String?

  @Option(help: ArgumentHelp("Seconds that a call may take.", valueName: "seconds"))
  var timeout: Int = 30

  @Flag(help: "The node is a private chain for tests (fakechain), not the main net.")
  var regtest = false

  @Flag(help: "Wallet and node may be on another machine, though nothing is encrypted on the way there.")
  var insecure = false

  var network: String { regtest ? "fakechain" : SendLimits.mainNet }

  func validate() throws {
    if !(1...3600).contains(timeout) { throw ValidationError("--timeout is from 1 to 3600 seconds.") }
  }

  func daemon() throws -> DaemonRPC {
    let text = try daemonRpc ?? Configuration().value("MAKEGOOD_DAEMON_RPC") ?? "http://127.0.0.1:18081"
    return DaemonRPC(try endpoint(text), login: nil, seconds: Int64(timeout))
  }

  func endpoint(_ text: String) throws -> Endpoint {
    // Not said again: it may hold a password.
    if text.contains("@") {
      throw Diagnostic(
        .usage, "a place of a wallet or node with a login in it is refused: everybody on this machine can see it",
        hint: "Write http://HOST:PORT, and USER:PASSWORD into a file for --wallet-login; give the wallet another password.")
    }
    guard let endpoint = Endpoint(text) else {
      // Not said again either: a login may stand in any part of it.
      throw Diagnostic(
        .usage, "the place of the wallet or node is none that can be used",
        hint: "Write http://HOST:PORT; to one on another machine make a tunnel, for nothing here is encrypted.")
    }
    if !endpoint.isOnThisMachine && !insecure {
      throw Diagnostic(
        .usage, "'\(text)' is on another machine, and nothing is encrypted on the way there",
        hint: "Make a tunnel ('ssh -L') and name its end on this machine; or give --insecure, where the network between is yours alone.")
    }
    return endpoint
  }
}

/// How the seller's Monero wallet is reached.
struct WalletOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The wallet's RPC; else MAKEGOOD_WALLET_RPC.", valueName: "url"))
  var walletRpc: String?

  @Option(help: ArgumentHelp("A file with USER:PASSWORD of the wallet's RPC; else MAKEGOOD_WALLET_LOGIN.", valueName: "file"))
  var walletLogin: String?

  /// Nil where no wallet is named.
  func wallet(like node: DaemonOptions) throws -> WalletRPC? {
    guard let place = try walletRpc ?? Configuration().value("MAKEGOOD_WALLET_RPC") else { return nil }
    return WalletRPC(try node.endpoint(place), login: try login(), WalletRPC.Patience(seconds: Int64(node.timeout)))
  }

  private func login() throws -> Login? {
    guard let path = try walletLogin ?? Configuration().value("MAKEGOOD_WALLET_LOGIN") else { return nil }
    var entry = stat()
    let isThere = unsafe stat(path, &entry) == 0
    // Not said again: it is a password.
    if !isThere && path.contains(":") {
      throw Diagnostic(
        .usage, "--wallet-login names a file; a login itself is refused: everybody on this machine can see it",
        hint: "Write USER:PASSWORD into a file that only you can read, and give the wallet another password.")
    }
    guard isThere, let data = FileManager.default.contents(atPath: path) else {
      // Not said again either: somebody may have written the password alone.
      throw Diagnostic(.missingInput, "cannot read the file that --wallet-login names", hint: "Name a file with USER:PASSWORD in it.")
    }
    // The owner's group may read it: that is how a service is given a password.
    guard entry.st_mode & (S_IRWXO | S_IWGRP) == 0 else {
      throw Diagnostic(
        .badConfiguration, "others can read or change '\(path)', which holds the wallet's password",
        hint: "Take that away ('chmod 600 FILE', or 640 for a group of its own), and give the wallet another password.")
    }
    guard let login = Login(String(decoding: data, as: UTF8.self)) else {
      throw Diagnostic(.badConfiguration, "'\(path)' holds no login", hint: "Write USER:PASSWORD, in one line.")
    }
    return login
  }
}

extension Diagnostic {
  /// What a transfer of the wallet that nobody knows keeps from being paid.
  ///
  /// - Parameter leftOut: Whether its payments were left out just now.
  init(_ unexplained: UnexplainedTransfer, leftOut: Bool) {
    let transfer = unexplained.transfer
    let amount = CoinAmount(atomic: UInt128(transfer.amount), decimals: 12)
    let names = unexplained.payments.map(\.description).joined(separator: ", ")
    let one = unexplained.payments.count == 1
    let place = transfer.destinations.isEmpty ? ", the wallet does not know where to" : " to \(one ? "its address" : "their addresses")"
    self.init(
      .no,
      "\(names) \(leftOut ? (one ? "is left out" : "are left out") : "may be paid already"): the wallet sent \(amount) XMR\(place), in transaction "
        + "\(transfer.hash), which this ledger does not know",
      hint:
        "If it is \(one ? "that payment" : "one of those payments"), 'makegood recover --by NAME --wallet-rpc URL' takes back what was sent just as "
        + "prepared; else cancel what it paid. If it is another: 'makegood recover --other-transfer \(transfer.hash) --by NAME --note TEXT'.")
  }
}
