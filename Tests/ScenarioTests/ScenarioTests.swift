import Foundation
import Testing

/// One page of Scenarios/.
struct ScenarioPage: Sendable, CustomTestStringConvertible {
  var file: URL
  var testDescription: String { file.deletingPathExtension().lastPathComponent }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Scenarios")

  static let all: [ScenarioPage] = {
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "scenario" }.sorted { $0.path < $1.path }.map { ScenarioPage(file: $0) }
  }()

  /// Set, the pages are written anew from what happens; read the difference before you keep it.
  static let blesses = ProcessInfo.processInfo.environment["MAKEGOOD_BLESS"] == "1"
}

@Suite struct `the program, from outside` {
  @Test(arguments: ScenarioPage.all)
  func `does what the page says`(page: ScenarioPage) throws {
    let text = try String(contentsOf: page.file, encoding: .utf8)
    let scenario = try Scenario(parsing: text)
    let real = try scenario.happening(in: Sandbox(Binary.find()))
    if ScenarioPage.blesses {
      if real.page != text { try Data(real.page.utf8).write(to: page.file) }
    } else if real.page != scenario.page {
      Issue.record("\(page.testDescription):\n\(difference(expected: scenario.page, actual: real.page))")
    }
  }

  @Test func `there are pages`() { #expect(ScenarioPage.all.count >= 30) }
}

@Suite struct `a scenario's page` {
  @Test func `is written as it was read`() throws {
    let page = """
      # P2 A page.

      < a.csv
      a,b

      c
      \\# no comment
      < empty.csv
      < open.csv
      x
      \\(no line break at the end)

      $ makegood run
      out
      \\
      2>
      error: x
      > reports/refunds.csv
      1
      > gone.csv
      \\(no such file)
      >= 65

      """
    let scenario = try Scenario(parsing: page)
    #expect(scenario.page == page)
    #expect(scenario.parts[2] == .given(path: "a.csv", text: "a,b\n\nc\n# no comment\n"))
    #expect(scenario.parts[3] == .given(path: "empty.csv", text: ""))
    #expect(scenario.parts[4] == .given(path: "open.csv", text: "x"))
    #expect(
      scenario.parts[6]
        == .command(
          Scenario.Command(
            line: "makegood run", output: "out\n\n", errors: "error: x\n",
            files: [Scenario.File(path: "reports/refunds.csv", text: "1\n"), Scenario.File(path: "gone.csv", text: nil)], status: 65)))
  }

  @Test(arguments: ["", "# nothing\n", "$ true\n", "$ true\n>= x\n", "loose\n", "$ true\n# too early\n>= 0\n"])
  func `is refused when it checks nothing`(page: String) {
    #expect(throws: ScenarioFault.self) { try Scenario(parsing: page) }
  }
}
