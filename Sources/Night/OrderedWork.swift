import Foundation
import Storage

/// Has parts of something worked on by other threads, and gives what came of each in their order, never many at a time.
final class OrderedWork<Result: Sendable>: @unchecked Sendable {
  /// A part is not begun before the one that is waited for is this near.
  private static var ahead: Int { 6 }

  /// As many threads as leave none idle beside the one that asks, on the two cores that there are at least.
  static var threads: Int { 2 }

  private let condition = NSCondition()
  private let count: Int
  private var begun = 0
  private var results: [Int: Result] = [:]
  private var wanted = 0
  private var failure: (any Error)?
  private var isStopped = false
  private var running: Int

  /// - Parameters:
  ///   - count: The number of parts.
  ///   - body: What a thread does: it works on parts as ``begin()`` names them and hands what comes of each to ``give(_:_:)``.
  init(parts count: Int, _ body: @escaping @Sendable (OrderedWork) throws -> Void) {
    (self.count, running) = (count, OrderedWork.threads)
    for _ in 0..<OrderedWork.threads {
      Thread.detachNewThread { [self] in
        do { try body(self) } catch { condition.locked { failure = failure ?? error } }
        condition.locked { running -= 1 }
      }
    }
  }

  /// The next part to work on; nil when there is none, or nobody asks for more.
  func begin() -> Int? {
    condition.locked {
      while !isStopped, failure == nil, begun < count, begun >= wanted + OrderedWork.ahead { condition.wait() }
      guard !isStopped, failure == nil, begun < count else { return nil }
      begun += 1
      return begun - 1
    }
  }

  func give(_ part: Int, _ result: Result) { condition.locked { results[part] = result } }

  /// What came of a part; to be asked for in order, each once.
  ///
  /// - Throws: What a thread threw.
  func result(of part: Int) throws -> Result {
    try condition.locked {
      wanted = part
      condition.broadcast()
      while failure == nil, results[part] == nil, running > 0 { condition.wait() }
      if let failure { throw failure }
      guard let result = results.removeValue(forKey: part) else { preconditionFailure("every part is worked on") }
      return result
    }
  }

  /// Lets the threads end, and waits until they have.
  func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    while running > 0 { condition.wait() }
    condition.unlock()
  }
}

/// Values that one thread gives and another takes, each for itself alone.
final class Handed<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [Value]

  init(_ values: [Value] = []) { self.values = values }

  func give(_ value: consuming Value) {
    lock.lock()
    values.append(value)
    lock.unlock()
  }

  func take() -> Value? { lock.withLock { values.popLast() } }
}
