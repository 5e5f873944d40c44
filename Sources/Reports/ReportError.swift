import Glibc

/// Why a report folder did not come to be. Paths are those the folder would have had; nothing is left behind.
public enum ReportError: Error, Hashable, Sendable {
  /// The folder is there already; a published folder is never changed.
  case targetExists(path: String)
  /// The folder for the reports, or a file in it, could not be made. `code` is an errno.
  case cannotCreate(path: String, code: Int32)
  /// Bytes could not be written, synced or moved into place. `code` is an errno.
  case cannotWrite(path: String, code: Int32)
  /// The system gave no thread to write with. `code` is an errno.
  case noThread(code: Int32)

  /// True when room is what is missing: no space left on the device, or the quota is used up.
  public var isDiskFull: Bool {
    switch self {
    case .targetExists, .noThread: false
    case .cannotCreate(_, let code), .cannotWrite(_, let code): code == ENOSPC || code == EDQUOT
    }
  }

  public var path: String {
    switch self {
    case .targetExists(let path), .cannotCreate(let path, _), .cannotWrite(let path, _): path
    case .noThread: ""
    }
  }
}

extension ReportError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .targetExists(let path): "report folder \(path) exists already"
    case .cannotCreate(let path, let code): "cannot create \(path): \(ReportError.text(of: code))"
    case .noThread(let code): "the system gives no thread to write with: \(ReportError.text(of: code))"
    case .cannotWrite(let path, let code): "cannot write \(path): \(ReportError.text(of: code))"
    }
  }

  /// What to do about it, as a full sentence.
  public var hint: String {
    switch self {
    case .targetExists: "A published folder is never changed: move it away if it is to be written again."
    case .noThread: "See how many processes and how much memory the user may have (ulimit -u, ulimit -v), and run again."
    case .cannotCreate, .cannotWrite:
      (isDiskFull ? "Free some space" : "Correct the cause") + " and run again; the next run writes the folder."
    }
  }

  private static func text(of code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
