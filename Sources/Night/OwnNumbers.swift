/// The line numbers and number prefixes that have fault records of their own: asked for with every order, and small.
struct OwnNumbers {
  private var numbers = NumberSet()
  /// The lengths of prefixes that there are.
  private var lengths: [Int] = []

  mutating func insert(line: UInt64) { numbers.insert(line << 4) }

  mutating func insert(prefix: UInt64, digits: Int) {
    numbers.insert(prefix << 4 | UInt64(digits))
    if !lengths.contains(digits) { lengths.append(digits) }
  }

  func has(line: UInt64) -> Bool { numbers.contains(line << 4) }

  /// Whether a prefix of a line's number is among them.
  func hasPrefix(of line: UInt64) -> Bool {
    if lengths.isEmpty { return false }
    let length = OwnNumbers.digits(of: line)
    for digits in lengths where digits <= length {
      if numbers.contains((line / OwnNumbers.powers[length - digits]) << 4 | UInt64(digits)) { return true }
    }
    return false
  }

  /// The first digits of a number; nil where it has fewer.
  static func prefix(of line: UInt64, _ digits: Int) -> UInt64? {
    let length = OwnNumbers.digits(of: line)
    return digits <= length ? line / powers[length - digits] : nil
  }

  private static func digits(of line: UInt64) -> Int {
    var length = 0
    while length < powers.count, line >= powers[length] { length += 1 }
    return length
  }

  /// 1, 10, 100 and so on: as many as a line's number has digits; E.164 has fifteen at most.
  private static let powers: [UInt64] = (0..<16).reduce(into: [1]) { powers, place in if place > 0 { powers.append(powers[place - 1] * 10) } }
}

/// A set of numbers below 2^64 - 1 that is asked for far more often than it grows.
private struct NumberSet {
  /// In the order of search; 0 is free, so numbers stand there one higher.
  private var places: [UInt64] = []
  private var count = 0

  mutating func insert(_ number: UInt64) {
    if contains(number) { return }
    if 4 * (count + 1) > places.count { grow() }
    put(number)
    count += 1
  }

  func contains(_ number: UInt64) -> Bool {
    if places.isEmpty { return false }
    var place = NumberSet.place(of: number, among: places.count)
    while places[place] != 0 {
      if places[place] == number &+ 1 { return true }
      place = (place + 1) & (places.count - 1)
    }
    return false
  }

  private mutating func grow() {
    let former = places
    places = [UInt64](repeating: 0, count: max(16, 2 * former.count))
    for value in former where value != 0 { put(value - 1) }
  }

  private mutating func put(_ number: UInt64) {
    var place = NumberSet.place(of: number, among: places.count)
    while places[place] != 0 { place = (place + 1) & (places.count - 1) }
    places[place] = number &+ 1
  }

  /// The golden ratio spreads numbers that are alike over the highest bits.
  private static func place(of number: UInt64, among count: Int) -> Int { Int((number &* 0x9E37_79B9_7F4A_7C15) >> 32) & (count - 1) }
}
