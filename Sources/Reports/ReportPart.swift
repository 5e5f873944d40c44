/// Rows of a part of a run's items, put into words on any thread and written into the ``ReportFolder`` in the order of the parts.
///
/// What was written is gone from it, and it takes the next rows.
package final class ReportPart: @unchecked Sendable {
  var refunds = RowText()
  var refundDays = RowText()
  var queue = RowText()
  private(set) var figures = Figures()

  package init() {}

  /// Whether it is time to write it.
  package var isLarge: Bool { refunds.count + queue.count >= RowText.flushSize }

  func clearFigures() { figures = Figures() }

  package func write(_ row: RefundRow) {
    row.write(to: &refunds)
    figures.add(row)
  }

  package func write(_ row: RefundDaysRow) {
    row.write(to: &refundDays)
    figures.add(row)
  }

  package func write(_ row: QueueRow) {
    row.write(to: &queue)
    figures.add(row)
  }
}
