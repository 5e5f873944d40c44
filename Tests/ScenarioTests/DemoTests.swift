import Foundation
import Testing

/// The demo's night, on the committed reports and through crashes.
@Suite struct `the demo's night` {
  private static let sample = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("reports/2021-10-27")

  /// Every file of a folder by its name.
  private static func files(of folder: URL) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return try Dictionary(uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: folder.appendingPathComponent($0))) })
  }

  /// To keep an intended change of the reports: `makegood demo D && cp D/reports/2021-10-27/* reports/2021-10-27/`.
  @Test func `is the committed sample, byte for byte`() throws {
    let sandbox = try Sandbox(Binary.find())
    #expect(try sandbox.run("makegood demo --quiet d").status == 0)
    let expected = try Self.files(of: Self.sample)
    let written = try Self.files(of: sandbox.work.appendingPathComponent("d/reports/2021-10-27"))
    #expect(written.keys.sorted() == expected.keys.sorted())
    for (name, bytes) in expected { #expect(written[name] == bytes, "\(name) differs from the committed sample") }
  }

  /// H4, contract 3: killed at any moment, the next run ends with the same ledger and the same bytes in the reports.
  @Test(arguments: [5, 15, 25, 40, 55, 70, 85, 100, 120, 140, 160, 180, 200, 230, 260, 300])
  func `killed after some milliseconds is the same night once it is run again`(milliseconds: Int) throws {
    let sandbox = try Sandbox(Binary.find())
    #expect(try sandbox.run("makegood demo --quiet d && cp -r d/facts facts && makegood init --quiet && makegood import --quiet facts").status == 0)
    let night = "MAKEGOOD_NOW=2021-10-28T05:00:00Z makegood run --quiet"
    let seconds = String(format: "0.%03d", milliseconds)
    _ = try sandbox.run("MAKEGOOD_NOW=2021-10-28T05:00:00Z timeout -s KILL \(seconds) makegood run --quiet")
    let again = try sandbox.run(night)
    #expect(again.status == 0 && again.errors.isEmpty, "\(again.errors)")
    #expect(try sandbox.run("diff -r -x anchor.json reports d/reports").output == "")
    #expect(try sandbox.run("makegood queue --format csv | diff - reports/2021-10-27/queue.csv").output == "")
    #expect(try sandbox.run("ls -A reports").output == "2021-10-27\nanchor.json\n", "nothing half written stays behind")
  }

  /// Contract 1: a full disk is an I/O error or ends by the system's signal, and the night can be run again.
  @Test func `out of space it keeps what was there`() throws {
    let sandbox = try Sandbox(Binary.find())
    #expect(try sandbox.run("makegood demo --quiet d && cp -r d/facts facts && makegood init --quiet && makegood import --quiet facts").status == 0)
    // Files may not grow over 8 KiB: the ledger's log file does.
    let full = try sandbox.run("trap '' XFSZ; ulimit -f 16; MAKEGOOD_NOW=2021-10-28T05:00:00Z makegood run --quiet")
    #expect(full.status == 74, "\(full.errors)")
    #expect(full.errors.hasPrefix("error: "))
    #expect(try sandbox.run("MAKEGOOD_NOW=2021-10-28T05:00:00Z makegood run --quiet").status == 0)
    #expect(try sandbox.run("diff -r -x anchor.json reports d/reports").output == "")
  }
}
