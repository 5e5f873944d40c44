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
  /// The latest number found for each hash of a short word, and of a class.
  private var shortWords = [(key: UInt64, length: Int, number: Int)](repeating: (0, -1, 0), count: slots)
  private var latest = [(key: UInt64, number: Int)](repeating: (.max, 0), count: slots)

  /// Several times as many as there are classes of an ordinary seller: two that share a place drive each other out.
  private static let slots = 1 << slotBits
  private static let slotBits = 12

  mutating func begin(_ block: [ByteText]) {
    ofBlock.removeAll(keepingCapacity: true)
    for word in block { ofBlock.append(number(of: word)) }
  }

  private mutating func number(of word: ByteText) -> Int {
    // Most words have eight bytes at most, and are told as numbers.
    guard let short = word.short else { return find(unsafe Array(word.bytes)) }
    let slot = KnownClasses.slot(of: short)
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
    let (carrier, region, plan) = (ofBlock[place.carrier], ofBlock[place.region], ofBlock[place.plan])
    let key = UInt64(carrier) << 42 | UInt64(region) << 21 | UInt64(plan)
    let slot = KnownClasses.slot(of: key)
    if latest[slot].key != key { latest[slot] = (key, find(key, carrier, region, plan)) }
    return latest[slot].number
  }

  private static func slot(of key: UInt64) -> Int { Int(key.spread >> UInt64(64 - slotBits)) }

  private mutating func find(_ key: UInt64, _ carrier: Int, _ region: Int, _ plan: Int) -> Int {
    if let known = numbers[key] { return known }
    numbers[key] = members.count
    members.append(LineClasses.Members(carrier: texts[carrier], region: texts[region], plan: texts[plan]))
    return members.count - 1
  }
}
