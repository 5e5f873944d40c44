public import Storage

/// Something in the database that is not as the program left it.
public struct Finding: Hashable, Sendable, CustomStringConvertible {
  /// The run, item, record or table.
  public var place: String
  public var what: String

  public init(_ place: String, _ what: String) { (self.place, self.what) = (place, what) }

  public var description: String { "\(place): \(what)" }
}

/// The database was changed behind the program's back (65): what was to be written is not, and nothing of it is paid.
public struct Damage: Error, Hashable, Sendable {
  /// At least one.
  public var findings: [Finding]

  public init(_ findings: [Finding]) { self.findings = findings }
  public init(_ place: String, _ what: String) { findings = [Finding(place, what)] }
}

extension [Finding] {
  /// - Throws: ``Damage`` where there is any.
  public func mustBeEmpty() throws { if !isEmpty { throw Damage(self) } }
}

extension [Finding] {
  /// Adds what `check` finds, and what kept it from looking further.
  public mutating func add(_ check: () throws -> [Finding]) throws {
    do { self += try check() } catch let damage as Damage { self += damage.findings }
  }
}

extension Connection {
  /// The tables and triggers that hold what is promised, themselves; many at once are counted.
  public func schemaFindings() throws -> [Finding] {
    let faults = try schemaFaults()
    let rest = faults.count - 3
    return faults.prefix(3).map { Finding("schema", $0) } + (rest > 0 ? [Finding("schema", "and \(rest) more")] : [])
  }
}
