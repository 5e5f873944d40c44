/// What SQLite said when a call to it failed.
public struct SQLiteError: Error, Hashable, Sendable {
  /// SQLite's extended result code, for example 2067 for a broken UNIQUE constraint.
  public let code: CInt
  /// SQLite's own words; a guard of the schema says here which rule it holds.
  public let message: String
  /// The statement that failed; nil where there was none yet.
  public let sql: String?

  /// The result code without its extension, for example 19 for any broken constraint.
  public var primaryCode: CInt { code & 0xFF }
}
