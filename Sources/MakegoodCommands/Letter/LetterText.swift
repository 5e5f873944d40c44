import RefundPolicy

/// How a letter writes texts that come from outside.
enum LetterText {
  /// A text of facts, files or people without what nobody sees or what moves the text around it: control and bidirectional characters, and
  /// those without a width. Line breaks and tabs become spaces.
  static func clean(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: if scalar.properties.isWhitespace { output += " " }
      case .format, .privateUse, .surrogate, .unassigned: continue
      default: if !scalar.properties.isDefaultIgnorableCodePoint { output.unicodeScalars.append(scalar) }
      }
    }
    return output
  }

  /// One of our own sentences, with its times written for people.
  static func sentence(_ text: String) -> String { PlainTimes.text(in: clean(text)) }

  /// An address as it can be recognised, and not copied: its first and last six characters.
  static func masked(_ address: String) -> String {
    let address = clean(address)
    return address.count <= 12 ? address : "\(address.prefix(6))…\(address.suffix(6))"
  }
}
