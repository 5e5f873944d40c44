import Facts
public import Storage

/// Looks through ids for one that somebody may have meant.
public struct NearestID {
  private let typed: [UInt8]
  /// Those that differ in the case of letters alone.
  public private(set) var alike: [String] = []
  /// The one with the fewest letters that are other, missing or too many, of at most two; the first of several.
  public private(set) var nearest: String?
  private var distance = 3

  init(to text: String) { typed = Array(text.lowercased().utf8) }

  mutating func look(at id: String) {
    let other = Array(id.lowercased().utf8)
    if other == typed { return alike.append(id) }
    if abs(other.count - typed.count) >= distance { return }
    let found = NearestID.distance(typed, other, below: distance)
    if found < distance { (nearest, distance) = (id, found) }
  }

  /// Levenshtein's distance, or the bound where it is no less.
  private static func distance(_ one: [UInt8], _ other: [UInt8], below bound: Int) -> Int {
    var row = Array(0...other.count)
    for (line, letter) in one.enumerated() {
      var (corner, least) = (row[0], line + 1)
      row[0] = line + 1
      for (column, counterpart) in other.enumerated() {
        let found = min(row[column] + 1, row[column + 1] + 1, corner + (letter == counterpart ? 0 : 1))
        (corner, row[column + 1]) = (row[column + 1], found)
        least = min(least, found)
      }
      if least >= bound { return bound }
    }
    return min(row[other.count], bound)
  }
}

extension Connection {
  /// Whether there is an order of just this id.
  public func hasOrder(_ id: String) throws -> Bool { try OrderBlocks(self).find(id, BlockReader()) { _ in } }

  /// The orders whose ids are like what somebody typed; goes through all of them.
  public func orders(like text: String) throws -> NearestID {
    var nearest = NearestID(to: text)
    try OrderBlocks(self).eachBlock { reader, heads in
      for head in heads {
        reader.go(to: head.offset)
        nearest.look(at: reader.orderID.string)
      }
      return .on
    }
    return nearest
  }

  /// The requests whose ids are like what somebody typed; goes through all of them.
  public func requests(like text: String) throws -> NearestID {
    var nearest = NearestID(to: text)
    let rows = try prepare("SELECT request_id FROM requests ORDER BY request_id")
    while try rows.step() { nearest.look(at: rows.text(0)) }
    return nearest
  }
}
