import RefundPolicy

/// What a quick import found, in a range or in all.
struct QuickCounts: Sendable {
  struct Table: Sendable {
    var read: Int64 = 0
    var new: Int64 = 0
    var changed: Int64 = 0

    static func += (left: inout Table, right: Table) {
      left.read += right.read
      left.new += right.new
      left.changed += right.changed
    }
  }

  var orders = Table()
  var periods = Table()
  var addons = Table()
  var usage = Table()
  var restorations = Table()

  static func += (left: inout QuickCounts, right: QuickCounts) {
    left.orders += right.orders
    left.periods += right.periods
    left.addons += right.addons
    left.usage += right.usage
    left.restorations += right.restorations
  }
}

/// A row that took another's place, as the log keeps it.
struct QuickChange: Sendable {
  var table: String
  /// The import that the former values came with.
  var formerImport: Int64
  var key: String
  var orderID: String?
  var before: String
  var after: String
  /// G5: it was over or void, and is so no more.
  var isEndTakenBack: Bool
}

/// Brings what files say of one order together with what is known of it.
///
/// Everything that the careful import would refuse, or has to look further for, ends it.
struct QuickMerge {
  let importID: Int64
  let addons: QuickAddons
  /// Which tables' files have the column `voided`; without it, what is known stays voided or not.
  let hasVoided: Set<String>
  private(set) var counts = QuickCounts()
  private(set) var changes: [QuickChange] = []
  /// The places of the add-ons that were taken.
  private(set) var takenAddons: [Int32] = []
  /// Hashes of the ids that are new in the order.
  private(set) var keys: [UInt64] = []
  private let changeText = ChangeText()
  private var isChanged = false

  /// The rows of files that are about one order.
  var given = OrderRows()
  var hasOrder = false
  /// What is known of it.
  var former = OrderRows()
  var addonReader: QuickAddons.Reader

  init(importID: Int64, addons: QuickAddons, hasVoided: Set<String>) {
    (self.importID, self.addons, self.hasVoided) = (importID, addons, hasVoided)
    addonReader = QuickAddons.Reader(addons)
  }

  /// Counts the rows of an order that came before, byte by byte.
  mutating func pass(_ same: QuickOrderRows.Same) {
    counts.orders.read += same.orders
    counts.periods.read += same.periods
    counts.usage.read += same.usage
    counts.restorations.read += same.tickets
    counts.addons.read += Int64(same.addons.count)
    takenAddons.append(contentsOf: same.addons)
  }

  /// Goes on with the bytes of the add-ons of the periods at hand.
  mutating func mixAddons(into hash: inout UInt64) {
    if addons.count == 0 { return }
    for index in given.periods.indices {
      addons.each(of: given.periods[index].id, given.periods[index].keyHash) { hash = SourceHash.mixed(hash, addonReader.hash($0)) }
    }
  }

  mutating func takeChanges() -> [QuickChange] {
    defer { changes.removeAll(keepingCapacity: true) }
    return changes
  }

  enum Outcome {
    case unchanged
    /// `given` holds the order as it is now.
    case changed
    case refused
  }

  /// Makes `given` the order as it is now.
  ///
  /// - Parameter isKnown: Whether it was there before, as `former` has it.
  mutating func merge(isKnown: Bool) -> Outcome {
    isChanged = false
    keys.removeAll(keepingCapacity: true)
    guard hasOrder || isKnown else { return .refused }
    if !isKnown, !former.order.id.isEmpty { former.clear() }
    mergeOrder(isKnown)
    guard mergePeriods(), mergeUsage(), mergeTickets() else { return .refused }
    if !isChanged { return .unchanged }
    return isSound() ? .changed : .refused
  }

  private mutating func mergeOrder(_ isKnown: Bool) {
    guard hasOrder else {
      given.order = former.order
      return
    }
    counts.orders.read += 1
    given.order.importID = importID
    if !isKnown || given.order.line != former.order.line { keys.append(KeyHash.hash(line: given.order.line)) }
    guard isKnown else {
      counts.orders.new += 1
      isChanged = true
      return
    }
    if !hasVoided.contains("orders") { given.order.isVoided = former.order.isVoided }
    if given.order.says(former.order) {
      given.order.importID = former.order.importID
      return
    }
    counts.orders.changed += 1
    isChanged = true
    changeText.compare(former.order, given.order)
    log(FactTable.orders, given.order.id.string, from: former.order.importID)
  }

  private mutating func mergePeriods() -> Bool {
    counts.periods.read += Int64(given.periods.count)
    if given.periods.count > 1 {
      if !given.periods.isAscending(by: \.id) { given.periods.sort { $0.id < $1.id } }
      // The same row twice is one; two that differ are for the careful import to tell.
      for index in given.periods.indices.dropFirst().reversed() where given.periods[index].id == given.periods[index - 1].id {
        guard given.periods[index].says(given.periods[index - 1]) else { return false }
        given.periods.remove(at: index)
      }
    }
    for index in given.periods.indices {
      given.periods[index].importID = importID
      guard let known = former.periods.first(where: { $0.id == given.periods[index].id }) else {
        counts.periods.new += 1
        isChanged = true
        keys.append(given.periods[index].keyHash)
        if !given.periods[index].txid.isEmpty { keys.append(KeyHash.hash(given.periods[index].txid, .transaction)) }
        continue
      }
      if !hasVoided.contains("periods") { given.periods[index].isVoided = known.isVoided }
      if given.periods[index].says(known) {
        given.periods[index].importID = known.importID
        continue
      }
      counts.periods.changed += 1
      isChanged = true
      if !given.periods[index].txid.isEmpty, given.periods[index].txid != known.txid {
        keys.append(KeyHash.hash(given.periods[index].txid, .transaction))
      }
      changeText.compare(known, given.periods[index])
      log(FactTable.periods, given.periods[index].id.string, from: known.importID)
    }
    if !former.periods.isEmpty {
      for known in former.periods where !given.periods.contains(where: { $0.id == known.id }) { given.periods.append(known) }
      if !given.periods.isAscending(by: \.id) { given.periods.sort { $0.id < $1.id } }
    }
    for index in given.periods.indices { guard mergeAddons(ofPeriod: index) else { return false } }
    return true
  }

  private mutating func mergeAddons(ofPeriod index: Int) -> Bool {
    let period = given.periods[index].id
    let start = given.addons.count
    if addons.count > 0 {
      let key = given.periods[index].keyHash
      var isGood = true
      addons.each(of: period, key == 0 ? KeyHash.hash(period, .period) : key) { place in
        guard let row = addonReader.row(place) else { return isGood = false }
        given.addons.append(row)
        takenAddons.append(Int32(place))
      }
      if !isGood { return false }
    }
    if former.addons.isEmpty, given.addons.count == start { return true }
    counts.addons.read += Int64(given.addons.count - start)
    for place in start..<given.addons.count {
      given.addons[place].period = index
      given.addons[place].importID = importID
    }
    if given.addons.count - start > 1 {
      given.addons[start...].sort { $0.id < $1.id }
      for place in (start + 1..<given.addons.count).reversed() where given.addons[place].id == given.addons[place - 1].id {
        guard given.addons[place].says(given.addons[place - 1]) else { return false }
        given.addons.remove(at: place)
      }
    }
    let formerPeriod = former.periods.firstIndex { $0.id == period }
    for place in start..<given.addons.count {
      let id = given.addons[place].id
      guard let known = former.addons.first(where: { $0.period == formerPeriod && $0.id == id }) else {
        counts.addons.new += 1
        isChanged = true
        keys.append(KeyHash.hash(id, .addon))
        continue
      }
      if !hasVoided.contains("addons") { given.addons[place].isVoided = known.isVoided }
      if given.addons[place].says(known) {
        given.addons[place].importID = known.importID
        continue
      }
      counts.addons.changed += 1
      isChanged = true
      changeText.compare(known, given.addons[place])
      log(FactTable.addons, id.string, from: known.importID)
    }
    if let formerPeriod {
      let end = given.addons.count
      for known in former.addons where known.period == formerPeriod && !given.addons[start..<end].contains(where: { $0.id == known.id }) {
        var kept = known
        kept.period = index
        given.addons.append(kept)
      }
      if given.addons.count > end { given.addons[start...].sort { $0.id < $1.id } }
    }
    return true
  }

  private mutating func mergeUsage() -> Bool {
    counts.usage.read += Int64(given.usage.count)
    if given.usage.count > 1 {
      if !given.usage.isAscending(by: \.day) { given.usage.sort { $0.day < $1.day } }
      for index in given.usage.indices.dropFirst().reversed() where given.usage[index].day == given.usage[index - 1].day {
        guard given.usage[index].says(given.usage[index - 1]) else { return false }
        given.usage.remove(at: index)
      }
    }
    guard !former.usage.isEmpty else {
      for index in given.usage.indices { given.usage[index].importID = importID }
      if !given.usage.isEmpty { isChanged = true }
      counts.usage.new += Int64(given.usage.count)
      return true
    }
    // Both ascend by day.
    var merged: [UsageRow] = []
    merged.reserveCapacity(former.usage.count + given.usage.count)
    var next = 0
    for known in former.usage {
      while next < given.usage.count, given.usage[next].day < known.day {
        append(given.usage[next], to: &merged)
        next += 1
      }
      guard next < given.usage.count, given.usage[next].day == known.day else {
        merged.append(known)
        continue
      }
      var row = given.usage[next]
      next += 1
      if !hasVoided.contains("usage") { row.isVoided = known.isVoided }
      if row.says(known) {
        merged.append(known)
        continue
      }
      row.importID = importID
      counts.usage.changed += 1
      isChanged = true
      changeText.compare(known, row)
      log(FactTable.usage, "\(given.order.id.string) \(ServiceDay(ordinal: row.day))", from: known.importID)
      merged.append(row)
    }
    while next < given.usage.count {
      append(given.usage[next], to: &merged)
      next += 1
    }
    given.usage = merged
    return true
  }

  private mutating func append(_ row: UsageRow, to merged: inout [UsageRow]) {
    var new = row
    new.importID = importID
    counts.usage.new += 1
    isChanged = true
    merged.append(new)
  }

  private mutating func mergeTickets() -> Bool {
    counts.restorations.read += Int64(given.tickets.count)
    if given.tickets.count > 1 {
      given.tickets.sort { $0.id < $1.id }
      for index in given.tickets.indices.dropFirst().reversed() where given.tickets[index].id == given.tickets[index - 1].id {
        guard given.tickets[index].says(given.tickets[index - 1]) else { return false }
        given.tickets.remove(at: index)
      }
    }
    for index in given.tickets.indices {
      given.tickets[index].importID = importID
      guard let known = former.tickets.first(where: { $0.id == given.tickets[index].id }) else {
        counts.restorations.new += 1
        isChanged = true
        keys.append(KeyHash.hash(given.tickets[index].id, .ticket))
        continue
      }
      if !hasVoided.contains("restorations") { given.tickets[index].isVoided = known.isVoided }
      if given.tickets[index].says(known) {
        given.tickets[index].importID = known.importID
        continue
      }
      counts.restorations.changed += 1
      isChanged = true
      changeText.compare(known, given.tickets[index])
      log(FactTable.restorations, given.tickets[index].id.string, from: known.importID)
    }
    if !former.tickets.isEmpty {
      for known in former.tickets where !given.tickets.contains(where: { $0.id == known.id }) { given.tickets.append(known) }
      given.tickets.sort { $0.id < $1.id }
    }
    return true
  }

  /// Periods never share a day, and fees are never above what was paid.
  private func isSound() -> Bool {
    for index in given.periods.indices where !given.periods[index].isVoided {
      let one = given.periods[index]
      for other in given.periods.indices.dropFirst(index + 1) where !given.periods[other].isVoided {
        if given.periods[other].starts < one.ends && given.periods[other].ends > one.starts { return false }
      }
    }
    if given.addons.isEmpty { return true }
    for index in given.periods.indices where !given.periods[index].isVoided {
      var fees = given.periods[index].setupFee
      for addon in given.addons where addon.period == index && !addon.isVoided {
        let (sum, isTooLarge) = fees.addingReportingOverflow(addon.fee)
        if isTooLarge { return false }
        fees = sum
      }
      if fees > given.periods[index].paid { return false }
    }
    return true
  }

  /// Notes what ``ChangeText`` compared last.
  private mutating func log(_ table: FactTable, _ key: String, from formerImport: Int64) {
    changes.append(
      QuickChange(
        table: table.name, formerImport: formerImport, key: key, orderID: table.order == nil ? nil : given.order.id.string,
        before: changeText.before.string, after: changeText.after.string, isEndTakenBack: changeText.isEndTakenBack))
  }
}

extension Array {
  fileprivate func isAscending(by key: (Element) -> ByteText) -> Bool {
    for index in indices.dropFirst() where !(key(self[index - 1]) < key(self[index])) { return false }
    return true
  }

  fileprivate func isAscending(by key: (Element) -> Int32) -> Bool {
    for index in indices.dropFirst() where !(key(self[index - 1]) < key(self[index])) { return false }
    return true
  }
}
