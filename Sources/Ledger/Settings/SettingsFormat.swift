public import RefundPolicy

/// Why settings are refused (78).
public enum SettingsError: Error, Hashable, Sendable {
  /// The file is no JSON object; line and column count from 1.
  case unreadable(line: Int, column: Int, what: String)
  case unknownKey(String)
  case wrongValue(key: String, form: String)
  /// Other settings take effect at that instant: a set is never replaced.
  case alreadySet(Instant)
  /// They would change what closed dates were decided under.
  case inThePast(Instant, lastClosed: ServiceDay)
  /// History is rewritten only with a reason.
  case noteMissing
}

/// A settings file as it was read: what it says, and what it leaves out.
public struct SettingsDraft: Hashable, Sendable {
  public let effectiveFrom: Instant
  /// The settings that the file gives, in its order.
  let given: [ExactJSON.Member]

  /// - Throws: ``SettingsError`` for what is not a JSON object of known settings with right values.
  public init(_ file: [UInt8]) throws(SettingsError) {
    let members: [ExactJSON.Member]
    do {
      guard case .object(let object) = try ExactJSON(file) else {
        throw SettingsError.unreadable(line: 1, column: 1, what: "it is not a JSON object")
      }
      members = object
    } catch let error as SettingsError {
      throw error
    } catch let fault as ExactJSON.Fault {
      throw .unreadable(line: fault.line, column: fault.column, what: fault.what)
    } catch {
      throw .unreadable(line: 1, column: 1, what: "\(error)")
    }
    func isSetting(_ member: ExactJSON.Member) -> Bool {
      member.key != SettingsFormat.effectiveFrom && !SettingsFormat.keysOfTheLog.contains(member.key)
    }
    given = members.filter(isSetting)
    if let unknown = given.first(where: { SettingsKey.named($0.key) == nil }) { throw .unknownKey(unknown.key) }
    guard let from = members.first(where: { $0.key == SettingsFormat.effectiveFrom })?.value.string,
      let effectiveFrom = SettingsFormat.instant(from)
    else {
      throw .wrongValue(key: SettingsFormat.effectiveFrom, form: "an instant like 2026-01-01T00:00:00Z")
    }
    self.effectiveFrom = effectiveFrom
    _ = try applied(to: .defaults)
  }

  /// The whole set: what the file says, and for what it leaves out the values of `base`.
  ///
  /// - Throws: ``SettingsError/wrongValue(key:form:)``.
  public func applied(to base: SettingsSet) throws(SettingsError) -> SettingsSet {
    var set = base
    set.effectiveFrom = effectiveFrom
    for member in given {
      guard let key = SettingsKey.named(member.key) else { throw .unknownKey(member.key) }
      if !key.read(member.value, &set) { throw .wrongValue(key: key.name, form: key.form) }
    }
    return set
  }
}

extension SettingsSet {
  /// The policy's own numbers, which hold before the first set.
  public static let defaults = SettingsSet(effectiveFrom: Instant(seconds: 0), policy: PolicyNumbers(), operating: OperatingNumbers())
}

/// One setting before and after a change, as files have them.
public struct SettingsLine: Hashable, Sendable {
  public var name: String
  public var before: String
  public var after: String
}

/// Settings as JSON: what `policy show` prints and `policy set` takes.
public enum SettingsFormat {
  static let effectiveFrom = "effective_from"
  /// Who said a set and when: `policy show` adds them, and `policy set` passes over them, so that what the one prints the other takes.
  static let keysOfTheLog: Set<String> = ["said_at", "said_by", "note", "rewrites_history"]

  /// Every setting's name, in the order in which they are shown.
  public static var names: [String] { SettingsKey.all.map(\.name) }

  /// Nil `said` is for the policy's own defaults, which nobody said.
  public static func json(_ set: SettingsSet, said: SettingsRecord.Said? = nil) -> String {
    var members = [(effectiveFrom, ExactJSON.string("\(set.effectiveFrom)"))]
    members += SettingsKey.all.map { ($0.name, $0.write(set)) }
    if let said {
      members += [
        ("said_at", .string("\(said.at)")), ("said_by", .string(said.by)), ("note", said.note.map { .string($0) } ?? .null),
        ("rewrites_history", .bool(said.rewritesHistory)),
      ]
    }
    return "{\n" + members.map { "  \"\($0.0)\": \($0.1)" }.joined(separator: ",\n") + "\n}"
  }

  /// Every setting before and after, in the order in which they are shown.
  public static func lines(from before: SettingsSet, to after: SettingsSet) -> [SettingsLine] {
    SettingsKey.all.map { SettingsLine(name: $0.name, before: "\($0.write(before))", after: "\($0.write(after))") }
  }

  /// `YYYY-MM-DD` for its midnight UTC, or `YYYY-MM-DDTHH:MM:SSZ`.
  static func instant(_ text: String) -> Instant? {
    if let day = ServiceDay(text) { return day.start }
    guard text.utf8.count == 20, let day = ServiceDay(text.prefix(10)) else { return nil }
    let parts = text.dropFirst(11).dropLast().split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
    guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2], (0..<24).contains(hour),
      (0..<60).contains(minute), (0..<60).contains(second)
    else { return nil }
    let instant = day.start.advanced(bySeconds: hour * 3600 + minute * 60 + second)
    return instant.description == text ? instant : nil
  }
}

extension Cents {
  /// Decimal dollars with at most two decimals and no sign.
  public init?(parsing text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    func digits(_ part: some StringProtocol) -> Bool { !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard let whole = parts.first, parts.count <= 2, digits(whole), let dollars = Int64(whole),
      dollars <= Cents.greatest.count / 100
    else { return nil }
    var cents: Int64 = 0
    if parts.count == 2 {
      guard digits(parts[1]), parts[1].utf8.count <= 2, let value = Int64(parts[1]) else { return nil }
      cents = parts[1].utf8.count == 1 ? value * 10 : value
    }
    self.init(dollars * 100 + cents)
  }
}
