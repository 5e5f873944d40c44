/// One file being written: the rows at hand, and the ``FileSink`` they go into.
///
/// Rows are put into words straight in a buffer, which is handed on whenever a row leaves 64 KiB or more in it, so memory is bounded by the
/// longest row. Dropping the value closes the file.
@safe struct OutputFile: ~Copyable {
  private let sink: FileSink
  /// Hashes and writes beside this thread; nil where it is not worth one.
  private let thread: SinkThread?
  private var text = RowText()
  /// Of what was handed on.
  private var rows = 0

  /// Takes over an open descriptor; `path` is for messages.
  init(descriptor: Int32, path: String, thread: SinkThread? = nil) {
    sink = FileSink(descriptor: descriptor, path: path)
    self.thread = thread
  }

  /// A text that is no row.
  mutating func raw(_ words: String) { text.raw(words) }

  mutating func write(_ row: some CSVRow) throws(ReportError) {
    row.write(to: &text)
    if text.count >= RowText.flushSize { try handOn() }
  }

  /// Writes rows that were put into words elsewhere; they are gone from there.
  mutating func write(_ others: inout RowText) throws(ReportError) {
    if others.count == 0 { return }
    if text.count > 0 { try handOn() }
    swap(&text, &others)
    try handOn()
  }

  /// Hands the buffer on, and goes on with another one.
  private mutating func handOn() throws(ReportError) {
    guard let thread else { return try flush() }
    rows += text.rows
    unsafe text.exchange(try thread.hand(sink, UnsafeMutableBufferPointer(start: text.buffer, count: text.capacity), count: text.count))
  }

  /// Hands the buffer to the system.
  mutating func flush() throws(ReportError) {
    if let thread { try thread.drain(sink) }
    rows += text.rows
    unsafe try sink.write(text.bytes)
    text.clear()
  }

  /// Writes what is left, waits until all of it is on the disk, and closes.
  consuming func finish(as name: String) throws(ReportError) -> WrittenFile {
    try flush()
    let checksum = try sink.finish()
    return WrittenFile(name: name, bytes: sink.bytes, rows: rows, sha256: checksum)
  }
}

/// What is known of a file once it is on the disk.
public struct WrittenFile: Hashable, Sendable {
  /// The name within its folder.
  public let name: String
  public let bytes: Int
  /// Rows of data, the header not counted; 0 for a file that is no table.
  public let rows: Int
  /// 64 lower-case hexadecimal digits.
  public let sha256: String
}
