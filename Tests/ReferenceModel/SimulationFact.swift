/// One row of one file as it is known from now on: it adds a record, or replaces the one with its key.
public enum Fact: Hashable, Sendable {
  case order(Order)
  case period(Period)
  case addon(Addon)
  case usage(Usage)
  case outage(Outage)
  case withdrawal(Withdrawal)
  case featureFault(FeatureFault)
  case planFeature(PlanFeature)
  case restoration(Restoration)
  case request(Request)
}

extension Fact: CustomStringConvertible {
  /// The row as its file has it, so that a failure can be played again by hand.
  public var description: String {
    var alone = World()
    alone.put(self)
    for (name, text) in alone.csvFiles() {
      let lines = text.split(separator: "\n")
      if lines.count > 1 { return "\(name) \(lines[1])" }
    }
    return ""
  }
}

extension World {
  /// Takes in what an import would take in: all of it, or, when something is wrong with it, each row that leaves nothing wrong.
  ///
  /// - Returns: The rows that were refused. Where steps of a simulation are dropped, later rows may miss what they refer to.
  @discardableResult public mutating func learn(_ facts: [Fact]) -> [Fact] {
    var learnt = self
    for fact in facts { learnt.put(fact) }
    if complaints(learnt).isEmpty {
      self = learnt
      return []
    }
    var refused: [Fact] = []
    for fact in facts {
      learnt = self
      learnt.put(fact)
      if complaints(learnt).isEmpty { self = learnt } else { refused.append(fact) }
    }
    return refused
  }

  fileprivate mutating func put(_ fact: Fact) {
    switch fact {
    case .order(let row): orders.put(row) { $0.id == row.id }
    case .period(let row): periods.put(row) { $0.id == row.id }
    case .addon(let row): addons.put(row) { $0.id == row.id }
    case .usage(let row): usage.put(row) { $0.orderID == row.orderID && $0.day == row.day }
    case .outage(let row): outages.put(row) { $0.id == row.id }
    case .withdrawal(let row): withdrawals.put(row) { $0.id == row.id }
    case .featureFault(let row): featureFaults.put(row) { $0.id == row.id }
    case .planFeature(let row): planFeatures.put(row) { $0.plan == row.plan && $0.feature == row.feature }
    case .restoration(let row): restorations.put(row) { $0.id == row.id }
    case .request(let row): requests.put(row) { $0.id == row.id }
    }
  }
}

extension Array {
  fileprivate mutating func put(_ row: Element, inPlaceOf isSame: (Element) -> Bool) {
    if let index = firstIndex(where: isSame) { self[index] = row } else { append(row) }
  }
}
