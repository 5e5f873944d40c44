import Ledger
import Testing

@Suite struct `names of reviewers (G1)` {
  @Test(arguments: [
    ("Ann Lee", " ANN   lee "), ("Zoë", "ZOË"), ("Zo\u{EB}", "Zoe\u{308}"), ("Ann\u{A0}Lee", "Ann Lee"), ("Ａｎｎ", "ann"),
    ("Ann", "An\u{200B}n"), ("Ann", "\u{202E}Ann"), ("Ann", "A\u{AD}nn"),
  ]) func `compare trimmed, without case, and however they are encoded`(one: String, other: String) throws {
    #expect(try Reviewer(one).key == Reviewer(other).key)
  }

  @Test(arguments: [
    "", "  ", "policy", " POLICY", "Policy ", "\u{FF50}olicy", "poli\u{200D}cy", "\u{200B}", "Ann\u{1B}[2J", String(repeating: "a", count: 101),
  ])
  func `that are none of a person are refused`(name: String) {
    #expect(throws: ReviewRefusal.badName(name)) { try Reviewer(name) }
  }
}
