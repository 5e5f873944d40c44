import Foundation
import Host

/// Why an input cannot be read.
struct InputFault: Error {
  let why: String
  /// Whether it is not there, or not for this program to read (66); else reading failed (74).
  let isMissing: Bool

  init(why: String, isMissing: Bool) { (self.why, self.isMissing) = (why, isMissing) }

  /// - Parameter code: An errno.
  init(code: Int32) {
    let why = code == ENOENT ? "there is no such file or folder" : unsafe String(cString: strerror(code))
    self.init(why: why, isMissing: [ENOENT, ENOTDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG, EISDIR, ENXIO].contains(code))
  }

  func named(_ path: String) -> any Error {
    isMissing ? ImportMissing(path: path, why: why) : ImportUnreadable(path: path, why: why)
  }
}

/// A file's bytes, mapped: they cost no memory that the system cannot take back.
///
/// A file that another program shortens meanwhile, or that the disk does not give, is no signal: what is missing reads as zeros, and
/// ``disturbance`` tells of it.
@safe final class MappedFile {
  let bytes: UnsafeBufferPointer<UInt8>
  private let mapping: UnsafeMutableRawPointer?
  private let watch: OpaquePointer?
  /// The file itself, and what it was when it was opened.
  private let descriptor: CInt
  private let opened: stat

  init(descriptor given: CInt) throws(InputFault) {
    var status = stat()
    guard unsafe fstat(given, &status) == 0 else { throw InputFault(code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw InputFault(why: "it is no regular file", isMissing: true) }
    let own = fcntl(given, F_DUPFD_CLOEXEC, 3)
    guard own >= 0 else { throw InputFault(code: errno) }
    let size = Int(status.st_size)
    var mapping: UnsafeMutableRawPointer?
    var watch: OpaquePointer?
    if size > 0 {
      unsafe mapping = mmap(nil, size, PROT_READ, MAP_PRIVATE, own, 0)
      guard let mapped = unsafe mapping, unsafe mapped != MAP_FAILED else {
        let code = errno
        close(own)
        throw InputFault(code: code)
      }
      unsafe watch = host_watch(mapped, size)
      if unsafe watch == nil {
        unsafe munmap(mapped, size)
        close(own)
        throw InputFault(why: "its reading cannot be watched", isMissing: false)
      }
      unsafe madvise(mapped, size, MADV_SEQUENTIAL)
    }
    (descriptor, opened) = (own, status)
    unsafe (self.mapping, self.watch) = (mapping, watch)
    unsafe bytes = UnsafeBufferPointer(start: mapping?.assumingMemoryBound(to: UInt8.self), count: mapping == nil ? 0 : size)
  }

  deinit {
    if let watch = unsafe watch { unsafe host_unwatch(watch) }
    if let mapping = unsafe mapping { unsafe munmap(mapping, bytes.count) }
    close(descriptor)
  }

  /// Why what was read is not the file as it was when it was opened; nil while it is.
  var disturbance: String? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return unsafe String(cString: strerror(errno)) }
    if status.st_size < opened.st_size { return "it became shorter while it was read" }
    if let watch = unsafe watch, unsafe host_is_broken(watch) != 0 { return "a part of it could not be read" }
    let isSame =
      status.st_size == opened.st_size && status.st_mtim.tv_sec == opened.st_mtim.tv_sec && status.st_mtim.tv_nsec == opened.st_mtim.tv_nsec
    return isSame ? nil : "it was changed while it was read"
  }

  /// Gives the memory of what was read back to the system, in large steps; reading it again fetches it from the file again.
  func release(upTo offset: Int) {
    guard offset - released >= MappedFile.step, let mapping = unsafe mapping else { return }
    let end = offset / MappedFile.page * MappedFile.page
    unsafe madvise(mapping + released, end - released, MADV_DONTNEED)
    released = end
  }

  /// Gives the memory of a part back, of what the system mapped around it without being asked, and of what was left a little before it: a thread
  /// that read on there may have touched its end again. Whoever still reads there fetches it from the file again.
  func release(_ range: Range<Int>) {
    guard let mapping = unsafe mapping else { return }
    let first = max(0, range.lowerBound - MappedFile.before) / MappedFile.page * MappedFile.page
    let end = min(unsafe bytes.count, range.upperBound + MappedFile.around)
    unsafe madvise(mapping + first, end - first, MADV_DONTNEED)
  }

  private var released = 0
  private static let step = 8 << 20
  /// Linux maps 64 KB around a place that is touched.
  private static let around = 64 << 10
  private static let before = 4 << 20
  private static let page = Int(getpagesize())

  convenience init(path: String) throws(InputFault) {
    // Opening a pipe would wait for somebody to write into it.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw InputFault(code: errno) }
    defer { close(descriptor) }
    try self.init(descriptor: descriptor)
  }

  /// All of standard input, laid down in a nameless file first so that it need not fit into memory.
  static func standardInput() throws(InputFault) -> MappedFile {
    // mkstemp puts a name into the place of six such letters.
    let place = String(repeating: "X", count: 6)
    var template = Array("\(NSTemporaryDirectory())/makegood.\(place)".utf8CString)
    let spool = unsafe mkstemp(&template)
    guard spool >= 0 else { throw InputFault(code: errno) }
    defer { close(spool) }
    unsafe unlink(template)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe read(STDIN_FILENO, &buffer, buffer.count)
      if count == 0 { break }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw InputFault(code: errno) }
      var written = 0
      while written < count {
        let step = unsafe buffer.withUnsafeBytes { unsafe write(spool, $0.baseAddress.map { unsafe $0 + written }, count - written) }
        if step < 0 && errno == EINTR { continue }
        guard step > 0 else { throw InputFault(code: step < 0 ? errno : EIO) }
        written += step
      }
    }
    return try MappedFile(descriptor: spool)
  }
}
