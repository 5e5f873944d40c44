import Foundation

/// Who decides, as typed; and the form in which names are compared, so that one person is not taken for two (G1).
public struct Reviewer: Hashable, Sendable {
  /// As it is kept in the log: trimmed, with single spaces.
  public let name: String
  /// What names that look alike have in common: the words in any order, without case, accents, punctuation and what is not seen, with each letter
  /// that looks like another as that one.
  public let key: String

  /// What acts without being a person: the policy's own approvals, the program and the job that cron starts.
  private static let nobody = Set(["policy", "makegood", "nightly"].map(comparable))

  /// - Throws: ``ReviewRefusal/badName(_:)``, ``ReviewRefusal/mixedScripts(_:)``.
  public init(_ text: String) throws(ReviewRefusal) {
    let words = text.split(whereSeparator: \.isWhitespace)
    name = words.joined(separator: " ")
    key = Reviewer.comparable(name)
    let isPlain = !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    if key.isEmpty || name.count > 100 || Reviewer.nobody.contains(key) || !isPlain { throw .badName(text) }
    let scripts = Set(name.precomposedStringWithCompatibilityMapping.unicodeScalars.compactMap(Script.init))
    if scripts.count > 1 { throw .mixedScripts(text) }
  }

  /// Stand between words, unlike an apostrophe.
  private static let separators: Set<Character> = ["-", "\u{2010}", "\u{2011}", "\u{2013}", ".", ",", "_", "/", "+"]

  private static func comparable(_ name: String) -> String {
    let letters = name.precomposedStringWithCompatibilityMapping.lowercased().decomposedStringWithCompatibilityMapping
    let words = letters.split { $0.isWhitespace || separators.contains($0) }.map { word in
      String(String.UnicodeScalarView(word.unicodeScalars.filter(\.properties.isAlphanumeric).map { lookAlikes[$0] ?? $0 }))
        .replacingOccurrences(of: "rn", with: "m")
    }
    return words.filter { !$0.isEmpty }.sorted().joined(separator: " ")
  }

  /// Small letters and digits that look like a Latin letter.
  private static let lookAlikes: [Unicode.Scalar: Unicode.Scalar] = {
    let alike: [(Unicode.Scalar, String)] = [
      ("a", "\u{430}\u{3B1}"), ("b", "\u{432}\u{3B2}"), ("c", "\u{441}"), ("e", "\u{435}\u{3B5}"), ("h", "\u{43D}\u{4BB}"), ("j", "\u{458}"),
      ("k", "\u{43A}\u{3BA}"), ("l", "1i\u{131}\u{456}\u{3B9}\u{4CF}"), ("m", "\u{43C}"), ("n", "\u{3B7}"), ("o", "0\u{43E}\u{3BF}\u{585}"),
      ("p", "\u{440}\u{3C1}"), ("s", "5\u{455}"), ("t", "\u{442}\u{3C4}"), ("u", "\u{3C5}"), ("v", "\u{3BD}\u{475}"), ("w", "\u{461}"),
      ("x", "\u{445}\u{3C7}"), ("y", "\u{443}"),
    ]
    return Dictionary(uniqueKeysWithValues: alike.flatMap { latin, others in others.unicodeScalars.map { ($0, latin) } })
  }()
}

extension Unicode.Scalar.Properties {
  /// A letter or digit: accents, punctuation and what nobody sees are none.
  fileprivate var isAlphanumeric: Bool {
    switch generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: !isDefaultIgnorableCodePoint
    default: false
    }
  }
}

/// The scripts whose letters could be taken for each other's, and all others by what is written together.
private enum Script: Hashable {
  case latin, greek, cyrillic, armenian, eastAsian, other

  /// Nil for what is no letter.
  init?(_ scalar: Unicode.Scalar) {
    guard scalar.properties.isAlphabetic else { return nil }
    switch scalar.value {
    case 0x41...0x24F, 0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA720...0xA7FF: self = .latin
    case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
    case 0x400...0x52F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F: self = .cyrillic
    case 0x530...0x58F: self = .armenian
    case 0x1100...0x11FF, 0x2E80...0x9FFF, 0xA000...0xA4CF, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0x20000...0x3FFFF: self = .eastAsian
    default: self = .other
    }
  }
}
