import Ledger
import Testing

@Suite struct `names of reviewers (G1)` {
  @Test(arguments: [
    ("Ann Lee", " ANN   lee "), ("Zoë", "ZOË"), ("Zo\u{EB}", "Zoe\u{308}"), ("Ann\u{A0}Lee", "Ann Lee"), ("Ａｎｎ", "ann"),
    ("Ann", "An\u{200B}n"), ("Ann", "\u{202E}Ann"), ("Ann", "A\u{AD}nn"),
    ("Ann Lee", "Lee, Ann"), ("Ann Lee", "Ann-Lee."), ("Ann Lee", "Ann Lee!"), ("Pat O'Neil", "Pat ONeil"), ("Zoe", "Zoë"),
    ("oce", "\u{43E}\u{441}\u{435}"), ("Bill", "BiIl"), ("Bob", "B0b"), ("Mark", "rnark"),
  ]) func `compare without order, case, accents, punctuation and what only looks like another letter`(one: String, other: String) throws {
    #expect(try Reviewer(one).key == Reviewer(other).key)
  }

  @Test(arguments: [
    "", "  ", "policy", " POLICY", "Policy ", "\u{FF50}olicy", "poli\u{200D}cy", "\u{200B}", "makegood", "Nightly", " MakeGood.", "nightIy",
    "Ann\u{1B}[2J", String(repeating: "a", count: 101),
  ])
  func `that are none of a person are refused`(name: String) {
    #expect(throws: ReviewRefusal.badName(name)) { try Reviewer(name) }
  }

  @Test(arguments: [("Ann", "Anna"), ("Ann Lee", "Ann Lea"), ("Ann B", "Ann C"), ("李明", "李红"), ("Анна", "Инна")])
  func `of two people differ`(one: String, other: String) throws { #expect(try Reviewer(one).key != Reviewer(other).key) }

  /// A Cyrillic or Greek letter among Latin ones; whole names in one script are names.
  @Test(arguments: ["\u{410}nn", "Ann L\u{435}e", "Zo\u{3B5}", "Ann 李"]) func `of letters of different scripts are refused`(name: String) throws {
    #expect(throws: ReviewRefusal.mixedScripts(name)) { try Reviewer(name) }
    for whole in ["\u{410}\u{43D}\u{43D}\u{430}", "\u{396}\u{3C9}\u{3AE}", "李明", "渡辺 さくら", "Zoë Öster"] { _ = try Reviewer(whole) }
  }
}
