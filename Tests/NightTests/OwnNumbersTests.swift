import Testing

@testable import Night

/// The numbers and prefixes with records of their own, beside a search that compares digits one by one.
@Suite struct `numbers with records of their own` {
  private static func key(_ prefix: String) -> UInt64 { (UInt64(prefix) ?? 0) << 4 | UInt64(prefix.count) }

  private static func numbers(_ prefixes: [String]) -> OwnNumbers {
    var numbers = OwnNumbers()
    for prefix in prefixes { #expect(numbers.insert(prefix: UInt64(prefix) ?? 0, digits: prefix.count) == key(prefix)) }
    return numbers
  }

  @Test(arguments: [
    ("31205550123", ["31", "3120"]), ("31215550123", ["31"]), ("3120", ["31", "3120"]), ("312", ["31"]), ("31", ["31"]), ("3", []),
    ("30999999999", []), ("32000000000", []), ("14059999999", ["1405"]), ("14060000000", []), ("140", []), ("1404999999", []),
    ("999999999999999", ["999999999999999"]), ("99999999999999", []), ("1", []), ("0", []),
    // No number has so many digits; a damaged database may.
    ("3120555012345678", []), ("18446744073709551615", []),
  ]) func `a prefix fits whose digits a number begins with`(line: String, fitting: [String]) {
    let numbers = Self.numbers(["31", "1405", "3120", "999999999999999"])
    #expect(Set(numbers.prefixes(of: UInt64(line) ?? 0)) == Set(fitting.map(Self.key)))
    if !fitting.isEmpty { #expect(numbers.fit(of: UInt64(line) ?? 0) != .none) }
    if line.utf8.count > 14 && fitting.isEmpty { #expect(numbers.fit(of: UInt64(line) ?? 0) == .none) }
  }

  @Test func `any number fits what it begins with, however the prefixes came together`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      func digits(_ most: Int) -> String {
        (0..<Int.random(in: 1...most, using: &generator)).map { "\(Int.random(in: $0 == 0 ? 1...2 : 0...1, using: &generator))" }.joined()
      }
      let prefixes = Array(Set((0..<Int.random(in: 0...12, using: &generator)).map { _ in digits(6) }))
      var numbers = Self.numbers(Array(prefixes.prefix(prefixes.count / 2)))
      numbers.formUnion(Self.numbers(prefixes.reversed()))
      // What the lines of a span have, told by the first of them.
      var spans: [Int: [UInt64]] = [:]
      for _ in 0..<50 {
        let line = digits(15)
        let found = numbers.prefixes(of: UInt64(line) ?? 0)
        #expect(Set(found) == Set(prefixes.filter { line.hasPrefix($0) }.map(Self.key)))
        #expect(found.count == Set(found).count)
        switch numbers.fit(of: UInt64(line) ?? 0) {
        case .none: #expect(found.isEmpty)
        case .span(let span): #expect(!found.isEmpty && Set(found) == Set(spans[span, default: found]), "\(line)")
        case .odd: #expect(prefixes.contains { $0.count > line.count && $0.hasPrefix(line) })
        }
        if case .span(let span) = numbers.fit(of: UInt64(line) ?? 0) { spans[span] = found }
      }
    }
  }

  @Test func `a number is told from its neighbours, and from a prefix of the same digits`() {
    var numbers = Self.numbers(["3120"])
    for line: UInt64 in [0, 31, 3121, 999_999_999_999_999] { numbers.insert(line: line) }
    for line: UInt64 in [0, 31, 3121, 999_999_999_999_999] { #expect(numbers.has(line: line)) }
    for line: UInt64 in [1, 30, 32, 3120, 312, 999_999_999_999_998] { #expect(!numbers.has(line: line)) }
  }
}
