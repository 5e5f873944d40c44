/// What a terminal, a mail or a log may be shown. Facts, notes, paths and what wallets say may hold anything: characters that move the cursor, that
/// are not seen, or that turn the direction of writing around.
enum Printable {
  /// The text with such characters written as `<U+202E>`; line breaks and tabs stay.
  static func text(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x0A || $0 == 0x09 }) { return text }
    return text.unicodeScalars.reduce(into: "") { shown, scalar in
      if scalar == "\n" || scalar == "\t" || !isHidden(scalar) { shown.unicodeScalars.append(scalar) } else { shown += "<\(name(of: scalar))>" }
    }
  }

  static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// `U+202E`: at least four digits, as Unicode writes it.
  private static func name(of scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }
}
