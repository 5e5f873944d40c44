import Foundation
import Synchronization

/// The file of a ledger, looked at before SQLite touches it: what is no ledger is refused and stays as it is.
///
/// Decisions rest on `errno`: a file that cannot be looked at (EIO, ENOMEM, ESTALE …) is an error, never a file that is missing.
enum LedgerFile {
  /// `MKGD` in the header of the file: by it a ledger is told from any other SQLite database.
  static let applicationID: UInt32 = 0x4D4B_4744

  /// The path of the file itself, symbolic links resolved: everybody who opens it takes the same lock and the same write-ahead log.
  ///
  /// - Throws: ``StorageError/missing(path:why:)`` for no file, a link to nothing and an empty file; ``StorageError/notOurs(path:why:)`` for what
  ///   is no regular file; ``StorageError/severalNames(path:)``; ``StorageError/inputOutput(path:why:)``.
  static func locate(_ path: String) throws(StorageError) -> String {
    var found: String?
    if let resolved = unsafe realpath(path, nil) {
      found = unsafe String(cString: resolved)
      unsafe free(resolved)
    }
    guard let real = found else {
      let code = errno
      guard code == ENOENT || code == ENOTDIR else { throw .system(path, code) }
      guard try entry(path) != nil else { throw .missing(path: path, why: nil) }
      throw .missing(path: path, why: "it is a symbolic link to a file that is not there")
    }
    guard let file = try entry(real) else { throw .missing(path: path, why: nil) }
    guard file.st_mode & S_IFMT == S_IFREG else { throw .notOurs(path: path, why: "it is no regular file") }
    guard file.st_size > 0 else { throw .missing(path: path, why: "the file is empty") }
    guard file.st_nlink == 1 else { throw .severalNames(path: path) }
    return real
  }

  /// What is at a path, links not followed; nil where there is nothing.
  static func entry(_ path: String) throws(StorageError) -> stat? {
    var entry = stat()
    if unsafe lstat(path, &entry) == 0 { return entry }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw .system(path, errno)
  }

  /// Refuses a file that is no ledger by its header, which is read and nothing more.
  static func checkHeader(of descriptor: CInt, _ path: String) throws(StorageError) {
    var header = [UInt8](repeating: 0, count: 100)
    let count = unsafe header.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
    guard count >= 0 else { throw .system(path, errno) }
    guard count == header.count, header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw .notOurs(path: path, why: "file is not a database")
    }
    let id = header[68..<72].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard id == applicationID else { throw .notOurs(path: path, why: "it is a database that makegood did not make") }
  }
}

/// A database file held open for as long as a store uses it.
///
/// A process that closes any descriptor of a file gives up all its POSIX locks on it, SQLite's too: so a file is opened once for all stores of a
/// process, and closed after the last of them.
final class HeldFile: Sendable {
  private struct Identity: Hashable { var device: UInt64, inode: UInt64 }
  private static let held = Mutex<[Identity: (descriptor: CInt, holders: Int)]>([:])

  private let identity: Identity
  let descriptor: CInt

  init(_ path: String) throws(StorageError) {
    guard let entry = try LedgerFile.entry(path) else { throw .missing(path: path, why: nil) }
    let identity = Identity(device: UInt64(entry.st_dev), inode: UInt64(entry.st_ino))
    let opened: (descriptor: CInt, code: CInt) = HeldFile.held.withLock { held in
      if let known = held[identity] {
        held[identity] = (known.descriptor, known.holders + 1)
        return (known.descriptor, 0)
      }
      let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      if descriptor < 0 { return (descriptor, errno) }
      held[identity] = (descriptor, 1)
      return (descriptor, 0)
    }
    guard opened.descriptor >= 0 else { throw .system(path, opened.code) }
    (self.identity, self.descriptor) = (identity, opened.descriptor)
  }

  deinit {
    HeldFile.held.withLock { held in
      guard let known = held[identity] else { return }
      held[identity] = known.holders > 1 ? (known.descriptor, known.holders - 1) : nil
      if known.holders == 1 { close(known.descriptor) }
    }
  }
}
