public import RefundPolicy
public import Storage

/// The reviewers of a settings file: names, or objects with `name` and the system `users` that may act under it.
enum ReviewerSettingsFormat {
  static let form = "a list of different people like [\"Ann Lee\", {\"name\": \"Bob Ray\", \"users\": [\"bob\"]}]"

  static func json(_ reviewer: ReviewerSetting) -> ExactJSON {
    if reviewer.users.isEmpty { return .string(reviewer.name) }
    return .object([
      ExactJSON.Member(key: "name", value: .string(reviewer.name)), ExactJSON.Member(key: "users", value: .strings(reviewer.users)),
    ])
  }

  /// Nil for anything but a list of names, of which no two could be taken for one person (G1).
  static func reviewers(_ value: ExactJSON) -> [ReviewerSetting]? {
    guard case .array(let elements) = value else { return nil }
    var reviewers: [ReviewerSetting] = []
    var keys: Set<String> = []
    for element in elements {
      guard var reviewer = reviewer(element), let person = try? Reviewer(reviewer.name), keys.insert(person.key).inserted else { return nil }
      reviewer.name = person.name
      reviewers.append(reviewer)
    }
    return reviewers
  }

  private static func reviewer(_ element: ExactJSON) -> ReviewerSetting? {
    if let name = element.string { return ReviewerSetting(name: name, users: []) }
    guard case .object(let members) = element, members.count == 2, let name = members.first(where: { $0.key == "name" })?.value.string,
      let users = members.first(where: { $0.key == "users" })?.value.strings, !users.isEmpty, users.allSatisfy({ !$0.isEmpty })
    else { return nil }
    return ReviewerSetting(name: name, users: users)
  }
}

extension Connection {
  /// Who acts under a name: where the settings in force name reviewers, one of those, and only as a system user that may (G1).
  ///
  /// - Parameter user: The system user that the program runs as.
  /// - Throws: ``ReviewRefusal``.
  public func reviewer(named text: String, at now: Instant, as user: String) throws -> Reviewer {
    let person = try Reviewer(text)
    let listed = try settings().operating(at: now).reviewers
    if listed.isEmpty { return person }
    for setting in listed {
      let known = try Reviewer(setting.name)
      if known.key != person.key { continue }
      if !setting.users.isEmpty && !setting.users.contains(user) { throw ReviewRefusal.notTheirUser(known.name, user: user, allowed: setting.users) }
      return known
    }
    throw ReviewRefusal.notAReviewer(text, known: listed.map(\.name))
  }
}
