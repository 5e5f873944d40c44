import Foundation
import Synchronization

/// Has a file's new bytes taken to the disk while more are being written: the sync at the end has little left to wait for.
final class Writeback: Sendable {
  private let isOver = Atomic(false)

  /// Begins; where the file cannot be opened nothing happens, and the sync at the end tells why.
  init(of path: String) {
    Thread { [self] in
      let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
      guard descriptor >= 0 else { return }
      defer { close(descriptor) }
      while !isOver.load(ordering: .relaxed) {
        usleep(150_000)
        fdatasync(descriptor)
      }
    }.start()
  }

  func stop() { isOver.store(true, ordering: .relaxed) }
}
