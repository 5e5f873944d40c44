import Foundation
import Testing

/// Every clause of the policy, as its page tells it, is tried: by a row of the table of cases, by a scenario's page that names it in its heading,
/// or by a test that names it.
@Suite struct `the clauses of the policy` {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  /// Ids such as W1 in a text.
  private static func ids(in text: some StringProtocol) -> Set<String> {
    Set(String(text).matches(of: /\b[WSPNQHGD][1-9]\b/).map { String($0.output) })
  }

  private static func clauses() throws -> Set<String> {
    let page = "Sources/RefundPolicy/RefundPolicy.docc/Policy.md"
    let policy = try String(contentsOf: tests.deletingLastPathComponent().appendingPathComponent(page), encoding: .utf8)
    return Set(policy.matches(of: /(?m)^\| ([WSPNQHGD][1-9])\b/).map { String($0.output.1) })
  }

  private static func tried() throws -> Set<String> {
    var tried: Set<String> = []
    for page in ScenarioPage.all {
      let text = try String(contentsOf: page.file, encoding: .utf8)
      tried.formUnion(ids(in: text.prefix { $0 != "\n" }))
    }
    let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
    for file in files where file.pathExtension == "swift" && !file.path.contains("/ReferenceModel") {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        if let row = line.firstMatch(of: /^ *Case\(\.([WSPNQ][1-9]),/) { tried.insert(String(row.output.1)) }
        if line.contains("@Suite") || line.contains("@Test") || line.contains("func `") { tried.formUnion(ids(in: line)) }
      }
    }
    return tried
  }

  @Test func `are tried, each of them`() throws {
    let clauses = try Self.clauses()
    #expect(clauses.count >= 32, "the tables of the policy's page have another form now")
    #expect(clauses.subtracting(try Self.tried()) == [])
  }
}
