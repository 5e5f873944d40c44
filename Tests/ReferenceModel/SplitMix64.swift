/// The generator of Steele, Lea and Flood: the same numbers from the same seed on every machine.
public struct SplitMix64: Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// A whole number from `range`.
  public mutating func int(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
  }

  /// True `percent` times in a hundred.
  public mutating func chance(_ percent: Int) -> Bool { int(1...100) <= percent }

  /// One of `options`, which must not be empty.
  public mutating func pick<Option>(_ options: [Option]) -> Option { options[int(0...(options.count - 1))] }

  /// An instant in or at the edge of `day`: midnight, one second to either side of it, noon, or any second.
  mutating func instant(near day: Int) -> Int {
    day * secondsPerDay + pick([0, -1, 1, 43_200, int(0...86_399), int(0...86_399)])
  }
}
