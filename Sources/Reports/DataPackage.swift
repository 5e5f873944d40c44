import RefundPolicy

/// `datapackage.json`: the Frictionless Data (version 1) description of the CSV files.
enum DataPackage {
  static func text(title: RunTitle, files: [WrittenFile]) -> String {
    let byName = Dictionary(files.map { ($0.name, $0) }) { first, _ in first }
    return JSON.object([
      ("profile", "tabular-data-package"),
      ("name", .string("makegood-" + title.folderName)),
      ("title", .string(title.heading)),
      ("description", .string(title.subheading + ".")),
      ("resources", .array(ReportFile.allCases.compactMap { file in byName[file.fileName].map { resource(file, $0) } })),
    ]).text
  }

  private static func resource(_ file: ReportFile, _ written: WrittenFile) -> JSON {
    .object([
      ("profile", "tabular-data-resource"),
      ("name", .string(file.rawValue)),
      ("path", .string(file.fileName)),
      ("description", .string(file.purpose)),
      ("format", "csv"),
      ("mediatype", "text/csv"),
      ("encoding", "utf-8"),
      ("bytes", .integer(written.bytes)),
      ("hash", .string("sha256:" + written.sha256)),
      ("dialect", .object([("delimiter", ","), ("lineTerminator", "\n"), ("quoteChar", "\""), ("doubleQuote", true), ("header", true)])),
      ("schema", schema(of: file)),
    ])
  }

  private static func schema(of file: ReportFile) -> JSON {
    var members: [(String, JSON)] = [
      ("fields", .array(file.columns.map(field))),
      ("missingValues", .array([""])),
    ]
    if !file.primaryKey.isEmpty { members.append(("primaryKey", .array(file.primaryKey.map(JSON.string)))) }
    if let (column, other) = file.foreignKey {
      let reference = JSON.object([("resource", .string(other.rawValue)), ("fields", .string(column))])
      members.append(("foreignKeys", .array([.object([("fields", .string(column)), ("reference", reference)])])))
    }
    return .object(members)
  }

  private static func field(_ column: Column) -> JSON {
    var members: [(String, JSON)] = [("name", .string(column.name)), ("type", .string(column.frictionlessType))]
    members.append(("format", "default"))
    members.append(("description", .string(column.meaning + (column.clause.isEmpty ? "" : " (\(column.clause))"))))
    var constraints: [(String, JSON)] = []
    if column.isRequired { constraints.append(("required", true)) }
    switch column.kind {
    case .word(let words): constraints.append(("enum", .array(words.map(JSON.string))))
    case .itemID: constraints.append(("pattern", "R[0-9]{9,}"))
    case .itemIDs: constraints.append(("pattern", "R[0-9]{9,}(\\+R[0-9]{9,})*"))
    case .words(let words):
      let one = "(" + words.joined(separator: "|") + ")"
      constraints.append(("pattern", .string("\(one)(\\+\(one))*")))
    case .integer(_, let isSigned): if !isSigned { constraints.append(("minimum", .integer(0))) }
    case .text, .usd, .day, .instant, .boolean, .blank: break
    }
    if !constraints.isEmpty { members.append(("constraints", .object(constraints))) }
    return .object(members)
  }
}

extension Column {
  fileprivate var frictionlessType: String {
    switch kind {
    case .text, .itemID, .itemIDs, .word, .words, .blank: "string"
    case .integer: "integer"
    case .usd: "number"
    case .day: "date"
    case .instant: "datetime"
    case .boolean: "boolean"
    }
  }
}

/// As much of JSON as the description needs; members keep the order in which they are given.
enum JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
  case object([(String, JSON)])
  case array([JSON])
  case string(String)
  case integer(Int)
  case boolean(Bool)

  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .boolean(value) }

  /// The document, indented by two spaces, with a final line feed.
  var text: String {
    var output = ""
    write(to: &output, indent: "")
    return output + "\n"
  }

  private func write(to output: inout String, indent: String) {
    switch self {
    case .object(let members):
      let inner = indent + "  "
      for (index, member) in members.enumerated() {
        output += (index == 0 ? "{\n" : ",\n") + inner + JSON.quoted(member.0) + ": "
        member.1.write(to: &output, indent: inner)
      }
      output += members.isEmpty ? "{}" : "\n\(indent)}"
    case .array(let elements):
      let inner = indent + "  "
      for (index, element) in elements.enumerated() {
        output += (index == 0 ? "[\n" : ",\n") + inner
        element.write(to: &output, indent: inner)
      }
      output += elements.isEmpty ? "[]" : "\n\(indent)]"
    case .string(let value): output += JSON.quoted(value)
    case .integer(let value): output += String(value)
    case .boolean(let value): output += value ? "true" : "false"
    }
  }

  private static func quoted(_ text: String) -> String {
    var output = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output + "\""
  }
}
