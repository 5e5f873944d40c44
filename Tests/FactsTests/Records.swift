import Facts
import Foundation

/// What the CSV reader makes of some bytes: each record's fields, or `bad`, in order.
enum Record: Equatable, CustomStringConvertible {
  case fields([String])
  case bad(CSVReader.Problem)

  var description: String {
    switch self {
    case .fields(let fields): "\(fields)"
    case .bad(let problem): "bad: \(problem)"
    }
  }

  static func all(in bytes: [UInt8]) -> [Record] {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      let reader = unsafe CSVReader(buffer)
      var records: [Record] = []
      while true {
        switch reader.next() {
        case .end: return records
        case .bad(let problem): records.append(.bad(problem))
        case .record:
          records.append(.fields((0..<reader.fieldCount).map { unsafe String(decoding: reader.field($0), as: UTF8.self) }))
        }
      }
    }
  }

  var fields: [String]? {
    guard case .fields(let fields) = self else { return nil }
    return fields
  }
}

/// The folder of published facts beside the checkout, where it lies.
enum Shared {
  static func folder(_ name: String) -> URL? {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.deletingLastPathComponent().appendingPathComponent("shared/\(name)")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }
}
