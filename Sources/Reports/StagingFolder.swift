import Glibc

/// A hidden folder beside its target that becomes the target, whole, or is removed.
///
/// It lies in the same folder as the target, so that one rename moves it into place. While it is being filled it is locked; one that a
/// process left behind when it died is not, and the next attempt at the same target clears it away.
struct StagingFolder: ~Copyable {
  /// The target, for messages and for the caller.
  let path: String
  private let target: String
  private let inTheWay: InTheWay
  private let name: String
  private let parent: Int32
  private let folder: Int32
  private var isPublished = false
  private let thread = SinkThread()

  /// Makes the folder for reports when it is missing, and the staging folder in it.
  ///
  /// - Parameter inTheWay: What is done about anything that has the target's name; it is looked at here, so that nothing is written in vain, and
  ///   again when the folder is published.
  init(target: String, in reports: String, _ inTheWay: InTheWay = .isRefused) throws(ReportError) {
    self.inTheWay = inTheWay
    let path = StagingFolder.join(reports, target)
    let parent = try StagingFolder.openFolder(reports)
    do throws(ReportError) {
      guard inTheWay == .isPutAside || !StagingFolder.exists(target, in: parent) else { throw .targetExists(path: path) }
      StagingFolder.removeAbandoned(of: target, in: parent)
      (name, folder) = try StagingFolder.makeUnique(for: target, in: parent, path: path)
    } catch {
      _ = close(parent)
      throw error
    }
    (self.path, self.target, self.parent) = (path, target, parent)
  }

  deinit {
    thread.stop()
    if !isPublished { StagingFolder.remove(name, from: parent) }
    _ = close(folder)
    _ = close(parent)
  }

  /// A new file in the folder that its group may read and its owner write, whatever the umask.
  func create(_ file: String) throws(ReportError) -> OutputFile {
    let path = StagingFolder.join(path, file)
    let descriptor = unsafe openat(folder, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .cannotCreate(path: path, code: errno) }
    let output = OutputFile(descriptor: descriptor, path: path, thread: thread)
    guard fchmod(descriptor, 0o640) == 0 else { throw .cannotCreate(path: path, code: errno) }
    return output
  }

  /// Moves the folder into place, so that it survives a loss of power from here on. Its files are closed and synced before.
  ///
  /// - Returns: What had its name before.
  @discardableResult
  consuming func publish() throws(ReportError) -> Obstacle {
    guard fchmod(folder, 0o750) == 0 else { throw .cannotWrite(path: path, code: errno) }
    try StagingFolder.sync(folder, path: path)
    var obstacle = Obstacle.nothing
    if StagingFolder.exists(target, in: parent) {
      guard inTheWay == .isPutAside else { throw .targetExists(path: path) }
      if try StagingFolder.isSame(folder, as: target, in: parent, path: path) { return .same }
      obstacle = .other(movedTo: try putAside())
    }
    // A folder that came up since then is refused by the rename itself, for a published one is never empty.
    if unsafe renameat(parent, name, parent, target) != 0 {
      switch errno {
      case EEXIST, ENOTEMPTY, ENOTDIR: throw .targetExists(path: path)
      case let code: throw .cannotWrite(path: path, code: code)
      }
    }
    isPublished = true
    try StagingFolder.sync(parent, path: path)
    return obstacle
  }

  /// Gives what has the target's name another one that says what it is.
  private borrowing func putAside() throws(ReportError) -> String {
    for number in 1...9_999 {
      let other = "\(target).not-of-this-ledger-\(number)"
      if StagingFolder.exists(other, in: parent) { continue }
      guard unsafe renameat(parent, target, parent, other) == 0 else { throw .cannotWrite(path: path, code: errno) }
      try StagingFolder.sync(parent, path: path)
      return String(path.dropLast(target.utf8.count)) + other
    }
    throw .targetExists(path: path)
  }
}

/// What is done where something has the name of a folder that is to be published.
public enum InTheWay: Sendable {
  /// The folder is not written: ``ReportError/targetExists(path:)``.
  case isRefused
  /// The very same files are left as they are; anything else gets another name.
  case isPutAside
}

/// What had the name of a folder when it was published.
public enum Obstacle: Hashable, Sendable {
  case nothing
  /// The very same files: they stay.
  case same
  /// Something else, which has another name now.
  case other(movedTo: String)
}

extension StagingFolder {
  static func join(_ folder: String, _ name: String) -> String { folder.hasSuffix("/") ? folder + name : folder + "/" + name }

  private static func exists(_ name: String, in parent: Int32) -> Bool {
    var status = stat()
    return unsafe fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0
  }

  /// Whether every file of a folder is in another one of the same parent too, byte for byte.
  private static func isSame(_ folder: Int32, as target: String, in parent: Int32, path: String) throws(ReportError) -> Bool {
    let other = unsafe openat(parent, target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard other >= 0 else {
      if errno == ENOTDIR || errno == ELOOP { return false }
      throw .cannotWrite(path: path, code: errno)
    }
    defer { _ = close(other) }
    for name in entries(of: folder) where try !isSame(name, in: folder, and: other, path: path) { return false }
    return true
  }

  private static func isSame(_ name: String, in folder: Int32, and other: Int32, path: String) throws(ReportError) -> Bool {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let (left, right) = unsafe (openat(folder, name, flags), openat(other, name, flags))
    let code = errno
    defer { for descriptor in [left, right] where descriptor >= 0 { _ = close(descriptor) } }
    guard left >= 0, right >= 0 else {
      if left >= 0 && (code == ENOENT || code == ELOOP) { return false }
      throw .cannotWrite(path: join(path, name), code: code)
    }
    var (leftBytes, rightBytes) = ([UInt8](repeating: 0, count: 65_536), [UInt8](repeating: 0, count: 65_536))
    while true {
      let (leftCount, rightCount) = unsafe (read(left, &leftBytes, leftBytes.count), read(right, &rightBytes, rightBytes.count))
      guard leftCount >= 0, rightCount >= 0 else {
        if errno == EISDIR { return false }
        throw .cannotWrite(path: join(path, name), code: errno)
      }
      if leftCount != rightCount || leftBytes[..<leftCount] != rightBytes[..<rightCount] { return false }
      if leftCount == 0 { return true }
    }
  }

  /// Opens a folder, and makes it and what lies above it when they are missing.
  private static func openFolder(_ path: String) throws(ReportError) -> Int32 {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    var descriptor = unsafe open(path, flags)
    if descriptor < 0 && errno == ENOENT {
      try makeFolder(path)
      descriptor = unsafe open(path, flags)
    }
    guard descriptor >= 0 else { throw .cannotCreate(path: path, code: errno) }
    return descriptor
  }

  /// Makes a folder that its group may read, whatever the umask, and the folders above it.
  private static func makeFolder(_ path: String) throws(ReportError) {
    let trimmed = String(path.reversed().drop { $0 == "/" }.reversed())
    guard !trimmed.isEmpty else { throw .cannotCreate(path: path, code: ENOENT) }
    let parent = trimmed.lastIndex(of: "/").map { $0 == trimmed.startIndex ? "/" : String(trimmed[..<$0]) } ?? "."
    if unsafe mkdir(trimmed, 0o750) != 0 {
      switch errno {
      case EEXIST: return
      case ENOENT:
        try makeFolder(parent)
        guard unsafe mkdir(trimmed, 0o750) == 0 || errno == EEXIST else { throw .cannotCreate(path: trimmed, code: errno) }
      case let code: throw .cannotCreate(path: trimmed, code: code)
      }
    }
    guard unsafe chmod(trimmed, 0o750) == 0 else { throw .cannotCreate(path: trimmed, code: errno) }
    let above = unsafe open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard above >= 0 else { throw .cannotCreate(path: parent, code: errno) }
    defer { _ = close(above) }
    try sync(above, path: parent)
  }

  /// Makes `.TARGET.xxxxxx` and locks it.
  private static func makeUnique(for target: String, in parent: Int32, path: String) throws(ReportError) -> (name: String, folder: Int32) {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<100 {
      let name = prefix(of: target) + suffix(from: generator.next())
      guard unsafe mkdirat(parent, name, 0o700) == 0 else {
        if errno == EEXIST { continue }
        throw .cannotCreate(path: path, code: errno)
      }
      let folder = unsafe openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard folder >= 0 else {
        let code = errno
        // Somebody who was clearing up may have taken it between the two calls.
        if code == ENOENT { continue }
        _ = unsafe unlinkat(parent, name, AT_REMOVEDIR)
        throw .cannotCreate(path: path, code: code)
      }
      if flock(folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK {
        // A file system without locks is no reason to fail; a folder removed before it was locked is one to try again.
        if exists(name, in: parent) { return (name, folder) }
      }
      _ = close(folder)
    }
    throw .cannotCreate(path: path, code: EEXIST)
  }

  private static func prefix(of target: String) -> String { "." + target + "." }
  private static let suffixLength = 6

  private static func suffix(from random: UInt64) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    let bytes = (0..<suffixLength).map { letters[Int(random >> UInt64(5 * $0) & 31)] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Removes staging folders of the same target that nobody holds any more.
  private static func removeAbandoned(of target: String, in parent: Int32) {
    let prefix = prefix(of: target)
    for name in entries(of: parent) where name.hasPrefix(prefix) && name.utf8.count == prefix.utf8.count + suffixLength {
      let folder = unsafe openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard folder >= 0 else { continue }
      if flock(folder, LOCK_EX | LOCK_NB) == 0 { remove(name, from: parent) }
      _ = close(folder)
    }
  }

  /// Removes a folder that holds only files. Nothing more can be done where that fails.
  private static func remove(_ name: String, from parent: Int32) {
    let folder = unsafe openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard folder >= 0 else { return }
    for file in entries(of: folder) { _ = unsafe unlinkat(folder, file, 0) }
    _ = close(folder)
    _ = unsafe unlinkat(parent, name, AT_REMOVEDIR)
  }

  private static func entries(of folder: Int32) -> [String] {
    let own = unsafe openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard own >= 0 else { return [] }
    guard let stream = unsafe fdopendir(own) else {
      _ = close(own)
      return []
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  private static func sync(_ folder: Int32, path: String) throws(ReportError) {
    // EINVAL: a file system that has no notion of syncing a folder.
    guard fsync(folder) == 0 || errno == EINVAL else { throw .cannotWrite(path: path, code: errno) }
  }
}
