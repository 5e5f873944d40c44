/// What nobody sees in a text: it has no place in an id, which is compared to the letter, and is not shown to people as it is.
public enum HiddenCharacter {
  /// What is wrong with a text, for a message about it; nil where all of it can be seen and no space is at its ends.
  static func problem(in text: String) -> FieldError? {
    let scalars = text.unicodeScalars
    for scalar in scalars {
      let number = name(of: scalar)
      switch scalar.properties.generalCategory {
      case .control: return FieldError("holds a control character (\(number))", hint: hint)
      case .format where scalar == "\u{FEFF}":
        return FieldError(
          "holds a byte order mark (\(number))", hint: "It marks where two files were joined: take it out, and the header line that came with it.")
      case .format where isBidirectional(scalar):
        return FieldError("holds a character that changes the direction of writing (\(number))", hint: hint)
      case .format, .lineSeparator, .paragraphSeparator: return FieldError("holds an invisible character (\(number))", hint: hint)
      default: if scalar.properties.isDefaultIgnorableCodePoint { return FieldError("holds an invisible character (\(number))", hint: hint) }
      }
    }
    if scalars.first?.properties.isWhitespace == true { return FieldError("has a space at its beginning", hint: hint) }
    if scalars.last?.properties.isWhitespace == true { return FieldError("has a space at its end", hint: hint) }
    return nil
  }

  private static let hint = "An id is compared to the letter: take it out where the file comes from."

  /// `U+FEFF`: at least four digits, as Unicode writes it.
  private static func name(of scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }

  private static func isBidirectional(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// The text with what nobody sees, moves the cursor or turns the direction of writing around written as `<U+FEFF>`.
  ///
  /// - Parameter kept: Control characters that stay.
  public static func shown(_ text: String, keeping kept: Set<Unicode.Scalar> = []) -> String {
    text.unicodeScalars.reduce(into: "") { shown, scalar in
      if kept.contains(scalar) || !isHidden(scalar) { shown.unicodeScalars.append(scalar) } else { shown += "<\(name(of: scalar))>" }
    }
  }

  public static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
