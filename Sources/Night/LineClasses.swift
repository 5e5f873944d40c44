import Facts

/// Tells lines apart by carrier, region and plan: those that the same records hit, but for the records of their own numbers.
///
/// A block's words are looked up once for the block; for each order there is one look-up of three numbers then, mostly among the latest found.
final class LineClasses {
  struct Members {
    var carrier: [UInt8]
    var region: [UInt8]
    var plan: [UInt8]
  }

  // Asked for with every order: nothing that it calls comes back here, so nobody needs to see to it each time.
  @exclusivity(unchecked) private var known = KnownClasses()

  /// By the number of the class.
  var members: [Members] { unsafe known.members }

  /// To be called for each block that a reader has opened.
  func begin(_ reader: BlockReader) { unsafe known.begin(reader.words) }

  /// The class of a line in the block that was begun last.
  func number(_ place: LinePlace) -> Int { unsafe known.number(place) }
}

private struct KnownClasses {
  private(set) var members: [LineClasses.Members] = []
  private var words: [[UInt8]: Int] = [:]
  private var texts: [[UInt8]] = []
  private var numbers: [UInt64: Int] = [:]
  private var ofBlock: [Int] = []
  /// The latest number found for each hash of a short word.
  private var shortWords = [(key: UInt64, length: Int, number: Int)](repeating: (0, -1, 0), count: 1 << slotBits)
  private static let slotBits = 10

  // What was asked for is found again without a search: by carrier and region a row, and in it by the plan the class's number, higher by one. In
  // both 0 is none yet.
  private var rows: [UInt32] = []
  private var ofRows: [UInt32] = []
  /// Words have less than two to the power of this numbers.
  private var bits = 4
  /// With more words than so all classes are searched for: the table would be too large.
  private static let mostBits = 8

  init() { makeRoom() }

  mutating func begin(_ block: [ByteText]) {
    ofBlock.removeAll(keepingCapacity: true)
    for word in block { ofBlock.append(number(of: word)) }
    if texts.count > 1 << bits { makeRoom() }
  }

  private mutating func makeRoom() {
    while texts.count > 1 << bits { bits += 1 }
    rows = [UInt32](repeating: 0, count: bits > KnownClasses.mostBits ? 0 : 1 << (2 * bits))
    ofRows = [UInt32](repeating: 0, count: 1 << bits)
  }

  private mutating func number(of word: ByteText) -> Int {
    // Most words have eight bytes at most, and are told as numbers.
    guard let short = word.short else { return find(unsafe Array(word.bytes)) }
    let slot = Int(short.spread >> UInt64(64 - KnownClasses.slotBits))
    if shortWords[slot].key != short || shortWords[slot].length != word.count {
      shortWords[slot] = (short, word.count, find(unsafe Array(word.bytes)))
    }
    return shortWords[slot].number
  }

  private mutating func find(_ text: [UInt8]) -> Int {
    if let known = words[text] { return known }
    words[text] = texts.count
    texts.append(text)
    return texts.count - 1
  }

  mutating func number(_ place: LinePlace) -> Int {
    guard !ofBlock.isEmpty else { return 0 }
    let (carrier, region, plan) = (ofBlock[Int(place.carrier)], ofBlock[Int(place.region)], ofBlock[Int(place.plan)])
    let place = carrier << bits | region
    if place < rows.count {
      let known = ofRows[Int(rows[place]) << bits | plan]
      if known > 0 { return Int(known) - 1 }
    }
    return find(carrier, region, plan)
  }

  private mutating func find(_ carrier: Int, _ region: Int, _ plan: Int) -> Int {
    let number = search(carrier, region, plan)
    let place = carrier << bits | region
    if place < rows.count {
      if rows[place] == 0 {
        rows[place] = UInt32(ofRows.count >> bits)
        ofRows += [UInt32](repeating: 0, count: 1 << bits)
      }
      ofRows[Int(rows[place]) << bits | plan] = UInt32(number + 1)
    }
    return number
  }

  private mutating func search(_ carrier: Int, _ region: Int, _ plan: Int) -> Int {
    let key = UInt64(carrier) << 42 | UInt64(region) << 21 | UInt64(plan)
    if let known = numbers[key] { return known }
    numbers[key] = members.count
    members.append(LineClasses.Members(carrier: texts[carrier], region: texts[region], plan: texts[plan]))
    return members.count - 1
  }
}
