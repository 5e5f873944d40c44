import Foundation

/// Proof that no other process writes to this database: a kernel lock on a file beside it, which dies with the process.
///
/// A night of several dates is several transactions; the lock spans them all, so that no import slips between two dates.
public struct RunLock: ~Copyable {
  private let descriptor: CInt

  /// - Parameter path: The database, by whatever name: the lock lies beside the file itself.
  /// - Throws: ``StorageError/busy(path:)`` when another process holds it, ``StorageError/inputOutput(path:why:)`` when it cannot be made,
  ///   ``StorageError/missing(path:why:)`` and others where there is no database to lock.
  public init(database path: String) throws(StorageError) {
    let lock = try LedgerFile.locate(path) + "-lock"
    var descriptor = unsafe open(lock, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      _ = fchmod(descriptor, 0o640)
    } else if errno == EEXIST {
      descriptor = unsafe open(lock, O_RDWR | O_CLOEXEC)
    }
    guard descriptor >= 0 else { throw .system(lock, errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let busy = errno == EWOULDBLOCK
      let why = unsafe String(cString: strerror(errno))
      close(descriptor)
      throw busy ? .busy(path: path) : .inputOutput(path: lock, why: why)
    }
    self.descriptor = descriptor
  }

  /// Let go by name: a process that another thread is just starting has the file open too, until it runs its own program.
  deinit {
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
