import RefundPolicy
import Storage

/// One value of a row, as the database holds it. Bytes belong to the row's source, and are good until its next step.
@safe enum FactValue {
  case null
  case int(Int64)
  case bytes(UnsafeBufferPointer<UInt8>)
  case text(String)

  var int: Int64? {
    guard case .int(let value) = self else { return nil }
    return value
  }

  var isNull: Bool {
    guard case .null = self else { return false }
    return true
  }

  func equals(_ text: String) -> Bool {
    switch self {
    case .bytes(let bytes): unsafe bytes.elementsEqual(text.utf8)
    case .text(let own): own.utf8.elementsEqual(text.utf8)
    case .null, .int: false
    }
  }

  func bind(to statement: RawStatement, at index: Int) throws {
    switch self {
    case .null: try statement.bindNull(index)
    case .int(let value): try statement.bind(index, value)
    case .bytes(let bytes): unsafe try statement.bind(index, bytes: bytes)
    case .text(let text): try statement.bind(index, text)
    }
  }

  /// Whether a stored column holds just this.
  func equals(_ row: RawStatement, _ column: Int) -> Bool {
    switch self {
    case .null: row.isNull(column)
    case .int(let value): !row.isNull(column) && row.int(column) == value
    case .bytes(let bytes): unsafe !row.isNull(column) && row.bytes(column).elementsEqual(bytes)
    case .text(let text): unsafe !row.isNull(column) && row.bytes(column).elementsEqual(text.utf8)
    }
  }

  /// A stored column, copied.
  init(_ row: RawStatement, _ column: Int) {
    switch row.type(column) {
    case .integer: self = .int(row.int(column))
    case .text: self = .text(row.text(column))
    case .null, .real, .blob: self = .null
    }
  }
}

/// What is wrong with a row, and with which of its table's columns.
struct RowError: Error {
  var column: Int?
  var error: FieldError

  /// Whether the row disagrees with another one of the same key and call.
  var isDisagreement = false

  /// Two rows of one key and call that say different things.
  static func disagreement(_ column: Int?) -> RowError {
    var error = RowError(column, "another row of this call has the same key and other values", hint: "Keep the right one of the two.")
    error.isDisagreement = true
    return error
  }

  init(_ column: Int?, _ what: String, hint: String) { (self.column, error) = (column, FieldError(what, hint: hint)) }
  init(_ column: Int?, _ error: FieldError) { (self.column, self.error) = (column, error) }
}

extension FactTable.Kind {
  /// The value of a field that is not empty.
  func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(FieldError) -> FactValue {
    switch self {
    case .text:
      unsafe try FieldParser.checkText(bytes)
      return unsafe .bytes(bytes)
    case .line:
      unsafe try FieldParser.checkLine(bytes)
      return unsafe .bytes(bytes)
    case .id:
      unsafe try FieldParser.checkID(bytes)
      return unsafe .bytes(bytes)
    case .word(let words):
      guard words.contains(where: { unsafe bytes.elementsEqual($0.utf8) }) else {
        throw FieldError("is none of the words there are", hint: "Write one of \(words.joined(separator: ", ")).")
      }
      return unsafe .bytes(bytes)
    case .money: return unsafe .int(try FieldParser.money(bytes).count)
    case .count: return unsafe .int(try FieldParser.count(bytes))
    case .day: return unsafe .int(Int64(try FieldParser.day(bytes).ordinal))
    case .instant: return unsafe .int(try FieldParser.instant(bytes).seconds)
    case .decimal: return unsafe .text(try FieldParser.decimal(bytes))
    }
  }

  /// A stored value as the files write it, for the log.
  func text(_ value: FactValue) -> String? {
    switch value {
    case .null: nil
    case .text(let text): text
    case .bytes(let bytes): unsafe String(decoding: bytes, as: UTF8.self)
    case .int(let number):
      switch self {
      case .money: Cents(number).description
      case .day: ServiceDay(ordinal: Int32(truncatingIfNeeded: number)).description
      case .instant: Instant(seconds: number).description
      case .text, .line, .id, .word, .count, .decimal: String(number)
      }
    }
  }
}

extension FactTable {
  /// The index of a column of the contract; the tables above name each that is asked for.
  private func at(_ name: String) -> Int { columns.firstIndex { $0.name == name } ?? 0 }

  /// What a whole row must keep, whatever the single fields say (contract 2, "Checked").
  func check(_ values: [FactValue]) throws(RowError) {
    for (index, column) in columns.enumerated() where column.isRequired && values[index].isNull {
      throw RowError(index, "\(column.name) is empty", hint: "Fill it in: every row needs it.")
    }
    switch name {
    case "orders": try checkOrder(values)
    case "periods": try checkPeriod(values)
    case "addons":
      if !values[5].isNull && values[4].isNull {
        throw RowError(5, "active_to is filled, but active_from is empty", hint: "Fill in both, or neither.")
      }
      try check(values, end: 5, notBefore: 4)
    case "outages", "withdrawals", "feature_faults":
      try checkScope(values)
      try check(values, end: 5, notBefore: 4)
    case "restorations": try check(values, end: 3, notBefore: 2)
    case "requests":
      if values[1].isNull && values[2].isNull {
        throw RowError(1, "order_id and txid are both empty", hint: "Fill in at least one: a request must name a payment (Q1).")
      }
    default: break
    }
  }

  private func check(_ values: [FactValue], end: Int, notBefore start: Int) throws(RowError) {
    if let last = values[end].int, let first = values[start].int, last < first {
      throw RowError(end, "\(columns[end].name) is before \(columns[start].name)", hint: "An end is not before its start; see which is wrong.")
    }
  }

  private func checkOrder(_ values: [FactValue]) throws(RowError) {
    let (provisioned, activated, ended, reason) = (5, 6, 7, 8)
    if !values[activated].isNull && values[provisioned].isNull {
      throw RowError(activated, "activated_at is filled, but provisioned_at is empty", hint: "A line is activated only when it is provisioned.")
    }
    try check(values, end: activated, notBefore: provisioned)
    try check(values, end: ended, notBefore: provisioned)
    try check(values, end: ended, notBefore: activated)
    if values[ended].isNull != values[reason].isNull {
      throw RowError(reason, "ended_at and end_reason are not filled together", hint: "Fill in both, or neither.")
    }
  }

  private func checkPeriod(_ values: [FactValue]) throws(RowError) {
    let (starts, ends, paid, fee, coin, network) = (2, 3, 4, 5, 6, 7)
    if let first = values[starts].int, let end = values[ends].int, end <= first {
      throw RowError(ends, "ends_on is not after starts_on", hint: "ends_on is the first day not paid for.")
    }
    if let whole = values[paid].int, let part = values[fee].int, part > whole {
      throw RowError(fee, "setup_fee_usd is above paid_usd", hint: "paid_usd is everything, the setup fee included.")
    }
    if values[network].isNull && (values[coin].equals("USDT") || values[coin].equals("USDC")) {
      throw RowError(network, "network is empty for a coin that has no chain of its own", hint: "Name the network the payment came on.")
    }
  }

  private func checkScope(_ values: [FactValue]) throws(RowError) {
    let (scope, value) = (2, 3)
    if values[scope].equals("platform") != values[value].isNull {
      throw RowError(value, "scope_value does not fit the scope", hint: "It is empty for platform and filled for every other scope.")
    }
    guard case .bytes(let bytes) = values[value] else { return }
    if values[scope].equals("line") {
      do { unsafe try FieldParser.checkLine(bytes) } catch {
        let shown = unsafe HiddenCharacter.shown(String(decoding: bytes.prefix(60), as: UTF8.self))
        throw RowError(value, "scope_value '\(shown)' \(error.what)", hint: error.hint)
      }
    }
    if values[scope].equals("prefix") {
      guard unsafe bytes.first == UInt8(ascii: "+"), bytes.count >= 2, unsafe bytes.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }) else {
        let shown = unsafe HiddenCharacter.shown(String(decoding: bytes.prefix(60), as: UTF8.self))
        throw RowError(value, "scope_value '\(shown)' is no prefix of a number", hint: "Write + and the first digits: +1202.")
      }
    }
  }
}
