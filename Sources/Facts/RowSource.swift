import Foundation
import RefundPolicy
import Storage

/// Where a row or a field stands: `periods.csv:17:5`.
public struct FactPlace: Hashable, Sendable {
  public var source: String
  public var line: Int
  /// Nil where the whole row is meant.
  public var column: Int?

  public init(source: String, line: Int, column: Int? = nil) { (self.source, self.line, self.column) = (source, line, column) }
}

extension FactPlace: CustomStringConvertible {
  public var description: String { "\(source):\(line)" + (column.map { ":\($0)" } ?? "") }
}

/// What stepping to a row gives.
enum RowStep {
  case row
  case bad(field: Int, FieldError)
  case end
}

/// The rows of one table in one input, whatever its form. Fields are UTF-8 texts, as in the CSV; an empty one is none.
protocol RowSource: AnyObject {
  /// How messages name it.
  var name: String { get }
  var columns: [String] { get }
  func next() throws -> RowStep
  var fieldCount: Int { get }
  /// Good until the next step.
  func field(_ index: Int) -> UnsafeBufferPointer<UInt8>
  /// The row's number: a line of a file, a row of a table.
  var line: Int { get }
  func place(ofField index: Int?) -> FactPlace
  /// The line of text around a field, for a message; nil where there is none.
  func text(around index: Int) -> String?
  /// The row as a line of CSV, for the rejects.
  var raw: [UInt8] { get }
}

/// The rows of a CSV file or of standard input.
final class CSVRows: RowSource {
  let name: String
  let columns: [String]
  private let file: MappedFile
  private let reader: CSVReader

  /// Reads the header; nil columns where there is none or it is no CSV.
  init(_ file: MappedFile, name: String) throws(FieldError) {
    self.file = file
    self.name = name
    reader = unsafe CSVReader(file.bytes)
    switch reader.next() {
    case .end: throw FieldError("there is no header line", hint: "Begin the file with the names of its columns.")
    case .bad(let problem): throw problem.error
    case .record: columns = (0..<reader.fieldCount).map { [reader] in unsafe String(decoding: reader.field($0), as: UTF8.self) }
    }
  }

  func next() -> RowStep {
    file.release(upTo: reader.recordOffset)
    return switch reader.next() {
    case .record: .row
    case .bad(let problem): .bad(field: problem.field, problem.error)
    case .end: .end
    }
  }

  var fieldCount: Int { reader.fieldCount }
  func field(_ index: Int) -> UnsafeBufferPointer<UInt8> { unsafe reader.field(index) }
  var line: Int { reader.line }

  func place(ofField index: Int?) -> FactPlace {
    guard let index else { return FactPlace(source: name, line: reader.line) }
    let place = reader.place(of: index)
    return FactPlace(source: name, line: place.line, column: place.column)
  }

  func text(around index: Int) -> String? { reader.text(ofLineAt: index) }
  var raw: [UInt8] { unsafe Array(reader.rawRecord) }
}

extension CSVReader.Problem {
  var field: Int {
    switch self {
    case .bareQuote(let field), .textAfterQuote(let field), .unterminatedQuote(let field), .nulByte(let field), .brokenUTF8(let field): field
    }
  }

  var error: FieldError {
    switch self {
    case .bareQuote: FieldError("a quote stands inside a field without quotes", hint: "Put the field in quotes and double the quote inside.")
    case .textAfterQuote: FieldError("text follows a closing quote", hint: "Double a quote that belongs to the field.")
    case .unterminatedQuote: FieldError("a quoted field has no end", hint: "Close the quote; everything after it was read as one field.")
    case .nulByte: FieldError("the row holds a NUL byte", hint: "Export the file again as text in UTF-8.")
    case .brokenUTF8: FieldError("the field is not UTF-8", hint: "Export the file again in UTF-8.")
    }
  }
}

/// The rows of a table or view of a SQLite database.
final class DatabaseRows: RowSource {
  let name: String
  let columns: [String]
  private let database: ForeignDatabase
  private let rows: RawStatement
  private(set) var line = 0

  init(_ table: FactTable, of database: ForeignDatabase) throws {
    self.database = database
    name = "\(database.path):\(table.name)"
    rows = try database.prepare("SELECT * FROM \"\(table.name)\"")
    columns = (0..<rows.columnCount).map { [rows] in rows.columnName($0) }
  }

  func next() throws -> RowStep {
    guard try database.step(rows) else { return .end }
    line += 1
    for index in columns.indices {
      switch rows.type(index) {
      case .null, .integer: continue
      case .text:
        let bytes = unsafe rows.bytes(index)
        if unsafe !CSVReader.isUTF8(bytes, 0, bytes.count) || bytes.contains(0) {
          return .bad(field: index, CSVReader.Problem.brokenUTF8(field: index).error)
        }
      case .real:
        return .bad(field: index, FieldError("\(columns[index]) is a REAL number", hint: "Store it as TEXT: a REAL does not hold cents exactly."))
      case .blob: return .bad(field: index, FieldError("\(columns[index]) is a BLOB", hint: "Store it as TEXT."))
      }
    }
    return .row
  }

  var fieldCount: Int { columns.count }
  func field(_ index: Int) -> UnsafeBufferPointer<UInt8> { unsafe rows.bytes(index) }
  func place(ofField index: Int?) -> FactPlace { FactPlace(source: name, line: line, column: index.map { $0 + 1 }) }
  func text(around index: Int) -> String? { nil }
  var raw: [UInt8] { Array(columns.indices.map { unsafe CSVText.quoted(Array(field($0))) }.joined(separator: [UInt8(ascii: ",")])) }
}

enum CSVText {
  /// The field as RFC 4180 writes it.
  static func quoted(_ field: [UInt8]) -> [UInt8] {
    let special: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13]
    guard field.contains(where: special.contains) else { return field }
    return [UInt8(ascii: "\"")] + field.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] } + [UInt8(ascii: "\"")]
  }
}
