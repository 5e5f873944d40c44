/// What is wrong with somebody else's SQLite database (65): it is damaged, or a view of it does not work.
public struct ForeignDatabaseError: Error, Hashable, Sendable {
  public var path: String
  public var why: String
}

/// Somebody else's SQLite database, opened to be read and nothing more.
@safe public final class ForeignDatabase: StatementSource {
  public let path: String
  private let database: Database

  /// - Throws: ``StorageError`` when the file is missing or no database.
  public init(path: String) throws {
    do { database = try Database(path: path, .readOnly) } catch { throw ForeignDatabase.error(error, path) }
    self.path = path
  }

  public func prepare(_ sql: String) throws -> RawStatement {
    try mapped { try database.statement(sql) }
  }

  /// Goes to the next row of a statement of this database.
  public func step(_ rows: RawStatement) throws -> Bool { try mapped { try rows.step() } }

  private func mapped<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as SQLiteError { throw ForeignDatabase.error(error, path) }
  }

  private static func error(_ error: SQLiteError, _ path: String) -> any Error {
    let storage = StorageError(error, path: path)
    return switch storage {
    case .busy, .inputOutput, .missing: storage
    case .notOurs(_, let why), .damaged(_, let why): ForeignDatabaseError(path: path, why: why)
    case .refused, .occupied, .severalNames, .strayLog: ForeignDatabaseError(path: path, why: error.message)
    }
  }

  /// The names of its tables and views.
  public func tableNames() throws -> [String] {
    let rows = try prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name")
    var names: [String] = []
    while try step(rows) { names.append(rows.text(0)) }
    return names
  }
}
