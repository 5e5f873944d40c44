import Glibc

/// The queue as it stands now, in the form of `queue.csv`.
public enum QueueListing {
  private struct Waiting: CSVRow {
    let item: ReportedItem<String>

    func write(to text: inout RowText) { item.writeQueue(to: &text) }
  }

  /// Writes the header and a row for each item to an open descriptor, which stays open.
  public static func write(_ items: [ReportedItem<String>], to descriptor: Int32) throws(ReportError) {
    var output = OutputFile(descriptor: dup(descriptor), path: "standard output")
    output.raw(ReportFile.queue.header + "\n")
    for item in items { try output.write(Waiting(item: item)) }
    try output.flush()
  }
}

/// Where payouts stand, as CSV.
public enum PayoutListing {
  private struct Fields: CSVRow {
    let texts: [String]

    func write(to text: inout RowText) {
      for field in texts { text.field(field) }
      text.endRow()
    }
  }

  /// Writes the header and the rows to an open descriptor, which stays open.
  public static func write(_ rows: [[String]], header: [String], to descriptor: Int32) throws(ReportError) {
    var output = OutputFile(descriptor: dup(descriptor), path: "standard output")
    output.raw(header.joined(separator: ",") + "\n")
    for row in rows { try output.write(Fields(texts: row)) }
    try output.flush()
  }
}
