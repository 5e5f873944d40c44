import Foundation
import RefundPolicy
import Storage
import Testing

@testable import Facts

/// An input that another program writes to while it is read is an error of reading (74), not a signal and not a bad row.
@Suite struct `an input that changes while it is read` {
  private static let header = "order_id,line,carrier,region,plan,provisioned_at,activated_at,ended_at,end_reason\n"

  /// Some 5 MB: several stretches of the quick import, and many pages.
  private static func orders(_ count: Int = 60_000) -> String {
    header
      + (0..<count).map { "O-\(1_000_000 + $0),+1202\(5_000_000 + $0),Telco,us-east,basic,2026-11-01T08:00:00Z,2026-11-01T08:00:00Z,,\n" }.joined()
  }

  enum Change: String, CaseIterable, Sendable { case emptied, halved, oneByteLess, appended, rewritten }

  private static func change(_ path: String, _ change: Change, size: Int) throws {
    switch change {
    case .emptied: #expect(unsafe truncate(path, 0) == 0)
    case .halved: #expect(unsafe truncate(path, off_t(size / 2)) == 0)
    case .oneByteLess: #expect(unsafe truncate(path, off_t(size - 1)) == 0)
    case .appended:
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try file.seekToEnd()
      try file.write(contentsOf: Data("O-9999999,+12029999999,Telco,us-east,basic,,,,\n".utf8))
    case .rewritten:
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try file.seek(toOffset: UInt64(size - 10))
      try file.write(contentsOf: Data("X".utf8))
    }
  }

  @Test(arguments: Change.allCases, [true, false]) func `is named, and nothing of it is taken in`(change: Change, isSorted: Bool) throws {
    let imports = try Imports()
    // What is not sorted goes the careful way.
    let text = isSorted ? Self.orders() : Self.header + "Z,+1,T,us,basic,,,,\n" + Self.orders(20_000).dropFirst(Self.header.count)
    let path = try imports.write("orders.csv", text)
    let lock = try RunLock(database: imports.store.path)
    var isChanged = false
    let error = #expect(throws: ImportUnreadable.self) {
      _ = try Facts.Import([.path(path)], rejects: nil, now: Instant(seconds: 0)).run(on: imports.store, holding: lock) { _, _ in
        if isChanged { return }
        isChanged = true
        try? Self.change(path, change, size: text.utf8.count)
      }
    }
    #expect(isChanged)
    #expect(error?.path == path)
    let isShorter = [.emptied, .halved, .oneByteLess].contains(change)
    #expect(error?.why == (isShorter ? "it became shorter while it was read" : "it was changed while it was read"))
    #expect(try imports.everything() == [])
  }

  @Test func `reads as zeros where it is gone, and can be let go`() throws {
    let folder = try Imports().folder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("file").path
    try Data(repeating: 0x61, count: 100_000).write(to: URL(fileURLWithPath: path))
    for _ in 0..<3 {
      try Data(repeating: 0x61, count: 100_000).write(to: URL(fileURLWithPath: path))
      let file = try MappedFile(path: path)
      #expect(unsafe file.bytes[50_000] == 0x61)
      #expect(file.disturbance == nil)
      // Written anew into the same file: a new one in its place would not disturb.
      #expect(unsafe truncate(path, 10) == 0)
      #expect(unsafe file.bytes[0] == 0x61 && file.bytes[99_999] == 0)
      file.release(0..<100_000)
      #expect(unsafe file.bytes[70_000] == 0)
      #expect(file.disturbance == "it became shorter while it was read")
    }
  }

  @Test func `may be replaced by another file of its name meanwhile`() throws {
    let imports = try Imports()
    let path = try imports.write("orders.csv", Self.orders(20_000))
    let other = try imports.write("other.csv", Self.header)
    let lock = try RunLock(database: imports.store.path)
    var isReplaced = false
    let summary = try Facts.Import([.path(path)], rejects: nil, now: Instant(seconds: 0)).run(on: imports.store, holding: lock) { _, _ in
      if !isReplaced { isReplaced = unsafe rename(other, path) == 0 }
    }
    #expect(isReplaced && summary.total.new == 20_000)
  }
}
