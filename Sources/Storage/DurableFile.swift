import CSQLite
import Foundation

/// A small file that is replaced as a whole: whoever reads it sees the old text or the new one, also after a loss of power.
public enum DurableFile {
  /// Writes a file aside, syncs it, and gives it its name; what had the name is replaced. Only its owner may write it, its group may read it.
  ///
  /// - Throws: ``StorageError/inputOutput(path:why:)``; the file is as it was then.
  public static func write(_ text: String, to path: String) throws(StorageError) {
    let (folder, name) = split(path)
    let aside = "\(folder)/.\(name).new"
    let descriptor = try openAlone(aside)
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard ftruncate(descriptor, 0) == 0, fchmod(descriptor, 0o640) == 0 else { throw .system(path, errno) }
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes[written...].withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(written)) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .system(path, count == 0 ? ENOSPC : errno) }
      written += count
    }
    guard fsync(descriptor) == 0, unsafe rename(aside, path) == 0 else { throw .system(path, errno) }
    try sync(folder: folder)
  }

  /// The text of a file; nil where there is none.
  ///
  /// - Parameter limit: The most bytes that it may have.
  /// - Throws: ``StorageError/inputOutput(path:why:)`` where it is there and cannot be read.
  public static func read(_ path: String, atMost limit: Int = 1 << 20) throws(StorageError) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .system(path, errno)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Foundation.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system(path, errno) }
      if count == 0 { break }
      bytes += buffer[..<count]
      guard bytes.count <= limit else { throw .inputOutput(path: path, why: "it has more than \(limit) bytes") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .inputOutput(path: path, why: "it is not text in UTF-8") }
    return text
  }

  /// The names in a folder, sorted; nil where there is no folder.
  ///
  /// - Throws: ``StorageError/inputOutput(path:why:)`` where it is there and cannot be listed to its end.
  public static func names(in folder: String) throws(StorageError) -> [String]? {
    guard let stream = unsafe opendir(folder) else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .system(folder, errno)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw .system(folder, errno) }
    return names.sorted()
  }

  /// Whether there is a folder at a path, links followed.
  public static func isFolder(_ path: String) throws(StorageError) -> Bool {
    var entry = stat()
    if unsafe stat(path, &entry) == 0 { return entry.st_mode & S_IFMT == S_IFDIR }
    if errno == ENOENT || errno == ENOTDIR { return false }
    throw .system(path, errno)
  }

  /// The path of a folder without links; nil where there is none.
  public static func realPath(_ path: String) throws(StorageError) -> String? {
    guard let resolved = unsafe realpath(path, nil) else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .system(path, errno)
    }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// Gives a finished file its name, in one step that fails where anything has it.
  ///
  /// - Throws: ``StorageError/occupied(path:what:)`` where something is there.
  public static func place(_ aside: String, at path: String) throws(StorageError) {
    if unsafe rename_to_new(aside, path) == 0 { return }
    var code = errno
    if code == EINVAL || code == ENOSYS {
      // Some file systems know no such rename; a link refuses as well.
      if unsafe link(aside, path) == 0 {
        unsafe unlink(aside)
        return
      }
      code = errno
    }
    throw code == EEXIST ? .occupied(path: path, what: "a file") : .system(path, code)
  }

  /// Opens the file aside, which one process at a time fills. What a killed one left is used again.
  private static func openAlone(_ path: String) throws(StorageError) -> CInt {
    while true {
      let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
      guard descriptor >= 0 else { throw .system(path, errno) }
      // A file system without locks is no reason to fail.
      while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
      var opened = stat()
      if unsafe fstat(descriptor, &opened) == 0, let named = try? LedgerFile.entry(path), named.st_ino == opened.st_ino,
        named.st_dev == opened.st_dev
      {
        return descriptor
      }
      // Another process has just given it its name: there is a new one to make.
      close(descriptor)
    }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
  }

  private static func sync(folder: String) throws(StorageError) {
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(folder, errno) }
    defer { close(descriptor) }
    // EINVAL: a file system that has no notion of syncing a folder.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw .system(folder, errno) }
  }
}
