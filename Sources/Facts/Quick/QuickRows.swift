import RefundPolicy

// Rows from the fields of records, each with every check of its own (contract 2, "Checked").

extension PlainRecords {
  /// An optional instant: absent, given, or not to be read.
  fileprivate func instant(_ field: Int, _ value: inout Int64?) -> Bool {
    let text = self.field(field)
    if text.isEmpty {
      value = nil
      return true
    }
    value = QuickField.instant(text)
    return value != nil
  }

  fileprivate func isVoided(_ columns: borrowing QuickColumns) -> Bool? {
    guard let voided = columns.voided else { return false }
    return QuickField.flag(field(voided))
  }
}

extension OrderRow: QuickRow {
  private static let reasons = EndReason.allCases.map { Array($0.rawValue.utf8) }

  mutating func read(_ records: borrowing PlainRecords, _ columns: borrowing QuickColumns) -> Bool {
    guard let id = QuickField.id(records.field(columns[0])), let line = QuickField.line(records.field(columns[1])),
      let carrier = QuickField.required(records.field(columns[2])), let region = QuickField.required(records.field(columns[3])),
      let plan = QuickField.required(records.field(columns[4])), let isVoided = records.isVoided(columns)
    else { return false }
    (self.id, self.line, self.carrier, self.region, self.plan, self.isVoided) = (id, line, carrier, region, plan, isVoided)
    guard records.instant(columns[5], &provisioned), records.instant(columns[6], &activated),
      records.instant(columns[7], &ended)
    else { return false }
    let word = records.field(columns[8])
    if !word.isEmpty {
      guard let place = OrderRow.reasons.firstIndex(where: { unsafe word.bytes.elementsEqual($0) }) else { return false }
      reason = UInt8(place) + 1
    }
    guard (ended == nil) == (reason == 0) else { return false }
    if let activated { guard let provisioned, activated >= provisioned else { return false } }
    if let ended { guard ended >= provisioned ?? .min, ended >= activated ?? .min else { return false } }
    return true
  }
}

extension PeriodRow: QuickRow {
  mutating func read(_ records: borrowing PlainRecords, _ columns: borrowing QuickColumns) -> Bool {
    guard let id = QuickField.id(records.field(columns[0])), let starts = QuickField.day(records.field(columns[2])),
      let ends = QuickField.day(records.field(columns[3])), ends > starts, let paid = QuickField.money(records.field(columns[4])),
      let fee = QuickField.money(records.field(columns[5])), fee <= paid,
      let coin = QuickField.required(records.field(columns[6])), let network = QuickField.text(records.field(columns[7])),
      let txid = QuickField.optionalID(records.field(columns[9])), let paidAt = QuickField.instant(records.field(columns[10])),
      let isVoided = records.isVoided(columns)
    else { return false }
    (self.id, self.starts, self.ends, self.paid, setupFee) = (id, starts, ends, paid, fee)
    (self.coin, self.network, self.txid, self.paidAt, self.isVoided) = (coin, network, txid, paidAt, isVoided)
    keyHash = KeyHash.hash(id, .period)
    if network.isEmpty, coin.equals("USDT") || coin.equals("USDC") { return false }
    let given = records.field(columns[8])
    if !given.isEmpty {
      guard let decimal = QuickField.decimal(given) else { return false }
      amount = decimal
    }
    return true
  }
}

extension UsageRow: QuickRow {
  mutating func read(_ records: borrowing PlainRecords, _ columns: borrowing QuickColumns) -> Bool {
    guard let day = QuickField.day(records.field(columns[1])), let calls = QuickField.count(records.field(columns[2])),
      let sms = QuickField.count(records.field(columns[3])), let verifications = QuickField.count(records.field(columns[4])),
      let isVoided = records.isVoided(columns)
    else { return false }
    (self.day, self.calls, self.sms, self.verifications, self.isVoided) = (day, calls, sms, verifications, isVoided)
    return true
  }
}

extension TicketRow: QuickRow {
  mutating func read(_ records: borrowing PlainRecords, _ columns: borrowing QuickColumns) -> Bool {
    guard let id = QuickField.id(records.field(columns[0])), let opened = QuickField.instant(records.field(columns[2])),
      let isVoided = records.isVoided(columns)
    else { return false }
    (self.id, self.opened, self.isVoided) = (id, opened, isVoided)
    return records.instant(columns[3], &restored) && restored ?? .max >= opened
  }
}

extension AddonRow: QuickRow {
  /// The period that it belongs to is left open.
  mutating func read(_ records: borrowing PlainRecords, _ columns: borrowing QuickColumns) -> Bool {
    guard let id = QuickField.id(records.field(columns[0])), QuickField.required(records.field(columns[1])) != nil,
      let fee = QuickField.money(records.field(columns[3])), let isVoided = records.isVoided(columns)
    else { return false }
    (self.id, self.fee, self.isVoided) = (id, fee, isVoided)
    guard records.instant(columns[4], &from), records.instant(columns[5], &to) else { return false }
    let word = records.field(columns[2])
    if word.equals("other") { category = 1 } else if !word.equals("ai") { return false }
    if let to { guard let from, to >= from else { return false } }
    return true
  }
}
