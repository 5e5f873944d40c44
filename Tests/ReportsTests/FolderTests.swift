import Foundation
import Glibc
import Hashing
import Reports
import RefundPolicy
import Testing

@Suite struct `the report folder` {
  static let names = [
    "SHA256SUMS", "datapackage.json", "exceptions.csv", "index.html", "queue.csv", "refund_days.csv", "refunds.csv",
    "request_decisions.csv",
    "summary.csv", "unpaid.csv",
  ]

  @Test func `appears whole, and nothing of it before`() throws {
    let scratch = try Scratch()
    var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    try Sample.write(&folder)
    let before = try scratch.entries()
    #expect(before.count == 1 && before.allSatisfy { $0.hasPrefix(".2026-11-22.") })
    let published = try folder.publish()
    #expect(published.path == scratch.path + "/2026-11-22")
    #expect(try scratch.entries() == ["2026-11-22"])
    #expect(try scratch.entries("2026-11-22") == Self.names)
  }

  @Test func `of a rerun is named after its days and its number`() throws {
    let scratch = try Scratch()
    let title = RunTitle(
      .rerun(first: try Sample.day("2026-11-01"), last: try Sample.day("2026-11-05"), asOf: try Sample.day("2026-11-22")), run: 42)
    #expect(
      try ReportFolder(title, in: scratch.path + "/made/on/the/way").publish().path.hasSuffix(
        "/made/on/the/way/2026-11-01_2026-11-05.rerun-42"))
    #expect(try scratch.text("made/on/the/way/2026-11-01_2026-11-05.rerun-42/index.html").contains("Manual rerun, run 42"))
  }

  @Test func `is dropped without a trace`() throws {
    let scratch = try Scratch()
    do {
      var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
      try Sample.write(&folder)
    }
    #expect(try scratch.entries() == [])
  }

  @Test func `never replaces one that is there`() throws {
    let scratch = try Scratch()
    _ = try ReportFolder(Sample.nightly(), in: scratch.path).publish()
    let former = try scratch.bytes("2026-11-22/refunds.csv")
    let refused = ReportError.targetExists(path: scratch.path + "/2026-11-22")
    #expect(throws: refused) { _ = try ReportFolder(Sample.nightly(), in: scratch.path) }
    #expect(try scratch.entries() == ["2026-11-22"])
    #expect(try scratch.bytes("2026-11-22/refunds.csv") == former)
  }

  @Test func `yields to one that came up meanwhile`() throws {
    let scratch = try Scratch()
    var slow = try ReportFolder(Sample.nightly(), in: scratch.path)
    try Sample.write(&slow)
    // Each has a hidden folder of its own, and the one in use is not taken for an abandoned one.
    _ = try ReportFolder(Sample.nightly(), in: scratch.path).publish()
    let refused = try publishFailure(slow)
    #expect(refused == .targetExists(path: scratch.path + "/2026-11-22"))
    #expect(try scratch.entries() == ["2026-11-22"])
    #expect(try scratch.text("2026-11-22/refunds.csv") == ReportFile.refunds.header + "\n")
  }

  @Test func `clears away what a dead run left, and only that`() throws {
    let scratch = try Scratch()
    for name in [".2026-11-22.abcdef", ".2026-11-22.longer-than-ours", ".2026-11-21.abcdef"] {
      try FileManager.default.createDirectory(atPath: scratch.path + "/" + name, withIntermediateDirectories: false)
      try Data("x".utf8).write(to: URL(fileURLWithPath: scratch.path + "/" + name + "/refunds.csv"))
    }
    _ = try ReportFolder(Sample.nightly(), in: scratch.path).publish()
    #expect(try scratch.entries() == [".2026-11-21.abcdef", ".2026-11-22.longer-than-ours", "2026-11-22"])
  }

  @Test func `says where it could not be made`() throws {
    let scratch = try Scratch()
    try Data().write(to: URL(fileURLWithPath: scratch.path + "/file"))
    let error = try #require(throws: ReportError.self) { _ = try ReportFolder(Sample.nightly(), in: scratch.path + "/file/reports") }
    #expect("\(error)" == "cannot create \(scratch.path)/file/reports: Not a directory")
    #expect(!error.isDiskFull)
  }

  @Test func `recognises a full disk`() {
    let error = ReportError.cannotWrite(path: "reports/2026-11-22/refunds.csv", code: ENOSPC)
    #expect(error.isDiskFull)
    #expect("\(error)" == "cannot write reports/2026-11-22/refunds.csv: No space left on device")
    #expect(error.hint == "Free some space and run again; the next run writes the folder.")
  }

  @Test func `leaves nothing when a file grows over what the system allows`() async {
    // In a process of its own: the limit holds for all of it.
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
      let isLimited = unsafe setrlimit(__rlimit_resource_t(1), &limit) == 0
      #expect(isLimited)
      let error = try #require(throws: ReportError.self) {
        var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
        for number in 1...5000 { try folder.write(Sample.refund(Int64(number))) }
      }
      #expect(error == .cannotWrite(path: scratch.path + "/2026-11-22/refunds.csv", code: EFBIG))
      #expect(try scratch.entries() == [])
    }
  }

  /// Also the folder of reports itself, where it has to be made.
  @Test(arguments: [0o000, 0o022, 0o077, 0o777] as [mode_t])
  func `is its owner's to write and its group's to read, whatever the umask`(mask: mode_t) async {
    await #expect(processExitsWith: .success) { [mask] in
      let scratch = try Scratch()
      umask(mask)
      _ = try ReportFolder(Sample.nightly(), in: scratch.path + "/new/reports").publish()
      func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: scratch.path + "/" + path)[.posixPermissions] as? Int
      }
      for folder in ["new", "new/reports", "new/reports/2026-11-22"] { #expect(try mode(folder) == 0o750) }
      for name in Self.names { #expect(try mode("new/reports/2026-11-22/" + name) == 0o640) }
    }
  }

  /// What is in the place of a published folder, and what becomes of it where it is put aside.
  @Test func `leaves the same files, and puts anything else aside`() throws {
    let scratch = try Scratch()
    let place = scratch.path + "/2026-11-22"
    func publish() throws -> Obstacle { try ReportFolder(Sample.nightly(), in: scratch.path, .isPutAside).publish().obstacle }
    #expect(try publish() == .nothing)
    let first = try FileManager.default.attributesOfItem(atPath: place)[.systemFileNumber] as? UInt64
    #expect(try publish() == .same)
    #expect(try FileManager.default.attributesOfItem(atPath: place)[.systemFileNumber] as? UInt64 == first)
    // A file more is somebody's note beside the same files.
    try Data("note".utf8).write(to: URL(fileURLWithPath: place + "/note.txt"))
    #expect(try publish() == .same)
    let changes: [(String) throws -> Void] = [
      { try FileManager.default.removeItem(atPath: $0 + "/queue.csv") },
      { try Data("x".utf8).write(to: URL(fileURLWithPath: $0 + "/queue.csv")) },
      { path in
        try FileManager.default.removeItem(atPath: path + "/queue.csv")
        try FileManager.default.createSymbolicLink(atPath: path + "/queue.csv", withDestinationPath: "refunds.csv")
      },
      { path in
        try FileManager.default.removeItem(atPath: path + "/queue.csv")
        try FileManager.default.createDirectory(atPath: path + "/queue.csv", withIntermediateDirectories: true)
      },
      { path in
        try FileManager.default.removeItem(atPath: path)
        try Data("a file".utf8).write(to: URL(fileURLWithPath: path))
      },
      { path in
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: scratch.path)
      },
      { path in
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      },
    ]
    for (index, change) in changes.enumerated() {
      try change(place)
      let aside = place + ".not-of-this-ledger-\(index + 1)"
      #expect(try publish() == .other(movedTo: aside), "\(index)")
      #expect(try publish() == .same)
    }
    #expect(throws: ReportError.targetExists(path: place)) { try ReportFolder(Sample.nightly(), in: scratch.path).publish() }
  }

  @Test func `has the same bytes each time`() throws {
    let one = try Scratch()
    let other = try Scratch()
    for scratch in [one, other] {
      var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
      try Sample.write(&folder)
      _ = try folder.publish()
    }
    for name in Self.names { #expect(try one.bytes("2026-11-22/" + name) == other.bytes("2026-11-22/" + name)) }
  }

  @Test func `carries a checksum of every file`() throws {
    let scratch = try Scratch()
    var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    try Sample.write(&folder)
    let published = try folder.publish()
    let expected = try Self.names.filter { $0 != "SHA256SUMS" }.map { name in
      SHA256.hash(Array(try scratch.bytes("2026-11-22/" + name))).hexadecimal + "  " + name + "\n"
    }
    #expect(try scratch.text("2026-11-22/SHA256SUMS") == expected.joined())
    #expect(published.files.map(\.name) == Self.names.dropFirst() + ["SHA256SUMS"])
    for file in published.files { #expect(try scratch.bytes("2026-11-22/" + file.name).count == file.bytes) }
  }

  private func publishFailure(_ folder: consuming ReportFolder) throws -> ReportError? {
    do throws(ReportError) {
      _ = try folder.publish()
      return nil
    } catch {
      return error
    }
  }
}
