import Glibc

/// A thread of the system for work beside the one that asks for it.
///
/// Foundation and Dispatch do not say when the system gives no thread: whoever waits for its work would wait for ever.
public enum WorkThread {
  /// The system gave no thread (74). `code` is an errno: EAGAIN where the user's limit of processes, or of memory, is reached.
  public struct NotStarted: Error, Hashable, Sendable {
    public var code: Int32

    public init(code: Int32) { self.code = code }
  }

  /// Bytes of stack that a thread gets.
  public static let stack = 1 << 23

  /// Begins a thread that ends with `body`; nobody has to wait for it.
  ///
  /// - Parameter stack: Bytes of stack.
  public static func start(stack: Int = WorkThread.stack, _ body: @escaping @Sendable () -> Void) throws(NotStarted) {
    var attributes = pthread_attr_t()
    var code = unsafe pthread_attr_init(&attributes)
    guard code == 0 else { throw NotStarted(code: code) }
    defer { unsafe pthread_attr_destroy(&attributes) }
    code = unsafe pthread_attr_setstacksize(&attributes, stack)
    guard code == 0 else { throw NotStarted(code: code) }
    code = unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    guard code == 0 else { throw NotStarted(code: code) }
    var thread = pthread_t()
    let work = unsafe Unmanaged.passRetained(Work(body))
    code = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        if let argument = unsafe argument { unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      unsafe work.release()
      throw NotStarted(code: code)
    }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
