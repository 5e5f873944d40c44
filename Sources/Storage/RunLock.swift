import Foundation

/// Proof that no other process writes to this database: a kernel lock on a file beside it, which dies with the process.
///
/// A night of several dates is several transactions; the lock spans them all, so that no import slips between two dates.
public struct RunLock: ~Copyable {
  private let descriptor: CInt

  /// - Throws: ``StorageError/busy(path:)`` when another process holds it, ``StorageError/inputOutput(path:why:)`` when it cannot be made.
  public init(database path: String) throws(StorageError) {
    let descriptor = unsafe open(path + "-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw unsafe .inputOutput(path: path + "-lock", why: String(cString: strerror(errno))) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let busy = errno == EWOULDBLOCK
      let why = unsafe String(cString: strerror(errno))
      close(descriptor)
      throw busy ? .busy(path: path) : .inputOutput(path: path + "-lock", why: why)
    }
    self.descriptor = descriptor
  }

  /// Let go by name: a process that another thread is just starting has the file open too, until it runs its own program.
  deinit {
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
