import Foundation

/// The system user that the program runs as, and the machine it runs on: what the log keeps beside a name that anybody can type.
public struct SystemUser: Hashable, Sendable, CustomStringConvertible {
  /// By the user database; the number where it has no name for it.
  public let name: String
  public let host: String

  public var description: String { "\(name)@\(host)" }

  public static let current: SystemUser = {
    let id = geteuid()
    let name = unsafe getpwuid(id).map { unsafe String(cString: $0.pointee.pw_name) } ?? "\(id)"
    var host = utsname()
    let isKnown = unsafe uname(&host) == 0
    let node = unsafe withUnsafeBytes(of: host.nodename) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return SystemUser(name: name, host: isKnown ? node : "unknown")
  }()
}
