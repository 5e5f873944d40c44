import Foundation

/// Settings of the program, strongest first: flags, the environment, a configuration file.
///
/// The file has a line `NAME=VALUE` for each variable of the environment it stands in for; `#` begins a comment line. It is named by
/// `MAKEGOOD_CONFIG`, and is `/etc/makegood.conf` otherwise, where it need not exist.
struct Configuration {
  private let file: [String: String]

  /// The variables there are; the one that names the file cannot stand in it.
  private static let names = [
    "MAKEGOOD_DB", "MAKEGOOD_REPORTS", "MAKEGOOD_WALLET_RPC", "MAKEGOOD_WALLET_LOGIN", "MAKEGOOD_DAEMON_RPC", "MAKEGOOD_CONTACT",
  ]
  private static let defaultPath = "/etc/makegood.conf"

  /// - Throws: ``Diagnostic`` (78) when the file cannot be read or holds anything else.
  init() throws {
    let named = Console.environment("MAKEGOOD_CONFIG")
    let path = named ?? Configuration.defaultPath
    guard let data = FileManager.default.contents(atPath: path) else {
      if named == nil {
        file = [:]
      } else {
        throw Diagnostic(.badConfiguration, "cannot read the configuration file '\(path)'", hint: "Name another with MAKEGOOD_CONFIG.")
      }
      return
    }
    var values: [String: String] = [:]
    // A line break is whatever an editor makes of it: CRLF is one character here, which "\n" would not part.
    let lines = String(decoding: data, as: UTF8.self).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let text = line.trimmingCharacters(in: .whitespaces)
      if text.isEmpty || text.hasPrefix("#") { continue }
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, Configuration.names.contains(String(parts[0])) else {
        // Only a name of ours is said again: all else may be a password.
        let isName = parts.count == 2 && parts[0].hasPrefix("MAKEGOOD_")
        let name = isName ? "'\(parts[0])'" : "it"
        throw Diagnostic(
          .badConfiguration, "\(path):\(index + 1): \(name) is no setting",
          hint: "Write NAME=VALUE with one of \(Configuration.names.joined(separator: ", ")).")
      }
      values[String(parts[0])] = String(parts[1])
    }
    file = values
  }

  /// A setting by the name of its variable; nil where neither the environment nor the file has it.
  func value(_ name: String) -> String? {
    Console.environment(name) ?? file[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
