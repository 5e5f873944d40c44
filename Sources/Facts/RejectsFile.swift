import Foundation
import Storage

/// The file of rejects cannot be written (73, or 74 where the disk is full or fails): nothing of the call was taken in.
public struct RejectsError: Error, Hashable, Sendable {
  public let path: String
  public let why: String
  /// Whether the disk is full or fails.
  public let isDisk: Bool

  init(_ path: String, _ why: String) { (self.path, self.why, isDisk) = (path, why, false) }

  init(_ path: String, code: Int32) {
    (self.path, why) = (path, unsafe String(cString: strerror(code)))
    isDisk = [ENOSPC, EDQUOT, EIO].contains(code)
  }
}

/// The bad rows of an import with `--rejects`: place, reason and hint, and the row as it stood.
enum RejectsFile {
  static let header = "place,reason,hint,row\n"

  static func line(_ problem: ImportProblem, raw: [UInt8]) -> [UInt8] {
    let fields = [Array(problem.place.description.utf8), Array(problem.what.utf8), Array(problem.hint.utf8), raw].map(CSVText.quoted)
    return Array(fields.joined(separator: [UInt8(ascii: ",")])) + [10]
  }

  /// Refuses a place where something is, or that belongs to the database or to the inputs: before anything is read.
  static func check(_ path: String, database: String, inputs: [ImportInput]) throws(RejectsError) {
    var entry = stat()
    if unsafe lstat(path, &entry) == 0 {
      let what =
        switch entry.st_mode & S_IFMT {
        case S_IFREG: "it exists already"
        case S_IFDIR: "it is a folder"
        case S_IFLNK: "it is a symbolic link"
        default: "it is no regular file"
        }
      throw RejectsError(path, what)
    }
    guard errno == ENOENT else { throw RejectsError(path, code: errno) }
    let place = place(of: path)
    for suffix in ["", "-wal", "-shm", "-journal", "-lock"] where place == self.place(of: database) + suffix {
      throw RejectsError(path, "it belongs to the database")
    }
    for case .path(let input) in inputs {
      if FactTable.all.contains(where: { self.place(of: "\(input)/\($0.name).csv") == place }) {
        throw RejectsError(path, "it would be an input of the next import")
      }
    }
  }

  /// The folder without links, and the name in it.
  private static func place(of path: String) -> String {
    let url = URL(fileURLWithPath: path)
    return url.deletingLastPathComponent().resolvingSymlinksInPath().path + "/" + url.lastPathComponent
  }

  /// Writes the file aside, syncs it, and gives it its name in a step that fails where anything has it.
  static func write(_ lines: [[UInt8]], to path: String) throws(RejectsError) {
    let random = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    let aside = "\(path).\(random).tmp"
    let descriptor = unsafe open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else { throw RejectsError(path, code: errno) }
    defer { close(descriptor) }
    do throws(RejectsError) {
      var text = Array(header.utf8)
      for line in lines { text += line }
      var written = 0
      while written < text.count {
        let step = unsafe text.withUnsafeBytes { bytes in
          unsafe Foundation.write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, text.count - written)
        }
        if step < 0 && errno == EINTR { continue }
        guard step > 0 else { throw RejectsError(path, code: step < 0 ? errno : EIO) }
        written += step
      }
      guard fchmod(descriptor, 0o640) == 0, fsync(descriptor) == 0 else { throw RejectsError(path, code: errno) }
      do throws(StorageError) { try DurableFile.place(aside, at: path) } catch {
        if case .inputOutput(_, let why) = error { throw RejectsError(path, why) }
        throw RejectsError(path, "it exists already")
      }
    } catch {
      unsafe unlink(aside)
      throw error
    }
  }
}
