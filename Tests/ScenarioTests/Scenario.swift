import Foundation

/// A page that a person can check: files that are given, commands, and all that they must print and leave behind.
///
///     # P2 An outage of exactly 24 hours is not more than 24 hours.
///     < facts/orders.csv          a file that is given, up to the next line of this kind
///     $ makegood run              a command line, read by /bin/sh; its standard output follows, whole
///     2>                          then its standard error, whole; nothing when this line is missing
///     > reports/…/refunds.csv     then a file, whole
///     >= 0                        and last its exit status
///
/// Lines that begin with `#` are comments. Blank lines just before such a line or the end of the page only separate. A line that begins
/// with `\` stands for the rest of it, so any text can be written; ``noFinalBreak`` says that the text does not end its last line.
struct Scenario: Sendable {
  /// The pieces of a page in their order, so that it can be written again.
  enum Part: Sendable, Equatable {
    /// Comments and the blank lines around them, as they stand.
    case remark(String)
    case given(path: String, text: String)
    case command(Command)
  }

  struct Command: Sendable, Equatable {
    var line: String
    var output = ""
    var errors = ""
    var files: [File] = []
    var status: Int32 = 0
  }

  struct File: Sendable, Equatable {
    var path: String
    /// Nil when there is no such file.
    var text: String?
  }

  var parts: [Part]

  static let noFinalBreak = "\\(no line break at the end)"
  static let noSuchFile = "\\(no such file)"
}

/// What is wrong with a page itself.
struct ScenarioFault: Error, CustomStringConvertible {
  var line: Int
  var what: String
  var description: String { "line \(line): \(what)" }
}

extension Scenario {
  /// Reads a page.
  init(parsing page: String) throws(ScenarioFault) {
    var reader = Reader(lines: page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    // The last line's own line break.
    if reader.lines.last == "" { reader.lines.removeLast() }
    parts = []
    while let line = reader.next() {
      if line.isEmpty || line.hasPrefix("#") {
        parts.append(.remark(line))
      } else if line.hasPrefix("< ") {
        parts.append(.given(path: String(line.dropFirst(2)), text: reader.block() ?? ""))
      } else if line.hasPrefix("$ ") {
        parts.append(.command(try Scenario.command(String(line.dropFirst(2)), &reader)))
      } else {
        throw ScenarioFault(line: reader.at, what: "'\(line)' belongs to nothing")
      }
    }
    if !parts.contains(where: { if case .command = $0 { true } else { false } }) {
      throw ScenarioFault(line: reader.at, what: "there is no command")
    }
  }

  private static func command(_ line: String, _ reader: inout Reader) throws(ScenarioFault) -> Command {
    var command = Command(line: line)
    command.output = reader.block() ?? ""
    while let next = reader.next() {
      if next == "2>" {
        command.errors = reader.block() ?? ""
      } else if next.hasPrefix("> ") {
        command.files.append(File(path: String(next.dropFirst(2)), text: reader.block()))
      } else if next.hasPrefix(">= ") {
        guard let status = Int32(next.dropFirst(3)) else { throw ScenarioFault(line: reader.at, what: "'\(next)' is no exit status") }
        command.status = status
        return command
      } else if !next.isEmpty {
        throw ScenarioFault(line: reader.at, what: "'\(next)' stands before the exit status of '$ \(line)'")
      }
    }
    throw ScenarioFault(line: reader.at, what: "'$ \(line)' has no exit status: end it with '>= 0'")
  }

  /// The page, as it is read.
  var page: String {
    var page = ""
    for part in parts {
      switch part {
      case .remark(let line): page += line + "\n"
      case .given(let path, let text): page += "< \(path)\n" + Scenario.lines(of: text)
      case .command(let command):
        page += "$ \(command.line)\n" + Scenario.lines(of: command.output)
        if !command.errors.isEmpty { page += "2>\n" + Scenario.lines(of: command.errors) }
        for file in command.files {
          page += "> \(file.path)\n" + (file.text.map { Scenario.lines(of: $0) } ?? Scenario.noSuchFile + "\n")
        }
        page += ">= \(command.status)\n"
      }
    }
    return page
  }

  /// A text as it stands on a page: what would be read as something else gets its `\`.
  private static func lines(of text: String) -> String {
    if text.isEmpty { return "" }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let isEnded = lines.last == ""
    if isEnded { lines.removeLast() }
    // Blank lines at the end would be taken for the space before the next part.
    let lastFilled = lines.lastIndex { !$0.isEmpty } ?? -1
    var page = ""
    for (index, line) in lines.enumerated() {
      let mustEscape = Reader.isMark(line) || line.hasPrefix("\\") || (line.isEmpty && index > lastFilled)
      page += (mustEscape ? "\\" : "") + line + "\n"
    }
    return isEnded ? page : page + noFinalBreak + "\n"
  }

  private struct Reader {
    var lines: [String]
    var at = 0

    mutating func next() -> String? {
      guard at < lines.count else { return nil }
      defer { at += 1 }
      return lines[at]
    }

    static func isMark(_ line: String) -> Bool {
      line == "2>" || ["#", "< ", "$ ", "> ", ">= "].contains { line.hasPrefix($0) }
    }

    /// The lines up to the next mark, as text; nil when they say that there is no such file.
    mutating func block() -> String? {
      var block: [String] = []
      while at < lines.count, !Reader.isMark(lines[at]) {
        block.append(lines[at])
        at += 1
      }
      while block.last == "" {
        block.removeLast()
        at -= 1
      }
      if block == [noSuchFile] { return nil }
      let isEnded = block.last != noFinalBreak
      if !isEnded { block.removeLast() }
      let text = block.map { $0.hasPrefix("\\") ? String($0.dropFirst()) : $0 }.joined(separator: "\n")
      return block.isEmpty || !isEnded ? text : text + "\n"
    }
  }
}
