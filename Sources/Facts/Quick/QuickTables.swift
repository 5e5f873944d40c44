import RefundPolicy

/// Where a file's columns are, for the quick reader: every column of its table, in any order, and `voided` where there is one.
struct QuickColumns {
  /// For each column of the table its field.
  let fields: [Int]
  let voided: Int?
  let count: Int

  /// Nil where the careful reader has to look: columns are absent, unknown or doubled.
  init?(_ table: FactTable, header: [String]) {
    let names = table.columns.map(\.name)
    guard header.count == names.count || header.count == names.count + 1, Set(header).count == header.count,
      header.allSatisfy({ names.contains($0) || $0 == "voided" }), header.count < PlainRecords.mostFields
    else { return nil }
    let places = names.compactMap { header.firstIndex(of: $0) }
    guard places.count == names.count else { return nil }
    (fields, voided, count) = (places, header.firstIndex(of: "voided"), header.count)
  }
}

/// The rows of a range of one file, with the order they are of.
///
/// Rows must come in the order of the orders' ids: one that does not, or that is not quite right, ends the quick import.
@safe final class QuickCursor<Row> {
  private var records: PlainRecords
  private let columns: QuickColumns
  private let orderField: Int
  private let header: UInt64
  private let parse: (borrowing PlainRecords, QuickColumns) -> Row?
  private let ends: UnsafeMutablePointer<Int>
  private(set) var order = ByteText.none
  private(set) var isAtEnd = false
  private(set) var isRefused = false
  /// Where the row at hand begins; the end of the stretch behind the last.
  private(set) var place: Int

  /// - Parameter order: The index of the table's column with the order's id.
  init?(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ columns: QuickColumns, order: Int, header: UInt64,
    parse: @escaping (borrowing PlainRecords, QuickColumns) -> Row?
  ) {
    let ends = UnsafeMutablePointer<Int>.allocate(capacity: PlainRecords.mostFields)
    unsafe self.ends = ends
    guard let records = unsafe PlainRecords(bytes, range, ends: ends) else { return nil }
    (self.records, self.columns, self.parse, orderField, self.header) = (records, columns, parse, columns.fields[order], header)
    place = range.lowerBound
    look()
  }

  deinit { unsafe ends.deallocate() }

  /// Looks at whose the row at hand is, and no further: most rows came before and are passed by.
  private func look() {
    place = records.skippingBreaks(from: place)
    isAtEnd = place >= records.limit
    if isAtEnd { return }
    let next = records.field(orderField, ofLineAt: place)
    if next.isEmpty || next.count > 200 || next < order { isRefused = true }
    order = next
  }

  /// Whether the row at hand is of an order.
  func isOn(_ id: ByteText) -> Bool { !isAtEnd && !isRefused && order == id }

  /// The hash of the rows between two places, under the file's columns.
  func hash(_ range: Range<Int>, after seed: UInt64) -> UInt64 { SourceHash.of(records.bytes(range), after: SourceHash.mixed(seed, header)) }

  /// Where the rows of the order at hand end, and how many there are: found by line breaks and the order's id alone.
  func rows(of id: ByteText, _ each: (Int) -> Void = { _ in }) -> (end: Int, count: Int64) {
    var place = place
    var count: Int64 = 0
    repeat {
      each(place)
      place = records.lineEnd(after: place)
      count += 1
    } while place < records.limit && records.field(orderField, ofLineAt: place) == id
    return (place, count)
  }

  /// A field of a record that ``rows(of:_:)`` came by.
  func field(_ column: Int, at place: Int) -> ByteText { records.field(columns.fields[column], ofLineAt: place) }

  /// Goes on with the record at a place.
  func skip(to place: Int) {
    self.place = place
    look()
  }

  /// The row at hand, and goes on to the next; nil ends the quick import.
  func take() -> Row? {
    records.seek(place)
    guard records.next() == .record, records.fieldCount == columns.count, records.field(orderField) == order, let row = parse(records, columns)
    else {
      isRefused = true
      return nil
    }
    place = records.position
    look()
    return row
  }
}

/// Rows from fields, each with every check of its own (contract 2, "Checked"); nil where one does not hold.
enum QuickRow {
  /// An optional instant: absent, given, or not to be read.
  private static func instant(_ field: ByteText, _ value: inout Int64?) -> Bool {
    if field.isEmpty {
      value = nil
      return true
    }
    value = QuickField.instant(field)
    return value != nil
  }

  private static func isVoided(_ records: borrowing PlainRecords, _ columns: QuickColumns) -> Bool? {
    guard let voided = columns.voided else { return false }
    return QuickField.flag(records.field(voided))
  }

  static func order(_ records: borrowing PlainRecords, _ columns: QuickColumns) -> OrderRow? {
    let fields = columns.fields
    var row = OrderRow()
    guard let id = QuickField.required(records.field(fields[0])), let line = QuickField.line(records.field(fields[1])),
      let carrier = QuickField.required(records.field(fields[2])), let region = QuickField.required(records.field(fields[3])),
      let plan = QuickField.required(records.field(fields[4])), instant(records.field(fields[5]), &row.provisioned),
      instant(records.field(fields[6]), &row.activated), instant(records.field(fields[7]), &row.ended),
      let isVoided = isVoided(records, columns)
    else { return nil }
    (row.id, row.line, row.carrier, row.region, row.plan, row.isVoided) = (id, line, carrier, region, plan, isVoided)
    let reason = records.field(fields[8])
    if !reason.isEmpty {
      guard let place = EndReason.allCases.firstIndex(where: { unsafe reason.bytes.elementsEqual($0.rawValue.utf8) }) else { return nil }
      row.reason = UInt8(place) + 1
    }
    guard (row.ended == nil) == (row.reason == 0) else { return nil }
    if let activated = row.activated { guard let provisioned = row.provisioned, activated >= provisioned else { return nil } }
    if let ended = row.ended { guard ended >= row.provisioned ?? .min, ended >= row.activated ?? .min else { return nil } }
    return row
  }

  static func period(_ records: borrowing PlainRecords, _ columns: QuickColumns) -> PeriodRow? {
    let fields = columns.fields
    var row = PeriodRow()
    guard let id = QuickField.required(records.field(fields[0])), let starts = QuickField.day(records.field(fields[2])),
      let ends = QuickField.day(records.field(fields[3])), ends > starts, let paid = QuickField.money(records.field(fields[4])),
      let fee = QuickField.money(records.field(fields[5])), fee <= paid, let coin = QuickField.required(records.field(fields[6])),
      let network = QuickField.text(records.field(fields[7])), let txid = QuickField.text(records.field(fields[9])),
      let paidAt = QuickField.instant(records.field(fields[10])), let isVoided = isVoided(records, columns)
    else { return nil }
    (row.id, row.starts, row.ends, row.paid, row.setupFee) = (id, starts, ends, paid, fee)
    (row.coin, row.network, row.txid, row.paidAt, row.isVoided) = (coin, network, txid, paidAt, isVoided)
    if network.isEmpty, coin.equals("USDT") || coin.equals("USDC") { return nil }
    let amount = records.field(fields[8])
    if !amount.isEmpty {
      guard let decimal = QuickField.decimal(amount) else { return nil }
      row.amount = decimal
    }
    return row
  }

  static func usage(_ records: borrowing PlainRecords, _ columns: QuickColumns) -> UsageRow? {
    let fields = columns.fields
    guard let day = QuickField.day(records.field(fields[1])), let calls = QuickField.count(records.field(fields[2])),
      let sms = QuickField.count(records.field(fields[3])), let verifications = QuickField.count(records.field(fields[4])),
      let isVoided = isVoided(records, columns)
    else { return nil }
    return UsageRow(day: day, calls: calls, sms: sms, verifications: verifications, isVoided: isVoided)
  }

  static func ticket(_ records: borrowing PlainRecords, _ columns: QuickColumns) -> TicketRow? {
    let fields = columns.fields
    var row = TicketRow()
    guard let id = QuickField.required(records.field(fields[0])), let opened = QuickField.instant(records.field(fields[2])),
      instant(records.field(fields[3]), &row.restored), row.restored ?? .max >= opened, let isVoided = isVoided(records, columns)
    else { return nil }
    (row.id, row.opened, row.isVoided) = (id, opened, isVoided)
    return row
  }

  static func addon(_ records: borrowing PlainRecords, _ columns: QuickColumns) -> (period: ByteText, row: AddonRow)? {
    let fields = columns.fields
    var row = AddonRow()
    guard let id = QuickField.required(records.field(fields[0])), let period = QuickField.required(records.field(fields[1])),
      let fee = QuickField.money(records.field(fields[3])), instant(records.field(fields[4]), &row.from),
      instant(records.field(fields[5]), &row.to), let isVoided = isVoided(records, columns)
    else { return nil }
    let category = records.field(fields[2])
    if category.equals("other") { row.category = 1 } else if !category.equals("ai") { return nil }
    if let to = row.to { guard let from = row.from, to >= from else { return nil } }
    (row.id, row.fee, row.isVoided) = (id, fee, isVoided)
    return (period, row)
  }
}
