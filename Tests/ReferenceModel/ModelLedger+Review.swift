/// What people decide, and who may (contract 5, G1).
extension ModelLedger {
  /// Decides one item, by command or by a row of a file that was given back.
  public mutating func review(_ review: Review) -> ReviewOutcome {
    let name = comparable(review.name)
    if name.isEmpty || name == "policy" { return .refused }
    let needsNote = review.decision == .reject || review.decision == .reopen
    if needsNote && comparable(review.note).isEmpty { return .refused }
    guard let index = place(of: review.item) else { return .refused }

    if let amount = review.rowAmount {
      if review.decision == .reopen { return .refused }
      if amount != items[index].cents { return .refused }
      if stands(review.decision, on: items[index], by: name) { return .unchanged }
    }
    let isDone =
      switch review.decision {
      case .approve: approve(index, by: name)
      case .reject: reject(index)
      case .hold: hold(index)
      case .release: release(index)
      case .reopen: reopen(index)
      }
    return isDone ? .done : .refused
  }

  /// The place of an item in ``items``.
  public func place(of item: ItemPlace) -> Int? {
    let ofPeriod = items.indices.filter { items[$0].periodID == item.periodID }
    return ofPeriod.indices.contains(item.number - 1) ? ofPeriod[item.number - 1] : nil
  }

  /// The name of the item at `index`, the inverse of ``place(of:)``.
  public func name(of index: Int) -> ItemPlace {
    let periodID = items[index].periodID
    return ItemPlace(periodID, items[...index].count { $0.periodID == periodID })
  }

  /// G1: below the threshold one person is enough; from it on the first one's approval is kept until another's comes.
  ///
  /// What W1 or S2 would approve by itself (it was reopened) needs no second person.
  private mutating func approve(_ index: Int, by name: String) -> Bool {
    let item = items[index]
    let needsTwo = item.cents >= secondApprovalCents && !item.isAutomatic
    if needsTwo && item.state == .pending && !wouldExceedBase(index) {
      if item.firstApproval == name { return false }
      if item.firstApproval == nil {
        items[index].firstApproval = name
        return true
      }
    }
    return approve(index)
  }

  /// Whether a row says what is so already: the file was applied before.
  private func stands(_ decision: Review.Decision, on item: Item, by name: String) -> Bool {
    switch decision {
    case .approve: item.state == .approved || (item.state == .pending && item.firstApproval == name)
    case .reject: item.state == .rejected
    case .hold: item.state == .held
    case .release: item.state == .pending || (item.state == .approved && item.isAutomatic)
    case .reopen: false
    }
  }

  /// Names compare trimmed and without case.
  private func comparable(_ name: String) -> String {
    let letters = name.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    return String(letters).lowercased()
  }
}
