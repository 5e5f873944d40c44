public import RefundPolicy

/// Rows of `refunds.csv`, `queue.csv` and `refund_days.csv`: what a run did to items, and which of them wait.
extension ReportedItem {
  /// Writes a row of `refunds.csv`: an item that the run opened, restated or withdrew, as it is after the run. Its clauses follow from its causes.
  ///
  /// - Parameter change: Of the amount, against before the run; negative when the item became smaller.
  /// - Returns: Where those fields stand that other rows of the item have too.
  func writeRefund(to text: inout RowText, run: Int64, change: Cents) -> ItemFields {
    text.field(run)
    let start = text.count
    writeID(to: &text)
    let state = text.count
    text.field(word: self.state.rawValue)
    let causes = text.count
    text.field(self.causes)
    let clauses = text.count
    text.field(clausesOf: self.causes)
    let figures = text.count
    writeFigures(to: &text)
    let changed = text.count
    text.field(change)
    let coin = text.count
    writeCoin(to: &text)
    let flags = text.count
    writeFlags(to: &text)
    let end = text.count
    text.endRow()
    return ItemFields(
      ids: start..<state, idsAndState: start..<causes, causes: causes..<clauses, figures: figures..<changed, coin: coin..<flags,
      // The row's end stands where the last field's comma was.
      flags: flags..<end - 1)
  }

  /// Writes a row of `queue.csv`: an item that is undecided at the end of the run.
  ///
  /// The column `overdue` is the flag ``ItemFlag/overdue``, so the two cannot disagree; `decision` and `note` are always empty.
  func writeQueue(to text: inout RowText) {
    writeID(to: &text)
    text.field(word: state.rawValue)
    writeDates(to: &text)
    text.field(causes)
    text.field(evidence)
    writeFigures(to: &text)
    writeCoin(to: &text)
    writeAddress(to: &text)
    writeFlags(to: &text)
    writeNoDecision(to: &text)
  }

  /// The same, with what stands in its row of `refunds.csv` already.
  func writeQueue(to text: inout RowText, _ fields: ItemFields, of refunds: borrowing RowText) {
    text.copy(fields.idsAndState, of: refunds)
    writeDates(to: &text)
    text.copy(fields.causes, of: refunds)
    text.field(evidence)
    text.copy(fields.figures, of: refunds)
    text.copy(fields.coin, of: refunds)
    writeAddress(to: &text)
    text.copy(fields.flags, of: refunds)
    text.emptyField()
    writeNoDecision(to: &text)
  }

  private func writeID(to text: inout RowText) {
    text.field(id)
    text.field(orderID)
    text.field(periodID)
  }

  private func writeDates(to text: inout RowText) {
    text.field(openedOn)
    text.field(dueOn)
    text.field(isOverdue)
  }

  private func writeFigures(to text: inout RowText) {
    text.field(firstDay)
    text.field(lastDay)
    text.field(days)
    text.field(amount)
  }

  private func writeCoin(to text: inout RowText) {
    text.field(coin)
    text.field(network)
  }

  private func writeAddress(to text: inout RowText) {
    text.field(address)
    text.field(tag)
  }

  private func writeFlags(to text: inout RowText) {
    text.field(flags)
    text.field(explanation)
  }

  private func writeNoDecision(to text: inout RowText) {
    text.emptyField()
    text.emptyField()
    text.endRow()
  }
}

/// Where fields of an item stand in the text of `refunds.csv`, each with its comma; the last ones without.
struct ItemFields {
  /// Item, order and period.
  var ids: Range<Int>
  var idsAndState: Range<Int>
  var causes: Range<Int>
  /// From the first day to the amount.
  var figures: Range<Int>
  /// With its network.
  var coin: Range<Int>
  /// With the sentence.
  var flags: Range<Int>
}

/// An unbroken stretch of an item's days that have one cause and the same evidence.
public struct ReportedDays<Text: ReportText>: Sendable {
  public var days: DayRange
  public var cause: Cause
  /// `outage:ID`, several joined by `+`.
  public var evidence: Text
  public var amount: Cents

  // Put together in other modules, for their kind of text.
  @inlinable @inline(__always) public init(days: DayRange, cause: Cause, evidence: Text, amount: Cents) {
    (self.days, self.cause, self.evidence, self.amount) = (days, cause, evidence, amount)
  }

  /// Writes a row of `refund_days.csv`.
  ///
  /// - Parameter fields: Where the item's fields stand.
  func write(to text: inout RowText, _ fields: ItemFields, of refunds: borrowing RowText) {
    text.copy(fields.ids, of: refunds)
    text.field(word: cause.name)
    text.field(evidence)
    text.field(days.first)
    text.field(days.last)
    text.field(days.dayCount)
    text.field(amount)
    text.endRow()
  }
}
