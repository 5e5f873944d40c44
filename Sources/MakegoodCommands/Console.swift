import Facts
import Foundation
import RefundPolicy
import Synchronization

/// Results go to standard output, everything else to standard error; progress only to a terminal.
///
/// A result that cannot be written stops nothing that is being done: the command goes on, and ``end(_:)`` makes the failure its exit status.
enum Console {
  private struct State {
    /// Why standard output takes no more: an errno.
    var failure: CInt?
    /// What the command has done for good, a sentence without its full stop.
    var done: String?
  }

  private static let state = Mutex(State())

  static func print(_ text: String) { write(text + "\n") }

  /// Writes all of the text to standard output, unless an earlier one did not get there.
  static func write(_ text: String) {
    if isBroken { return }
    if let code = write(Printable.text(text), to: STDOUT_FILENO) { state.withLock { $0.failure = code } }
  }

  /// Writes data for another program: into a file or pipe as it is, to a terminal like any text.
  static func write(data text: String) {
    if isOutputTerminal { return write(text) }
    if isBroken { return }
    if let code = write(text, to: STDOUT_FILENO) { state.withLock { $0.failure = code } }
  }

  /// The same with data that is written to a descriptor.
  static func write(data body: (CInt) throws -> Void) throws {
    guard isOutputTerminal else { return try body(STDOUT_FILENO) }
    // mkstemp puts a name into the place of six such letters; nobody sees the file under it for long.
    var template = Array("\(NSTemporaryDirectory())/makegood.XXXXXX".utf8CString)
    let spool = unsafe mkstemp(&template)
    guard spool >= 0 else { throw Diagnostic(.inputOutput, "there is no room for the answer", hint: "Write it into a file: '>FILE'.") }
    unsafe unlink(template)
    let file = FileHandle(fileDescriptor: spool, closeOnDealloc: true)
    try body(spool)
    try file.seek(toOffset: 0)
    write(String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self))
  }

  /// Whether standard output takes no more: a long answer can stop.
  static var isBroken: Bool { state.withLock { $0.failure != nil } }

  /// For standard error. Where that fails nobody can be told; the exit status says the rest.
  static func note(_ text: String) { prompt(text + "\n") }

  /// The same without a line break.
  static func prompt(_ text: String) { _ = write(Printable.text(text), to: STDERR_FILENO) }

  /// Writes to a terminal what moves its cursor; nothing from outside is in it.
  static func control(_ sequence: StaticString) { _ = write("\(sequence)", to: STDERR_FILENO) }

  static func report(_ diagnostic: Diagnostic) {
    note("error: \(diagnostic.message)")
    note("hint: \(diagnostic.hint)")
  }

  /// Remembers what was done for good, a sentence without its full stop: should the output fail, the message says so.
  static func note(done: String) { state.withLock { $0.done = done } }

  /// Ends the process; with 74 where all went well but the output did not reach its reader.
  ///
  /// A reader that has seen enough and closed the pipe knows that itself: that is not said in words.
  static func end(_ status: ExitStatus) -> Never {
    let (failure, done) = state.withLock { ($0.failure, $0.done) }
    guard let failure, status == .done || status == .no else { exit(status.rawValue) }
    if failure != EPIPE {
      let hint = done.map { "\($0.prefix(1).uppercased() + $0.dropFirst()); only what was printed is lost." }
      report(
        Diagnostic(
          .inputOutput, "cannot write to standard output: \(unsafe String(cString: strerror(failure)))",
          hint: hint ?? "See where standard output goes, then ask again."))
    }
    exit(ExitStatus.inputOutput.rawValue)
  }

  /// - Returns: An errno where not all of it was written.
  private static func write(_ text: String, to descriptor: CInt) -> CInt? {
    var text = text
    return text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let step = unsafe Foundation.write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
        if step < 0 && errno == EINTR { continue }
        if step <= 0 { return step < 0 ? errno : EIO }
        written += step
      }
      return nil
    }
  }

  /// A variable of the environment; empty counts as not set.
  static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  static var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }
  static var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// The clock that `MAKEGOOD_NOW` pretends; nil where it is not set. Only ledgers that were made under one accept it.
  static func pretendedNow() throws -> Instant? {
    guard let text = environment("MAKEGOOD_NOW") else { return nil }
    guard let instant = Instant(rfc3339: text) else {
      throw Diagnostic(.badConfiguration, "MAKEGOOD_NOW is '\(text)'", hint: "Write an instant like 2026-11-23T04:00:00Z.")
    }
    return instant
  }

  /// The clock, whole seconds: the machine's, or the pretended one.
  static func now() throws -> Instant {
    if let pretended = try pretendedNow() { return pretended }
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
    if !isShown { return }
    end()
    Console.prompt(text)
  }

  func closing(_ day: ServiceDay, _ orders: Int64) {
    say(orders == 0 ? "closing \(day) …" : "closing \(day): \(orders) orders …")
  }

  func end() {
    if isShown { Console.control("\r\u{1B}[K") }
  }
}
