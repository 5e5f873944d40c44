import Foundation
import CSQLite

/// Every way in which the database can fail, as far as a person would act differently on it.
public enum StorageError: Error, Hashable, Sendable {
  /// There is no database file at this path, or an empty one (66); `why` where it is not plainly absent.
  case missing(path: String, why: String?)
  /// Something is where a new database should be made (73).
  case occupied(path: String, what: String)
  /// A log of another database lies beside this one: SQLite would mix both (65).
  case strayLog(path: String, database: String)
  /// The file has hard links: under each name it would have a lock and a write-ahead log of its own (78).
  case severalNames(path: String)
  /// Another process holds the database; try later (75).
  case busy(path: String)
  /// The file is not a database of ours, or of another version of this program (65).
  case notOurs(path: String, why: String)
  /// The file was a database once and is damaged (65).
  case damaged(path: String, why: String)
  /// The disk is full, a read or a write failed, permission is lacking (74).
  case inputOutput(path: String, why: String)
  /// The database refused what the program wanted to write: a guard held, or the program has a defect (70).
  case refused(why: String)

  init(_ error: SQLiteError, path: String) {
    switch error.primaryCode {
    case SQLITE_BUSY: self = .busy(path: path)
    case SQLITE_NOTADB, SQLITE_FORMAT: self = .notOurs(path: path, why: error.message)
    case SQLITE_CORRUPT: self = .damaged(path: path, why: error.message)
    case SQLITE_FULL, SQLITE_IOERR, SQLITE_NOMEM, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH, SQLITE_NOLFS:
      self = .inputOutput(path: path, why: error.message)
    default: self = .refused(why: "\(error.message) (SQLite \(error.code))")
    }
  }

  /// A call to the system that failed.
  static func system(_ path: String, _ code: CInt) -> StorageError { unsafe .inputOutput(path: path, why: String(cString: strerror(code))) }
}
