import Foundation

/// The program as it was built, and an environment like cron's for it: nothing of the person's own who runs the tests.
struct Binary: Sendable {
  let path: String

  /// `MAKEGOOD_BINARY`, else the program that was built beside the tests.
  static func find() throws -> Binary {
    let path: String
    if let named = ProcessInfo.processInfo.environment["MAKEGOOD_BINARY"], !named.isEmpty {
      path = URL(fileURLWithPath: named).path
    } else {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      path = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("makegood").path
    }
    guard FileManager.default.isExecutableFile(atPath: path) else { throw NoBinary(path: path) }
    return Binary(path: path)
  }

  struct NoBinary: Error, CustomStringConvertible {
    var path: String
    var description: String { "there is no program at '\(path)': build it, or name it with MAKEGOOD_BINARY" }
  }
}

/// A fresh folder in which commands run one after the other, gone when its owner lets go of it.
final class Sandbox {
  let work: URL
  private let root: URL
  private let environment: [String: String]

  init(_ binary: Binary) throws {
    root = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-scenario-\(UUID().uuidString)")
    work = root.appendingPathComponent("work")
    let programs = root.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: programs.appendingPathComponent("makegood").path, withDestinationPath: binary.path)
    // No LANG, and a time zone 13:45 hours from UTC: neither may show in any output.
    environment = [
      "PATH": "\(programs.path):/usr/bin:/bin", "TZ": "Pacific/Chatham",
      "MAKEGOOD_DB": "makegood.db", "MAKEGOOD_NOW": "2026-11-23T04:00:00Z",
    ]
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  func write(_ text: String, to path: String) throws {
    let file = work.appendingPathComponent(path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func read(_ path: String) -> String? {
    FileManager.default.contents(atPath: work.appendingPathComponent(path).path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Runs a command line; one that takes more than two minutes is ended with status 124.
  func run(_ line: String) throws -> (output: String, errors: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["120", "/bin/sh", "-c", line]
    process.environment = environment
    process.currentDirectoryURL = work
    process.standardInput = FileHandle.nullDevice
    let output = try sink("output")
    let errors = try sink("errors")
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    return (try text("output"), try text("errors"), process.terminationStatus)
  }

  private func sink(_ name: String) throws -> FileHandle {
    let file = root.appendingPathComponent(name)
    try Data().write(to: file)
    return try FileHandle(forWritingTo: file)
  }

  /// What was written, with the system user and host that the log keeps as `user@host`: they are of this machine, and so are the digests over them.
  private func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: root.appendingPathComponent(name)), as: UTF8.self)
      .replacingOccurrences(of: Sandbox.machine, with: "user@host")
      .replacing(/(fingerprint (?:is )?)[0-9a-f]{12}/) { "\($0.1)FINGERPRINT" }
  }

  private static let machine: String = {
    let id = geteuid()
    let name = unsafe getpwuid(id).map { unsafe String(cString: $0.pointee.pw_name) } ?? "\(id)"
    var host = utsname()
    guard unsafe uname(&host) == 0 else { return "\(name)@unknown" }
    let node = unsafe withUnsafeBytes(of: host.nodename) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return "\(name)@\(node)"
  }()
}

extension Scenario {
  /// The page as it would have to be for everything in it to hold.
  func happening(in sandbox: Sandbox) throws -> Scenario {
    var real = self
    for (index, part) in parts.enumerated() {
      switch part {
      case .remark: continue
      case .given(let path, let text): try sandbox.write(text, to: path)
      case .command(var command):
        let result = try sandbox.run(command.line)
        (command.output, command.errors, command.status) = (result.output, result.errors, result.status)
        for file in command.files.indices { command.files[file].text = sandbox.read(command.files[file].path) }
        real.parts[index] = .command(command)
      }
    }
    return real
  }
}

/// The lines in which two texts differ, with some that they share around them: `-` was expected, `+` is what came.
func difference(expected: String, actual: String) -> String {
  let left = expected.split(separator: "\n", omittingEmptySubsequences: false)
  let right = actual.split(separator: "\n", omittingEmptySubsequences: false)
  var marked: [(mark: Character, line: Substring)] = []
  let change = right.difference(from: left)
  let removed = Set(change.removals.map(offset))
  let inserted = Set(change.insertions.map(offset))
  var (at, to) = (0, 0)
  while at < left.count || to < right.count {
    if removed.contains(at) {
      marked.append(("-", left[at]))
      at += 1
    } else if inserted.contains(to) {
      marked.append(("+", right[to]))
      to += 1
    } else {
      marked.append((" ", left[at]))
      at += 1
      to += 1
    }
  }
  let context = 3
  var shown = Set<Int>()
  for index in marked.indices where marked[index].mark != " " {
    shown.formUnion(max(0, index - context)...min(marked.count - 1, index + context))
  }
  var text = ""
  var last = -1
  for index in shown.sorted() {
    if index != last + 1 { text += "  …\n" }
    text += "\(marked[index].mark) \(marked[index].line)\n"
    last = index
  }
  return text
}

private func offset(_ change: CollectionDifference<Substring>.Change) -> Int {
  switch change {
  case .insert(let offset, _, _), .remove(let offset, _, _): offset
  }
}
