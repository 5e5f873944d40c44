import AuditLog
import Facts
import Ledger
public import Storage

/// What must be as the program left it before a run decides anything: guards, seals, what came since the last run, shared records, settings, open
/// exceptions, and the numbers of what is checked one by one where it is read (items, requests, blocks of orders).
///
/// Some milliseconds, however many orders there are.
public enum RunCheck {
  /// - Throws: ``Damage``, with what is wrong.
  public static func check(_ connection: Connection) throws {
    var findings = try connection.schemaFindings()
    try findings.add { try FactState.findings(beforeRunOn: connection) }
    try findings.add {
      let acts = try ActCheck(connection) { try ImportContent.add($0, from: connection, to: &$1) }
      // Periods that moved are looked for in what imports of any time wrote.
      return try LedgerState.findings(beforeRunOn: connection, acts) + MovedPeriods.findings(on: connection, acts)
    }
    try findings.mustBeEmpty()
  }
}

/// Checks before the first run of a command, and before a later one where somebody else wrote to the database since.
final class RepeatedRunCheck {
  private var version: Int64?

  func check(_ connection: Connection) throws {
    let row = try connection.prepare("PRAGMA data_version")
    guard try row.step() else { return try RunCheck.check(connection) }
    let version = row.int(0)
    row.reset()
    if version != self.version { try RunCheck.check(connection) }
    self.version = version
  }
}
