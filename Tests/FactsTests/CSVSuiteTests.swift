import Foundation
import Testing

/// A case of the published suites: csv-spectrum, csv-test-data, rust-csv, the W3C's CSV on the Web, and Commons CSV's files.
struct SuiteCase: Sendable, CustomTestStringConvertible {
  let suite, name, shape, options: String
  let csv: URL
  let expected: URL?

  var testDescription: String { "\(suite) \(name)" }

  static let all: [SuiteCase] = {
    guard let folder = Shared.folder("csv-suite"),
      let bytes = FileManager.default.contents(atPath: folder.appendingPathComponent("MANIFEST.csv").path)
    else {
      FileHandle.standardError.write(Data("NOT TESTED: the published CSV suites do not lie in ../shared/csv-suite\n".utf8))
      return []
    }
    return Record.all(in: Array(bytes)).dropFirst().compactMap(\.fields).map { fields in
      SuiteCase(
        suite: fields[0], name: fields[1], shape: fields[4], options: fields[5], csv: folder.appendingPathComponent(fields[2]),
        expected: fields[3].isEmpty ? nil : folder.appendingPathComponent(fields[3]))
    }
  }()

  func records() throws -> [Record] { Record.all(in: Array(try Data(contentsOf: csv))) }

  func json() throws -> Any {
    let file = try #require(expected)
    return try JSONSerialization.jsonObject(with: Data(contentsOf: file), options: .fragmentsAllowed)
  }

  /// The first row as names for the others.
  func objects() throws -> [[String: String]] {
    let rows = try records().map { try #require($0.fields) }
    return rows.dropFirst().map { row in Dictionary(zip(rows[0], row)) { _, last in last } }
  }
}

@Suite struct `published CSV files` {
  private static func cases(_ shape: String) -> [SuiteCase] { SuiteCase.all.filter { $0.shape == shape } }

  /// Where a suite's author reads what RFC 4180 does not allow: a quote in a field that does not begin with one, or text after a closing quote.
  /// Such records are refused here, never guessed at.
  private static let lenient = ["quote_outer_space", "quote_no_escapes", "location_coordinates"]
  /// Where one suite takes a blank line for a row of one empty field; the others skip it, and so does the reader.
  private static let blankRows = ["all-empty", "empty-one-column"]

  @Test(arguments: cases("rows")) func `are read to the same rows`(suite: SuiteCase) throws {
    let records = try suite.records()
    if Self.lenient.contains(suite.name) {
      #expect(records.contains { $0.fields == nil })
      return
    }
    let expected = try #require(suite.json() as? [[String]]).filter { !Self.blankRows.contains(suite.name) || $0 != [""] }
    // The reader of JSON drops a byte order mark at the start of a text; the reader of CSV keeps it, as its own table says.
    func plain(_ text: String) -> String { text.replacing("\u{FEFF}", with: "") }
    #expect(records.map { $0.fields?.map(plain) } == expected.map { $0.map(plain) })
  }

  @Test(arguments: cases("objects")) func `are read to the same objects`(suite: SuiteCase) throws {
    if Self.lenient.contains(suite.name) {
      #expect(try suite.records().contains { $0.fields == nil })
      return
    }
    // One file is stored with other line breaks than its JSON tells.
    let expected = try #require(suite.json() as? [[String: String]]).map { $0.mapValues { $0.replacing("\r\n", with: "\n") } }
    #expect(try suite.objects().map { $0.mapValues { $0.replacing("\r\n", with: "\n") } } == expected)
  }

  @Test(arguments: cases("must-reject")) func `that are wrong are refused`(suite: SuiteCase) throws {
    let records = try suite.records()
    let isBad = records.contains { $0.fields == nil }
    // A wrong header is refused by its names and a ragged row by its length, as an import does both.
    let isWrongHeader = suite.name.contains("header") && records.first?.fields != ["foo", "bar", "baz"]
    let isRagged = Set(records.compactMap(\.fields?.count)).count > 1
    #expect(isBad || isWrongHeader || isRagged)
  }

  @Test(arguments: cases("parse-without-crash")) func `of whatever kind are gone through to the end`(suite: SuiteCase) throws {
    #expect(try !suite.records().isEmpty)
  }

  /// Without metadata of its own a file says as much as its header and rows do; what metadata makes of them is not CSV's.
  @Test(arguments: cases("csvw-json")) func `of the W3C have the rows that its JSON tells`(suite: SuiteCase) throws {
    let objects = try suite.objects()
    #expect(!objects.isEmpty)
    guard suite.options.contains("\"implicit\": null") else { return }
    let json = try suite.json()
    let rows: [[String: Any]]
    if let tables = (json as? [String: Any])?["tables"] as? [[String: Any]] {
      rows = tables.flatMap { $0["row"] as? [[String: Any]] ?? [] }.flatMap { $0["describes"] as? [[String: Any]] ?? [] }
    } else {
      rows = try #require(json as? [[String: Any]])
    }
    #expect(rows.count == objects.count)
    for (row, object) in zip(rows, objects) {
      for (name, value) in row { #expect(object[name] == value as? String, "\(name)") }
      for (name, value) in object where !value.isEmpty { #expect(row[name] != nil, "\(name)") }
    }
  }

  @Test func `are all of a shape that is tested`() {
    let shapes = Set(SuiteCase.all.map(\.shape))
    #expect(shapes.isSubset(of: ["rows", "objects", "must-reject", "parse-without-crash", "csvw-json"]))
  }
}
