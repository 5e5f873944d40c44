public import RefundPolicy

/// The report folder of one run, from its first row to its place under `REPORTS/`.
///
/// Rows come in the order in which they are to stand, each file's own; files may take turns. They are written aside into a hidden folder
/// and ``publish()`` moves that into place, so that the folder appears whole or not at all. Whoever drops the value before, or sees an
/// error, leaves nothing behind. The bytes depend on the title and the rows alone.
public struct ReportFolder: ~Copyable {
  private let title: RunTitle
  private let staging: StagingFolder
  private var figures = Figures()
  private var refunds: OutputFile
  private var refundDays: OutputFile
  private var queue: OutputFile
  private var requestDecisions: OutputFile
  private var exceptions: OutputFile
  private var unpaid: OutputFile
  private var summary: OutputFile
  /// A rerun's alone.
  private var differences: OutputFile?

  /// Makes the hidden folder in `reports` (made too when it is missing) and the files with their headers.
  ///
  /// - Throws: ``ReportError/targetExists(path:)`` when the run's folder is there already.
  public init(_ title: RunTitle, in reports: String, _ inTheWay: InTheWay = .isRefused) throws(ReportError) {
    let staging = try StagingFolder(target: title.folderName, in: reports, inTheWay)
    let refunds = try staging.table(.refunds)
    let refundDays = try staging.table(.refundDays)
    let queue = try staging.table(.queue)
    let requestDecisions = try staging.table(.requestDecisions)
    let exceptions = try staging.table(.exceptions)
    let unpaid = try staging.table(.unpaid)
    let summary = try staging.table(.summary)
    let differences: OutputFile? = title.isRerun ? try staging.table(.differences) : nil
    // All at once: a value that cannot be copied is either whole or not there.
    self.title = title
    self.staging = staging
    self.refunds = refunds
    self.refundDays = refundDays
    self.queue = queue
    self.requestDecisions = requestDecisions
    self.exceptions = exceptions
    self.unpaid = unpaid
    self.summary = summary
    self.differences = differences
  }

  /// Writes rows of a part of the run's items.
  public mutating func write(_ part: ReportPart) throws(ReportError) {
    try unsafe refunds.write(&part.rows.refunds)
    try unsafe refundDays.write(&part.rows.refundDays)
    try unsafe queue.write(&part.rows.queue)
    unsafe figures.add(part.rows.figures)
    unsafe part.rows.clear()
  }

  /// Days of a cause and their amount, of the items that the run changed, in what was written so far.
  public func total(of cause: Cause) -> (days: Int, amount: Cents) { figures.total(of: cause).map { ($0.count, $0.amount) } ?? (0, .zero) }

  public mutating func write(_ row: RequestDecisionRow) throws(ReportError) {
    try requestDecisions.write(row)
    figures.add(row)
  }

  public mutating func write(_ row: ExceptionRow) throws(ReportError) {
    try exceptions.write(row)
    figures.add(row)
  }

  public mutating func write(_ row: UnpaidRow) throws(ReportError) {
    try unpaid.write(row)
    figures.add(row)
  }

  public mutating func write(_ row: SummaryRow) throws(ReportError) {
    try summary.write(row)
    figures.add(row)
  }

  public mutating func write(_ row: DifferenceRow) throws(ReportError) {
    guard var file = differences.take() else { return }
    try file.write(row)
    differences = consume file
  }

  /// Counts what people corrected since the run before, which the run's own changes do not tell.
  public mutating func count(corrections: Cents) { figures.add(corrections: corrections) }

  /// Tells how many of the exceptions nobody had seen when the run ended.
  public mutating func count(unseenExceptions: Int) { figures.unseenExceptions = unseenExceptions }

  /// Tells of settings that rewrite history, added since the run before.
  public mutating func tell(_ rewrite: HistoryRewrite) { figures.rewrites.append(rewrite) }

  /// Finishes every file, describes them, and moves the folder into place.
  ///
  /// - Returns: Where the folder is, and what is in it.
  public consuming func publish() throws(ReportError) -> PublishedFolder {
    var more: [WrittenFile] = []
    if let file = differences.take() { more.append(try file.finish(as: ReportFile.differences.fileName)) }
    let tables =
      [
        try refunds.finish(as: ReportFile.refunds.fileName),
        try refundDays.finish(as: ReportFile.refundDays.fileName),
        try queue.finish(as: ReportFile.queue.fileName),
        try requestDecisions.finish(as: ReportFile.requestDecisions.fileName),
        try exceptions.finish(as: ReportFile.exceptions.fileName),
        try unpaid.finish(as: ReportFile.unpaid.fileName),
        try summary.finish(as: ReportFile.summary.fileName),
      ] + more
    let package = try staging.write(DataPackage.text(title: title, files: tables), as: "datapackage.json")
    let page = try staging.write(Page(title: title, figures: figures, files: tables).html, as: "index.html")
    let files = (tables + [package, page]).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let sums = try staging.write(files.map { "\($0.sha256)  \($0.name)\n" }.joined(), as: "SHA256SUMS")
    let path = staging.path
    let obstacle = try staging.publish()
    return PublishedFolder(path: path, files: files + [sums], obstacle: obstacle)
  }
}

/// A report folder that is in its place for good.
public struct PublishedFolder: Hashable, Sendable {
  public let path: String
  /// Every file in it: those with a checksum in `SHA256SUMS`, sorted by name, and then that file itself.
  public let files: [WrittenFile]
  /// What had its name before.
  public let obstacle: Obstacle

  init(path: String, files: [WrittenFile], obstacle: Obstacle = .nothing) { (self.path, self.files, self.obstacle) = (path, files, obstacle) }
}

extension StagingFolder {
  fileprivate func table(_ file: ReportFile) throws(ReportError) -> OutputFile {
    var output = try create(file.fileName)
    output.raw(file.header + "\n")
    return output
  }

  fileprivate func write(_ text: String, as name: String) throws(ReportError) -> WrittenFile {
    var output = try create(name)
    output.raw(text)
    return try output.finish(as: name)
  }
}

/// Settings that take effect before a date that was closed already, as the page tells of them.
public struct HistoryRewrite: Hashable, Sendable {
  public var effectiveFrom: Instant
  public var saidAt: Instant
  public var saidBy: String
  public var note: String

  public init(effectiveFrom: Instant, saidAt: Instant, saidBy: String, note: String) {
    (self.effectiveFrom, self.saidAt, self.saidBy, self.note) = (effectiveFrom, saidAt, saidBy, note)
  }
}
