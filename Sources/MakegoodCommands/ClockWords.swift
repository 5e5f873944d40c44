import AuditLog
import Night
import RefundPolicy
import Storage

/// Sentences about clocks that cannot be believed (G7).
enum ClockWords {
  /// The way out where the last closed date is later than yesterday.
  static func wayOut(_ last: ServiceDay) -> String {
    "Set the clock right if it is wrong now. If it was wrong when \(last) was closed, put back a backup from before that night, or decide again "
      + "with 'makegood run --from A --to B' until \(last) is over."
  }

  /// The way out where more dates are missing than one run closes by itself.
  static func overrule(_ last: ServiceDay) -> String {
    "See that the clock is right. If it is, name the last date: 'makegood run --date \(last)'."
  }
}

extension Makegood {
  /// Says that a ledger is a rehearsal where it is one.
  static func tellRehearsal(_ store: Store) throws {
    if try store.read({ try $0.origin() })?.clock == .pretended {
      Console.note("rehearsal: this ledger was made under a pretended clock; nothing of it is to be paid")
    }
  }
}
