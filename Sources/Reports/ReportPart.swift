public import RefundPolicy

/// Rows of a part of a run's items, put into words on any thread and written into the ``ReportFolder`` in the order of the parts.
///
/// What was written is gone from it, and it takes the next rows.
public final class ReportPart: @unchecked Sendable {
  // Asked for with every row: nothing that it calls comes back here, so nobody needs to see to it each time.
  @exclusivity(unchecked) var rows: Rows

  /// - Parameter items: For how many there is room at first.
  public init(items: Int = 200) { unsafe rows = Rows(items: items) }

  /// Whether it is time to write it.
  public var isLarge: Bool { unsafe rows.refunds.count + rows.queue.count >= RowText.flushSize }

  /// Writes the rows of an item.
  ///
  /// - Parameters:
  ///   - change: Of its amount by the run; nil where that did not change it.
  ///   - waits: Whether it is undecided at the end of the run.
  public func write(_ item: borrowing ReportedItem<String>, run: Int64, change: Cents?, waits: Bool) {
    unsafe rows.put(item, run: run, change: change, waits: waits)
  }

  public func write(_ item: borrowing ReportedItem<TextBytes>, run: Int64, change: Cents?, waits: Bool) {
    unsafe rows.put(item, run: run, change: change, waits: waits)
  }

  /// Writes days of the item that the run changed last.
  public func write(_ days: ReportedDays<String>) { unsafe rows.put(days) }
  public func write(_ days: ReportedDays<TextBytes>) { unsafe rows.put(days) }

  /// The rows of each file.
  struct Rows: ~Copyable {
    var refunds, refundDays, queue: RowText
    private(set) var figures = Figures()
    /// Of the row that stands last in ``refunds``.
    private var fields: ItemFields?

    fileprivate init(items: Int) {
      refunds = RowText(capacity: 320 * items)
      refundDays = RowText(capacity: 160 * items)
      queue = RowText(capacity: 320 * items)
    }

    /// To be called when what was written is gone.
    mutating func clear() { (figures, fields) = (Figures(), nil) }

    fileprivate mutating func put(_ item: borrowing ReportedItem<some ReportText>, run: Int64, change: Cents?, waits: Bool) {
      if let change {
        let fields = item.writeRefund(to: &refunds, run: run, change: change)
        if waits { item.writeQueue(to: &queue, fields, of: refunds) }
        self.fields = fields
        figures.add(item, change: change)
      } else if waits {
        item.writeQueue(to: &queue)
      }
      if waits { figures.add(waiting: item) }
    }

    fileprivate mutating func put(_ days: ReportedDays<some ReportText>) {
      guard let fields else { preconditionFailure("days come after their item") }
      days.write(to: &refundDays, fields, of: refunds)
      figures.add(days.days, of: days.cause, days.amount)
    }
  }
}
