import Foundation
import Synchronization
import Testing
import Threads

@testable import Night

/// Parts worked on by other threads come in their order, few at a time, and what goes wrong in one comes too.
@Suite struct `work on other threads` {
  private struct Broken: Error, Equatable { let part: Int }

  /// The first parts take longest, so that later ones are ready before them.
  @Test(arguments: [0, 1, 2, 50]) func `comes in order`(count: Int) throws {
    let work = try OrderedWork<Int>(parts: count) { work in
      while let part = work.begin() {
        if part < 3 { usleep(UInt32(3_000 * (3 - part))) }
        work.give(part, part * part)
      }
    }
    defer { work.stop() }
    for part in 0..<count { #expect(try work.result(of: part) == part * part) }
  }

  /// Nobody asks for any: the threads wait, and end when they are told to.
  @Test func `is not done long before somebody asks for it`() throws {
    let begun = Atomic(0)
    let work = try OrderedWork<Int>(parts: 1_000) { work in
      while let part = work.begin() {
        begun.add(1, ordering: .relaxed)
        work.give(part, part)
      }
    }
    usleep(20_000)
    work.stop()
    #expect(begun.load(ordering: .relaxed) <= 10)
  }

  /// The one that asks is slow at first, so that the threads wait for room, and then waits for them.
  @Test func `goes on when there is room again`() throws {
    let work = try OrderedWork<Int>(parts: 60) { work in
      while let part = work.begin() {
        if part % 20 >= 10 { usleep(500) }
        work.give(part, part)
      }
    }
    defer { work.stop() }
    for part in 0..<60 {
      if part % 20 < 10 { usleep(500) }
      #expect(try work.result(of: part) == part)
    }
  }

  @Test func `fails as its thread did`() throws {
    let work = try OrderedWork<Int>(parts: 50) { work in
      while let part = work.begin() {
        if part == 7 { throw Broken(part: part) }
        work.give(part, part)
      }
    }
    defer { work.stop() }
    #expect(throws: Broken(part: 7)) { for part in 0..<50 { _ = try work.result(of: part) } }
  }

  /// More stack than there is address space: the system gives no thread, and nobody waits for one.
  @Test func `is an error where the system gives no thread`() {
    #expect(throws: WorkThread.NotStarted(code: EAGAIN)) {
      _ = try OrderedWork<Int>(parts: 3, stack: 1 << 50) { _ in }
    }
  }
}
