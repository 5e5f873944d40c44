/// SQL that the schema and its guards share.
enum SQL {
  /// Whether a value is one of some words.
  ///
  /// Not `IN`: for a list of more than two SQLite builds a table of them each time a row is checked, which costs more than the row.
  static func isOne(_ value: String, of words: String...) -> String {
    "(" + words.map { "\(value) = '\($0)'" }.joined(separator: " OR ") + ")"
  }
}
