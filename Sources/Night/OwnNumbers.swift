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
    var length = 0
    while length < powers.count, line >= powers[length] { length += 1 }
    return length
  }

  /// 1, 10, 100 and so on: as many as a line's number has digits; E.164 has fifteen at most.
  private static let powers: [UInt64] = (0..<16).reduce(into: [1]) { powers, place in if place > 0 { powers.append(powers[place - 1] * 10) } }
}

/// The lines of a class whose numbers begin with the same prefixes that have records.
struct PrefixedClass: Hashable {
  var number: Int
  var prefixes: [UInt64]
}

/// What was found of classes of lines, and of those with prefixes, to be told again of the next line of them.
struct Outlooks {
  var own = OwnNumbers()
  private var ofClasses: [FaultIndex.Outlook] = []
  private var ofPrefixes: [PrefixedClass: FaultIndex.Outlook] = [:]

  /// Nil for a line with records of its very number, and where none of the class was asked for yet.
  func find(_ number: Int, _ line: UInt64) -> FaultIndex.Outlook? {
    if own.has(line: line) { return nil }
    let prefixes = own.prefixes(of: line)
    if !prefixes.isEmpty { return ofPrefixes[PrefixedClass(number: number, prefixes: prefixes)] }
    return number < ofClasses.count && ofClasses[number].contains(.known) ? ofClasses[number] : nil
  }

  mutating func keep(_ outlook: FaultIndex.Outlook, of number: Int, _ line: UInt64) {
    if own.has(line: line) { return }
    let prefixes = own.prefixes(of: line)
    if !prefixes.isEmpty {
      ofPrefixes[PrefixedClass(number: number, prefixes: prefixes)] = outlook
      return
    }
    while ofClasses.count <= number { ofClasses.append([]) }
    ofClasses[number] = outlook
  }
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

  private static func place(of number: UInt64, among count: Int) -> Int { Int(number.spread >> 32) & (count - 1) }
}

extension UInt64 {
  /// Numbers that are alike, apart: times the golden ratio, so that the highest bits differ.
  var spread: UInt64 { self &* 0x9E37_79B9_7F4A_7C15 }
}
