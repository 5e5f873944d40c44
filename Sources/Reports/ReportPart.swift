import RefundPolicy

/// Rows of a part of a run's items, put into words on any thread and written into the ``ReportFolder`` in the order of the parts.
///
/// What was written is gone from it, and it takes the next rows.
package final class ReportPart: @unchecked Sendable {
  // All in one value: whoever writes a row asks once for the right to it.
  var rows: Rows

  /// - Parameter items: For how many there is room at first.
  package init(items: Int = 200) { rows = Rows(items: items) }

  /// Whether it is time to write it.
  package var isLarge: Bool { rows.refunds.count + rows.queue.count >= RowText.flushSize }

  package func write(_ row: RefundRow<String>) { rows.put(row) }
  package func write(_ row: RefundRow<TextBytes>) { rows.put(row) }
  package func write(_ row: RefundDaysRow<String>) { rows.put(row) }
  package func write(_ row: RefundDaysRow<TextBytes>) { rows.put(row) }
  package func write(_ row: QueueRow<String>) { rows.put(row) }
  package func write(_ row: QueueRow<TextBytes>) { rows.put(row) }

  /// The rows of each file.
  struct Rows: ~Copyable {
    var refunds, refundDays, queue: RowText
    private(set) var figures = Figures()
    /// The sentence that stands last in ``refunds``.
    private var told: RefundExplanation?

    fileprivate init(items: Int) {
      refunds = RowText(capacity: 320 * items)
      refundDays = RowText(capacity: 160 * items)
      queue = RowText(capacity: 320 * items)
    }

    /// To be called when what was written is gone.
    mutating func clear() { (figures, told) = (Figures(), nil) }

    fileprivate mutating func put(_ row: RefundRow<some ReportText>) {
      row.write(to: &refunds)
      told = row.item.explanation
      figures.add(row)
    }

    fileprivate mutating func put(_ row: RefundDaysRow<some ReportText>) {
      row.write(to: &refundDays)
      figures.add(row)
    }

    fileprivate mutating func put(_ row: QueueRow<some ReportText>) {
      // What a run changed mostly waits: the same sentence for both files.
      if row.item.explanation == told {
        row.write(to: &queue) { text, _ in text.field(sentenceOf: refunds) }
      } else {
        row.write(to: &queue)
      }
      figures.add(row)
    }
  }
}
