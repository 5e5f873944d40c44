import Dispatch
import Foundation
import Synchronization
import Threads

/// Has parts of something worked on by other threads, and gives what came of each in their order, never many at a time.
///
/// To wake a thread costs as much as some hundred orders that are passed by: none is woken before there is something to do for it.
final class OrderedWork<Result: Sendable>: Sendable {
  /// A part is not begun before the one that is waited for is this near; threads that waited for that go on when it is this near.
  private static var ahead: Int { 6 }
  private static var near: Int { 3 }

  /// As many threads as leave none idle beside the one that asks, on the two cores that there are at least.
  static var threads: Int { 2 }

  private struct State {
    var begun = 0
    var results: [Int: Result] = [:]
    /// The part that is asked for, and whether it is waited for.
    var wanted = 0
    var isAwaited = false
    /// The number of threads that wait for room.
    var waiting = 0
    var running: Int
    var failure: (any Error)?
    var isStopped = false

    /// - Returns: Whether to tell the one that waits for a part.
    mutating func endWait() -> Bool {
      defer { isAwaited = false }
      return isAwaited
    }

    /// - Returns: How many threads to tell that there is room.
    mutating func endWaiting() -> Int {
      defer { waiting = 0 }
      return waiting
    }
  }

  private let count: Int
  private let state: Mutex<State>
  private let ready = DispatchSemaphore(value: 0)
  private let room = DispatchSemaphore(value: 0)
  private let threads = DispatchGroup()

  /// - Parameters:
  ///   - count: The number of parts.
  ///   - stack: Bytes of stack of a thread.
  ///   - body: What a thread does: it works on parts as ``begin()`` names them and hands what comes of each to ``give(_:_:)``.
  /// - Throws: ``WorkThread/NotStarted``; none of its threads works then.
  init(parts count: Int, stack: Int = WorkThread.stack, _ body: @escaping @Sendable (OrderedWork) throws -> Void) throws(WorkThread.NotStarted) {
    self.count = count
    state = Mutex(State(running: OrderedWork.threads))
    for _ in 0..<OrderedWork.threads {
      threads.enter()
      do {
        try WorkThread.start(stack: stack) { [self] in
          do { try body(self) } catch { fail(error) }
          if state.withLock({ state in
            state.running -= 1
            return state.endWait()
          }) {
            ready.signal()
          }
          threads.leave()
        }
      } catch {
        threads.leave()
        stop()
        throw error
      }
    }
  }

  private func fail(_ error: any Error) {
    let waiting = state.withLock { state in
      state.failure = state.failure ?? error
      return state.endWaiting()
    }
    tell(waiting)
  }

  private func tell(_ waiting: Int) { for _ in 0..<waiting { room.signal() } }

  private enum Beginning {
    case part(Int)
    case noRoom
    case over
  }

  /// The next part to work on; nil when there is none, or nobody asks for more.
  func begin() -> Int? {
    while true {
      let beginning = state.withLock { state in
        if state.isStopped || state.failure != nil || state.begun == count { return Beginning.over }
        if state.begun >= state.wanted + OrderedWork.ahead {
          state.waiting += 1
          return .noRoom
        }
        state.begun += 1
        return .part(state.begun - 1)
      }
      switch beginning {
      case .part(let part): return part
      case .noRoom: room.wait()
      case .over: return nil
      }
    }
  }

  func give(_ part: Int, _ result: Result) {
    let isAwaited = state.withLock { state in
      state.results[part] = result
      return part == state.wanted && state.endWait()
    }
    if isAwaited { ready.signal() }
  }

  /// What came of a part; to be asked for in order, each once.
  ///
  /// - Throws: What a thread threw.
  func result(of part: Int) throws -> Result {
    while true {
      let (result, waiting) = try state.withLock { state in
        if let failure = state.failure { throw failure }
        state.wanted = part
        let result = state.results.removeValue(forKey: part)
        precondition(result != nil || state.running > 0, "every part is worked on")
        state.isAwaited = result == nil
        return (result, state.begun <= part + OrderedWork.near ? state.endWaiting() : 0)
      }
      tell(waiting)
      if let result { return result }
      ready.wait()
    }
  }

  /// Lets the threads end, and waits until they have.
  func stop() {
    let waiting = state.withLock { state in
      state.isStopped = true
      return state.endWaiting()
    }
    tell(waiting)
    threads.wait()
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
