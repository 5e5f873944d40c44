/// The line numbers and number prefixes that have fault records of their own: asked for with every order, and small.
struct OwnNumbers {
  private var numbers = NumberSet()
  /// The lengths of prefixes that there are.
  private var lengths: [Int] = []

  mutating func insert(line: UInt64) { numbers.insert(line << 4) }

  /// - Returns: What ``prefixes(of:)`` tells of lines that begin so.
  mutating func insert(prefix: UInt64, digits: Int) -> UInt64 {
    let key = prefix << 4 | UInt64(digits)
    numbers.insert(key)
    if !lengths.contains(digits) { lengths.append(digits) }
    return key
  }

  mutating func formUnion(_ other: OwnNumbers) {
    other.numbers.each { numbers.insert($0) }
    for digits in other.lengths where !lengths.contains(digits) { lengths.append(digits) }
  }

  func has(line: UInt64) -> Bool { numbers.contains(line << 4) }

  /// The prefixes of a line's number that are among them, each as its value and length in one; empty for most lines.
  func prefixes(of line: UInt64) -> [UInt64] {
    if lengths.isEmpty { return [] }
    let length = OwnNumbers.digits(of: line)
    var found: [UInt64] = []
    for digits in lengths where digits <= length {
      let prefix = (line / OwnNumbers.powers[length - digits]) << 4 | UInt64(digits)
      if numbers.contains(prefix) { found.append(prefix) }
    }
    return found
  }

  private static func digits(of line: UInt64) -> Int {
    // A bit is worth 0.301 digits.
    let least = ((64 - line.leadingZeroBitCount) * 1233) >> 12
    return least < powers.count && line >= powers[least] ? least + 1 : least
  }

  /// 1, 10, 100 and so on: as many as a line's number has digits; E.164 has fifteen at most.
  private static let powers: [UInt64] = (0..<16).reduce(into: [1]) { powers, place in if place > 0 { powers.append(powers[place - 1] * 10) } }
}

/// The lines of a class whose numbers begin with the same prefixes that have records.
struct PrefixedClass: Hashable {
  var number: Int
  var prefixes: [UInt64]
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

  func each(_ body: (UInt64) -> Void) { for value in places where value != 0 { body(value - 1) } }

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

  private static func place(of number: UInt64, among count: Int) -> Int { Int(number.spread >> 32) & (count - 1) }
}

extension UInt64 {
  /// Numbers that are alike, apart: times the golden ratio, so that the highest bits differ.
  var spread: UInt64 { self &* 0x9E37_79B9_7F4A_7C15 }
}
