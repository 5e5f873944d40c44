public import Foundation

extension NSCondition {
  /// Does something under the lock that others may wait for, and tells them.
  public func locked<Value>(_ body: () throws -> Value) rethrows -> Value {
    lock()
    defer {
      broadcast()
      unlock()
    }
    return try body()
  }
}
