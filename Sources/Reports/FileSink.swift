import Foundation
import Glibc
import Hashing
import Threads

/// A file's descriptor, and the checksum of what went through it. Dropping it closes the descriptor.
///
/// Whoever writes to it does so alone: the thread of a ``SinkThread`` from the first buffer that is handed to it until ``SinkThread/drain()``.
final class FileSink: @unchecked Sendable {
  /// What errors call the file.
  let path: String
  private var descriptor: Int32
  private var checksum = SHA256()
  private(set) var bytes = 0
  /// The first thing that went wrong; nothing is written after it.
  fileprivate(set) var error: ReportError?
  /// Up to here the system was asked to begin with writing to the disk.
  private var begun = 0

  init(descriptor: Int32, path: String) { (self.descriptor, self.path) = (descriptor, path) }

  deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

  func write(_ buffer: UnsafeBufferPointer<UInt8>) throws(ReportError) {
    guard let start = buffer.baseAddress else { return }
    unsafe checksum.update(UnsafeRawBufferPointer(buffer))
    var written = 0
    while written < buffer.count {
      let step = unsafe Glibc.write(descriptor, start + written, buffer.count - written)
      if step > 0 {
        written += step
      } else {
        let code = errno
        if step < 0 && code == EINTR { continue }
        throw .cannotWrite(path: path, code: step == 0 ? EIO : code)
      }
    }
    bytes += written
    // So that less is left to wait for in the end.
    if bytes - begun >= 8 << 20 {
      _ = posix_fadvise(descriptor, off_t(begun), off_t(bytes - begun), POSIX_FADV_DONTNEED)
      begun = bytes
    }
  }

  /// Waits until all of it is on the disk, and closes.
  ///
  /// - Returns: The checksum, in hexadecimal digits.
  func finish() throws(ReportError) -> String {
    guard fsync(descriptor) == 0 else { throw .cannotWrite(path: path, code: errno) }
    let closed = Glibc.close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw .cannotWrite(path: path, code: errno) }
    return checksum.finish().hexadecimal
  }
}

/// Hashes and writes full buffers while the next ones are filled: a thread of its own, begun with the first buffer.
@safe final class SinkThread: @unchecked Sendable {
  @safe private struct Handed {
    let sink: FileSink
    let buffer: UnsafeMutableBufferPointer<UInt8>
    let count: Int
  }

  private let condition = NSCondition()
  private var handed: [Handed] = []
  private var spare: [UnsafeMutableBufferPointer<UInt8>] = unsafe []
  private var isBusy = false
  private var isStarted = false
  private var isStopped = false

  /// So many buffers wait at most.
  private static let most = 8

  deinit { unsafe spare.forEach { unsafe $0.deallocate() } }

  /// Takes a buffer, and gives another one of the same size at least.
  ///
  /// - Throws: What went wrong with the sink before.
  func hand(
    _ sink: FileSink, _ buffer: UnsafeMutableBufferPointer<UInt8>, count: Int
  ) throws(ReportError) -> UnsafeMutableBufferPointer<UInt8> {
    try start()
    condition.lock()
    defer { condition.unlock() }
    while handed.count >= SinkThread.most { condition.wait() }
    if let error = sink.error { throw error }
    unsafe handed.append(Handed(sink: sink, buffer: buffer, count: count))
    condition.broadcast()
    while let other = unsafe spare.popLast() {
      if other.count >= buffer.count { return unsafe other }
      unsafe other.deallocate()
    }
    return .allocate(capacity: buffer.count)
  }

  /// Waits until everything handed over is written.
  func drain(_ sink: FileSink) throws(ReportError) {
    condition.lock()
    while isBusy || !handed.isEmpty { condition.wait() }
    let error = sink.error
    condition.unlock()
    if let error { throw error }
  }

  /// Ends the thread once it has written what it was handed.
  func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    condition.unlock()
  }

  private func start() throws(ReportError) {
    if isStarted { return }
    do throws(WorkThread.NotStarted) { try WorkThread.start { [self] in work() } } catch { throw .noThread(code: error.code) }
    isStarted = true
  }

  private func work() {
    condition.lock()
    while true {
      while handed.isEmpty && !isStopped { condition.wait() }
      if handed.isEmpty { break }
      let next = handed.removeFirst()
      isBusy = true
      condition.unlock()
      var failure = next.sink.error
      if failure == nil {
        do throws(ReportError) {
          unsafe try next.sink.write(UnsafeBufferPointer(rebasing: next.buffer[..<next.count]))
        } catch {
          failure = error
        }
      }
      condition.lock()
      // Under the lock, for who hands over the next buffer reads it there.
      next.sink.error = failure
      isBusy = false
      unsafe spare.append(next.buffer)
      condition.broadcast()
    }
    condition.unlock()
  }
}
