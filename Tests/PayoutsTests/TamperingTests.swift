import AuditLog
import Ledger
import RefundPolicy
import Storage
import Testing

/// What is changed by plain SQL behind the program's back is paid to nobody, and `verify` names it (contract 7).
@Suite struct `tampering` {
  /// Made once, and only ever copied.
  nonisolated(unsafe) private static let ledger = Result { try TamperedLedger.pristine() }

  private static func copy() throws -> TamperedLedger { unsafe try TamperedLedger(copying: ledger.get()) }

  /// What each step does where nobody has touched anything.
  private static let expected = Result {
    let ledger = try copy()
    return TamperedLedger.Step.allCases.map { ledger.outcome(of: $0) }
  }

  @Test func `does not stop what nobody has touched`() throws {
    let ledger = try Self.copy()
    #expect(ledger.findings() == [])
    let expected = try Self.expected.get()
    #expect(expected.allSatisfy { $0.stopped == nil }, "\(expected)")
    // Two that were prepared and one whose transaction was built; six that are approved and can be paid.
    #expect(expected.map(\.paid.count) == [3, 6, 0], "\(expected)")
    for step in TamperedLedger.Step.allCases { _ = ledger.outcome(of: step) }
    #expect(ledger.findings() == [])
  }
}
