import Foundation
import Storage

/// Hands blocks from the threads that make them to the one that writes them, stretch after stretch, and never many at a time.
final class QuickPipeline: @unchecked Sendable {
  struct Batch {
    var blocks: [BlockOutput]
    var changes: [QuickChange]
  }

  struct Result {
    var counts: QuickCounts
    var takenAddons: [Int32]
  }

  /// A stretch is not begun before the writer is this near, and waits when so many of its batches lie there.
  private static let ahead = 4
  private static let waiting = 16

  private let condition = NSCondition()
  private var batches: [[Batch]]
  private var results: [Result?]
  private var nextStretch = 0
  private var writing = 0
  private var isStopped = false
  private var running = 0
  /// How many threads read.
  let workers: Int

  init(_ count: Int) {
    batches = Array(repeating: [], count: count)
    results = Array(repeating: nil, count: count)
    workers = min(2, count)
  }

  /// The next stretch to read; nil when there is none.
  func next() -> Int? {
    condition.locked {
      while !isStopped, nextStretch < batches.count, nextStretch >= writing + QuickPipeline.ahead { condition.wait() }
      guard !isStopped, nextStretch < batches.count else { return nil }
      defer { nextStretch += 1 }
      return nextStretch
    }
  }

  struct Stopped: Error {}

  /// - Throws: ``Stopped`` when nobody writes any more.
  func hand(_ stretch: Int, _ batch: Batch) throws(Stopped) {
    let isTaken = condition.locked {
      while !isStopped, batches[stretch].count >= QuickPipeline.waiting { condition.wait() }
      if !isStopped { batches[stretch].append(batch) }
      return !isStopped
    }
    if !isTaken { throw Stopped() }
  }

  func finish(_ stretch: Int, _ result: Result) { condition.locked { results[stretch] = result } }

  /// Something is not quite right: all threads stop.
  func refuse() { condition.locked { isStopped = true } }

  func workerBegins() { condition.locked { running += 1 } }

  func workerEnded() { condition.locked { running -= 1 } }

  /// The next batch of a stretch, in the order in which they were made; nil when it is finished or was refused.
  func take(_ stretch: Int) throws -> Batch? {
    condition.locked {
      writing = stretch
      condition.broadcast()
      while !isStopped, batches[stretch].isEmpty, results[stretch] == nil { condition.wait() }
      if isStopped || batches[stretch].isEmpty { return nil }
      return batches[stretch].removeFirst()
    }
  }

  /// What a finished stretch came to; nil where it was refused.
  func result(_ stretch: Int) -> Result? { condition.locked { isStopped ? nil : results[stretch] } }

  func stopAndWait() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    while running > 0 { condition.wait() }
    condition.unlock()
  }
}
