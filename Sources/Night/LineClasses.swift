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

  /// By the number of the class.
  private(set) var members: [Members] = []
  private var words: [[UInt8]: Int] = [:]
  private var texts: [[UInt8]] = []
  private var numbers: [UInt64: Int] = [:]
  private var ofBlock: [Int] = []
  /// The latest number found for each hash of a key.
  private var latest = [(key: UInt64, number: Int)](repeating: (.max, 0), count: 256)

  /// To be called for each block that a reader has opened.
  func begin(_ reader: BlockReader) {
    ofBlock.removeAll(keepingCapacity: true)
    for word in reader.words {
      let text = unsafe Array(word.bytes)
      if let known = words[text] {
        ofBlock.append(known)
      } else {
        words[text] = texts.count
        ofBlock.append(texts.count)
        texts.append(text)
      }
    }
  }

  /// The class of the line that the reader stands on.
  func number(_ reader: BlockReader) -> Int {
    let words = ofBlock
    guard !words.isEmpty else { return 0 }
    let (carrier, region, plan) = (words[reader.carrierNumber], words[reader.regionNumber], words[reader.planNumber])
    let key = UInt64(carrier) << 42 | UInt64(region) << 21 | UInt64(plan)
    // The golden ratio spreads keys that are alike over the highest eight bits.
    let place = Int((key &* 0x9E37_79B9_7F4A_7C15) >> 56)
    if latest[place].key != key { latest[place] = (key, find(key, carrier, region, plan)) }
    return latest[place].number
  }

  private func find(_ key: UInt64, _ carrier: Int, _ region: Int, _ plan: Int) -> Int {
    if let known = numbers[key] { return known }
    numbers[key] = members.count
    members.append(Members(carrier: texts[carrier], region: texts[region], plan: texts[plan]))
    return members.count - 1
  }
}
