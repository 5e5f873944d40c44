import Foundation
import Reports
import RefundPolicy
import Testing

/// As much of a Frictionless data package as these tests look at.
private struct Package: Decodable {
  struct Field: Decodable {
    let name: String
    let type: String
    let description: String
  }
  struct Schema: Decodable {
    let fields: [Field]
    let primaryKey: [String]?
  }
  struct Resource: Decodable {
    let name: String
    let path: String
    let bytes: Int
    let hash: String
    let schema: Schema
  }
  let profile: String
  let name: String
  let resources: [Resource]
}

@Suite struct `the descriptions` {
  @Test func `of the data package agree with the files`() throws {
    let scratch = try Scratch()
    var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    try Sample.write(&folder)
    let published = try folder.publish()
    let package = try JSONDecoder().decode(Package.self, from: scratch.bytes("2026-11-22/datapackage.json"))
    #expect(package.profile == "tabular-data-package")
    #expect(package.name == "makegood-2026-11-22")
    #expect(package.resources.map(\.path) == ReportFile.nightly.map(\.fileName))
    for resource in package.resources {
      let header = try #require(try scratch.text("2026-11-22/" + resource.path).split(separator: "\n").first)
      #expect(resource.schema.fields.map(\.name).joined(separator: ",") == header)
      let file = try #require(published.files.first { $0.name == resource.path })
      #expect(resource.bytes == file.bytes)
      #expect(resource.hash == "sha256:" + file.sha256)
      let names = resource.schema.fields.map(\.name)
      #expect(resource.schema.primaryKey.map { $0.allSatisfy(names.contains) } ?? true)
      #expect(resource.schema.fields.allSatisfy { !$0.description.isEmpty })
    }
  }

  /// The tables of the data dictionary are these very lines.
  @Test(arguments: ReportFile.allCases) func `of the data dictionary agree with the columns`(file: ReportFile) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let dictionary = try String(contentsOf: root.appendingPathComponent("reports/README.md"), encoding: .utf8)
    let lines = dictionary.split(separator: "\n", omittingEmptySubsequences: false)
    let heading = try #require(lines.firstIndex(of: "### \(file.fileName)"))
    let section = lines[lines.index(after: heading)...].prefix { !$0.hasPrefix("#") }
    let rows = section.filter { $0.hasPrefix("| `") }
    let expected = file.columns.map { column in
      "| `\(column.name)` | \(column.typeName) | \(column.unit) | \(column.isRequired ? "" : "may be empty") | \(column.meaning) | \(column.clause) |"
    }
    #expect(rows.map(String.init) == expected, "\(expected.joined(separator: "\n"))")
    #expect(section.contains { $0 == file.purpose })
  }

  @Test func `of the data dictionary name every word`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let dictionary = try String(contentsOf: root.appendingPathComponent("reports/README.md"), encoding: .utf8)
    let words =
      ItemState.allCases.map(\.rawValue) + ItemFlag.allCases.map(\.rawValue) + ExceptionKind.allCases.map(\.rawValue)
      + RequestVerdict.allCases.map(\.rawValue) + Cause.allCases.map(\.name) + SummaryLine.controlTotals.map(\.name)
    for word in words { #expect(dictionary.contains("\n| `\(word)` |"), "\(word)") }
  }
}

@Suite struct `the page` {
  private func html(_ write: (inout ReportFolder) throws -> Void) throws -> String {
    let scratch = try Scratch()
    var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    try write(&folder)
    _ = try folder.publish()
    return try scratch.text("2026-11-22/index.html")
  }

  @Test func `escapes what comes from outside`() throws {
    let page = try html { folder in
      try folder.write(Sample.refund(1, orderID: "<script>alert('x')</script>\"&\u{1}"))
    }
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;\u{FFFD}"))
  }

  @Test func `needs no script and no network`() throws {
    let page = try html { try Sample.write(&$0) }
    #expect(!page.contains("<script") && !page.contains("src=") && !page.contains("@import") && !page.contains("url("))
    #expect(page.replacing("http://www.w3.org/2000/svg", with: "").contains("http://") == false && !page.contains("https://"))
  }

  @Test func `shows that the control totals tie, or that they do not`() throws {
    let tied = try html { try Sample.write(&$0) }
    #expect(
      tied.contains(
        "The totals tie: opening and changes come to 38.70, which is what queue.csv holds; those of what is approved to 20.00, "
          + "which is what unpaid.csv holds."))
    let loose = try html { folder in
      for (line, count, amount) in Sample.totals {
        try folder.write(SummaryRow(line, count: count, amount: line == .rejected ? Cents(1) : amount.map { Cents($0) }))
      }
    }
    #expect(loose.contains("The control totals do not tie;"))
    #expect(
      loose.contains(
        "The totals do not tie: opening and changes come to 38.69, but 38.70 is told as pending at the end; queue.csv holds 0 items worth "
          + "0.00, but 2 worth 38.70 are told as pending at the end; the changes in refunds.csv come to 0.00, but 19.30 is told as changed; "
          + "unpaid.csv holds 0 items worth 0.00, but 2 worth 20.00 are told as unpaid at the end."))
  }

  /// One cent in each line of the second equation, and in a line of a cause.
  @Test(arguments: [
    (SummaryLine.openingUnpaid, "opening and changes of what is unpaid come to -4.99, but 20.00 is told as unpaid at the end"),
    (.becameUnpaid, "opening and changes of what is unpaid come to 20.01, but 20.00 is told as unpaid at the end"),
    (.paid, "opening and changes of what is unpaid come to 24.99, but 20.00 is told as unpaid at the end"),
    (.closingUnpaid, "opening and changes of what is unpaid come to 20.00, but 0.01 is told as unpaid at the end"),
    (.cause(.outage), "the lines of causes come to 19.36, but 19.30 is told as changed"),
  ])
  func `names the total of what is unpaid, or of a cause, that does not tie`(line: SummaryLine, fault: String) throws {
    let page = try html { folder in
      for (other, count, amount) in Sample.totals {
        try folder.write(SummaryRow(other, count: count, amount: other == line ? Cents(1) : amount.map { Cents($0) }))
      }
    }
    #expect(page.contains(fault.replacing("-", with: "−")), "\(page)")
  }

  @Test func `tells the 20 unpaid items that are due first`() throws {
    let page = try html { folder in
      for number in 1...30 {
        let due = try Sample.day("2026-12-30").advanced(by: -(number % 15))
        try folder.write(Sample.unpaid(Int64(number), due: "\(due)", flags: number % 15 == 14 ? .overdue : []))
      }
    }
    let shown = page.split(separator: "<th scope=\"row\">R0000000").dropFirst().map { $0.prefix(2) }
    #expect(shown == ["14", "29", "13", "28", "12", "27", "11", "26", "10", "25", "09", "24", "08", "23", "07", "22", "06", "21", "05", "20"])
    #expect(page.contains("30 items worth 300.00, by the day promised to the customer. The 20 due first are shown"))
    #expect(page.contains("2 approved items worth 20.00 USD have reached the promised day unpaid (Q5)."))
    #expect(try html { _ in }.contains("All that was approved is paid."))
  }

  @Test func `tells the 20 largest refunds, equal ones by item, and the first 50 exceptions`() throws {
    let page = try html { folder in
      for number in 1...60 {
        try folder.write(Sample.refund(Int64(number), amount: Int64(number % 30) * 100))
        try folder.write(
          ExceptionRow(kind: .underpaid, orderID: "", periodID: "", subject: "s-\(number).", amount: nil, explanation: ""))
      }
    }
    let shown = page.split(separator: "<th scope=\"row\">R0000000").dropFirst().map { $0.prefix(2) }
    #expect(
      shown == ["29", "59", "28", "58", "27", "57", "26", "56", "25", "55", "24", "54", "23", "53", "22", "52", "21", "51", "20", "50"])
    #expect(page.contains("The 20 largest of 60 items"))
    #expect(page.contains("60 exceptions open: underpaid 60. The first 50 are shown"))
    #expect(page.contains(">s-50.<") && !page.contains(">s-51.<"))
  }

  @Test func `gathers due days at either end, and says so of none`() throws {
    let page = try html { folder in
      for offset in -30...40 {
        let due = try Sample.day("2026-11-22").advanced(by: offset)
        try folder.write(waiting: Sample.queue(Int64(offset + 31), due: "\(due)", flags: offset <= 0 ? .overdue : []))
      }
    }
    #expect(page.contains(">to 2026-11-13<") && page.contains(">2026-11-14<"))
    #expect(page.contains(">from 2026-12-12<") && page.contains(">2026-12-11<"))
    #expect(page.contains("31 items worth 599.85 USD have reached the promised day undecided"))
    #expect(try html { _ in }.contains("Nothing waits for a decision."))
  }
}
