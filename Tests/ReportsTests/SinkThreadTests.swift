import Foundation
import Hashing
import Testing

@testable import Reports

/// Buffers that are hashed and written beside the thread that fills them.
@Suite struct `files on a thread of their own` {
  private struct Row: CSVRow {
    let number: Int

    func write(to text: inout RowText) {
      text.field(number)
      text.field(word: String(repeating: "x", count: 90))
      text.endRow()
    }
  }

  private static func write(_ rows: Int, to path: String, thread: SinkThread?) throws(ReportError) -> WrittenFile {
    var file = OutputFile(descriptor: unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600), path: path, thread: thread)
    for row in 0..<rows { try file.write(Row(number: row)) }
    return try file.finish(as: "rows.csv")
  }

  /// None, fewer rows than a buffer holds, and many times as many as may wait.
  @Test(arguments: [0, 10, 700, 40_000]) func `are the same bytes as without it`(rows: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-sink-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (alone, beside) = (folder.appendingPathComponent("alone"), folder.appendingPathComponent("beside"))
    let thread = SinkThread()
    defer { thread.stop() }
    let written = [try Self.write(rows, to: alone.path, thread: nil), try Self.write(rows, to: beside.path, thread: thread)]
    #expect(written[0] == written[1])
    let bytes = try Data(contentsOf: beside)
    #expect(try Data(contentsOf: alone) == bytes)
    #expect(written[1].bytes == bytes.count && written[1].rows == rows)
    #expect(written[1].sha256 == SHA256.hash(Array(bytes)).hexadecimal)
  }

  /// A full disk is told by the row that comes after, or at the end; whatever was handed over before.
  @Test(arguments: [700, 40_000]) func `tell of a full disk`(rows: Int) {
    let thread = SinkThread()
    defer { thread.stop() }
    #expect(throws: ReportError.cannotWrite(path: "/dev/full", code: ENOSPC)) { try Self.write(rows, to: "/dev/full", thread: thread) }
  }
}
