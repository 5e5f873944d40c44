import Foundation
import Facts
import RefundPolicy

/// Results go to standard output, everything else to standard error; progress only to a terminal.
enum Console {
  static func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  static func report(_ diagnostic: Diagnostic) {
    note("error: \(diagnostic.message)")
    note("hint: \(diagnostic.hint)")
  }

  /// Writes all of the text; a result that does not reach its reader ends the program as a failure to write.
  static func write(_ text: String, to descriptor: CInt) {
    var text = text
    text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let step = unsafe Foundation.write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
        if step < 0 && errno == EINTR { continue }
        if step < 0 { _exit(ExitStatus.inputOutput.rawValue) }
        written += step
      }
    }
  }

  /// A variable of the environment; empty counts as not set.
  static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  static var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }
  static var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// The clock, whole seconds. `MAKEGOOD_NOW` stands in for it where a night must be replayed exactly.
  static func now() throws -> Instant {
    if let text = environment("MAKEGOOD_NOW") {
      guard let instant = Instant(rfc3339: text) else {
        throw Diagnostic(.badConfiguration, "MAKEGOOD_NOW is '\(text)'", hint: "Write an instant like 2026-11-23T04:00:00Z.")
      }
      return instant
    }
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Instant(seconds: Int64(now.tv_sec))
  }
}

/// A line on the terminal that says how far the work is; nothing at all where standard error is no terminal.
struct Progress {
  private let isShown: Bool

  init(quiet: Bool) { isShown = !quiet && Console.isErrorTerminal }

  func say(_ text: String) {
    if isShown { Console.write("\r\u{1B}[K\(text)", to: STDERR_FILENO) }
  }

  func closing(_ day: ServiceDay, _ orders: Int64) {
    say(orders == 0 ? "closing \(day) …" : "closing \(day): \(orders) orders …")
  }

  func end() {
    if isShown { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
  }
}
