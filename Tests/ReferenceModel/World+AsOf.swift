extension World {
  /// What every order that counts comes to as of `date`, by order id; and the verdict on every request that is known then.
  func judgements(_ date: Int) -> (orders: [String: Judgement], verdicts: [String: Verdict]) {
    let midnight = (date + 1) * secondsPerDay
    var verdicts: [String: Verdict] = [:]
    var matched: [String: [Request]] = [:]
    for request in requests where !request.voided && request.requestedAt < midnight {
      if let orderID = match(request, before: midnight) {
        matched[orderID, default: []].append(request)
      } else {
        verdicts[request.id] = Verdict(decision: .unmatched, clause: .q1, orderID: nil)
      }
    }
    var judged: [String: Judgement] = [:]
    for order in orders where !order.voided {
      let judgement = Judgement(world: self, order: order, date: date, requests: matched[order.id] ?? [])
      judged[order.id] = judgement
      for (request, verdict) in judgement.verdicts { verdicts[request.id] = verdict }
    }
    return (judged, verdicts)
  }

  /// Q1: the order a request means, or nil when a person must say.
  private func match(_ request: Request, before midnight: Int) -> String? {
    let real = Set(orders.filter { !$0.voided }.map(\.id))
    if request.txid.isEmpty { return real.contains(request.orderID) ? request.orderID : nil }
    let paidWith = periods.filter {
      !$0.voided && $0.paidAt < midnight && real.contains($0.orderID) && !$0.txid.isEmpty
        && comparable($0.txid) == comparable(request.txid)
    }
    let payers = Set(paidWith.map(\.orderID))
    if request.orderID.isEmpty { return payers.count == 1 ? payers.first : nil }
    guard real.contains(request.orderID) else { return nil }
    return payers.contains(request.orderID) ? request.orderID : nil
  }

  /// Ids of hexadecimal digits compare without 0x and without case, others to the letter.
  private func comparable(_ txid: String) -> [UInt8] {
    let bytes = Array(txid.utf8)
    let bare = txid.hasPrefix("0x") || txid.hasPrefix("0X") ? Array(bytes.dropFirst(2)) : bytes
    let isHex = !bare.isEmpty && String(decoding: bare, as: UTF8.self).allSatisfy { $0.isASCII && $0.isHexDigit }
    return isHex ? Array(String(decoding: bare, as: UTF8.self).lowercased().utf8) : bytes
  }
}

/// The refundable days of every known period that has any, as of `date`.
public func entitlement(_ world: World, _ date: Int) -> [String: [EntitledDay]] {
  var found: [String: [EntitledDay]] = [:]
  for judgement in world.judgements(date).orders.values {
    for period in judgement.periods {
      let days = judgement.entitlement(of: period)
      if !days.isEmpty { found[period.id] = days }
    }
  }
  return found
}

/// The verdict on every request known as of `date`, by request id.
public func decisions(_ world: World, _ date: Int) -> [String: Verdict] {
  world.judgements(date).verdicts
}

/// The base of a period as of `date`, in cents; nil when the period is not known.
public func base(_ world: World, _ date: Int, period id: String) -> Int? {
  for judgement in world.judgements(date).orders.values {
    for period in judgement.periods where period.id == id { return judgement.base(of: period) }
  }
  return nil
}
