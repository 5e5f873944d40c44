import Facts

/// What a terminal, a mail or a log may be shown. Facts, notes, paths and what wallets say may hold anything.
enum Printable {
  /// The text without hidden characters; line breaks and tabs stay.
  static func text(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x0A || $0 == 0x09 }) { return text }
    return HiddenCharacter.shown(text, keeping: ["\n", "\t"])
  }
}
