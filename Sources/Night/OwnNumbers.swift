/// The line numbers and number prefixes that have fault records of their own: asked for with every order, and small.
struct OwnNumbers {
  private var numbers = NumberSet()
  private var prefixes: [UInt64] = []
  /// Where, among numbers filled up with zeros to fifteen digits, other prefixes fit than before; ascending from 0.
  private var starts: [UInt64] = [0]
  /// Those that fit from there on.
  private var fitting: [[UInt64]] = [[]]
  /// The length of the longest of those; 0 where none do.
  private var longest: [Int] = [0]
  /// For the highest bits of a filled number, the place that the lowest such number has: so most need no search.
  private var coarse = [Int](repeating: 0, count: coarseCount + 1)

  mutating func insert(line: UInt64) { numbers.insert(line) }

  /// - Returns: What ``prefixes(of:)`` tells of lines that begin so.
  mutating func insert(prefix: UInt64, digits: Int) -> UInt64 {
    let digits = min(digits, OwnNumbers.most)
    let key = min(prefix, OwnNumbers.powers[digits] - 1) << 4 | UInt64(digits)
    insert(key)
    return key
  }

  private mutating func insert(_ key: UInt64) {
    if prefixes.contains(key) { return }
    prefixes.append(key)
    let (prefix, filling) = (key >> 4, OwnNumbers.powers[OwnNumbers.most - Int(key & 15)])
    let first = cut(at: prefix * filling)
    let end = cut(at: (prefix + 1) * filling)
    for place in first..<end {
      fitting[place].append(key)
      longest[place] = max(longest[place], Int(key & 15))
    }
    var place = 0
    for high in coarse.indices {
      while place + 1 < starts.count, starts[place + 1] <= UInt64(high) << OwnNumbers.coarseShift { place += 1 }
      coarse[high] = place
    }
  }

  /// - Returns: The place of what fits from a filled number on.
  private mutating func cut(at number: UInt64) -> Int {
    let place = place(of: number, among: 0...starts.count - 1)
    if starts[place] == number { return place }
    starts.insert(number, at: place + 1)
    fitting.insert(fitting[place], at: place + 1)
    longest.insert(longest[place], at: place + 1)
    return place + 1
  }

  /// - Parameter bounds: Places among which it is.
  private func place(of number: UInt64, among bounds: ClosedRange<Int>) -> Int {
    var (place, last) = (bounds.lowerBound, bounds.upperBound)
    while place < last {
      let middle = (place + last + 1) / 2
      if starts[middle] <= number { place = middle } else { last = middle - 1 }
    }
    return place
  }

  mutating func formUnion(_ other: OwnNumbers) {
    other.numbers.each { numbers.insert($0) }
    for key in other.prefixes { insert(key) }
  }

  func has(line: UInt64) -> Bool { numbers.contains(line) }

  /// Which prefixes fit a line.
  enum Fit: Equatable {
    case none
    /// The same as of all other lines of this number.
    case span(Int)
    /// Other ones than of those whose numbers, filled up, are its neighbours.
    case odd
  }

  /// The same as ``prefixes(of:)`` in short: asked for with every order.
  func fit(of line: UInt64) -> Fit {
    guard let (place, length) = place(of: line), longest[place] > 0 else { return .none }
    // A number shorter than a prefix may fit it by the zeros alone.
    return longest[place] <= length ? .span(place) : .odd
  }

  /// The prefixes of a line's number that are among them, each as its value and length in one; empty for most lines.
  func prefixes(of line: UInt64) -> [UInt64] {
    guard let (place, length) = place(of: line) else { return [] }
    return longest[place] <= length ? fitting[place] : fitting[place].filter { $0 & 15 <= length }
  }

  /// The place of a line's number, filled up, and its own number of digits; nil where no prefix can fit it.
  private func place(of line: UInt64) -> (place: Int, length: Int)? {
    // A damaged database may have longer numbers.
    if prefixes.isEmpty || line >= OwnNumbers.powers[OwnNumbers.most] { return nil }
    let length = OwnNumbers.digits(of: line)
    let filled = line * OwnNumbers.powers[OwnNumbers.most - length]
    let high = Int(filled >> OwnNumbers.coarseShift)
    return (place(of: filled, among: coarse[high]...coarse[high + 1]), length)
  }

  private static func digits(of line: UInt64) -> Int {
    // A bit is worth 0.301 digits.
    let least = ((64 - line.leadingZeroBitCount) * 1233) >> 12
    return least < most && line >= powers[least] ? least + 1 : least
  }

  /// A number has so many digits at most (E.164).
  private static let most = 15

  private static let coarseShift: UInt64 = 38
  private static let coarseCount = Int(powers[most] >> coarseShift) + 1

  /// 1, 10, 100 and so on; told one by one, for the compiler then lays them down.
  private static let powers: InlineArray<16, UInt64> = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
    1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
  ]
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
