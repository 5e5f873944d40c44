/// Days, times and lengths as a letter to a customer writes them.
public enum PlainTimes {
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
  ]

  /// `12 November 2026`.
  public static func text(_ day: ServiceDay) -> String {
    let (year, month, date) = day.civil
    return "\(date) \(months[month - 1]) \(year)"
  }

  /// `12 November 2026, 09:30 UTC`; seconds stand there where they are not zero.
  public static func text(_ instant: Instant) -> String {
    let second = instant.seconds - instant.day.start.seconds
    let time = "\(two(second / 3600)):\(two(second / 60 % 60))" + (second % 60 == 0 ? "" : ":\(two(second % 60))")
    return "\(text(instant.day)), \(time) UTC"
  }

  /// `10 to 12 November 2026`, `30 November to 2 December 2026`; one day alone as itself.
  public static func text(_ days: DayRange) -> String {
    let (first, last) = (days.first.civil, days.last.civil)
    if days.dayCount == 1 { return text(days.first) }
    if first.year != last.year { return "\(text(days.first)) to \(text(days.last))" }
    let month = first.month == last.month ? "" : " \(months[first.month - 1])"
    return "\(first.day)\(month) to \(text(days.last))"
  }

  /// `26 hours 10 minutes`, `5 days 2 hours`: days from three on, as the policy counts shorter times in hours.
  public static func length(_ seconds: Int64) -> String {
    let days = seconds >= 3 * 86_400 ? seconds / 86_400 : 0
    let rest = seconds - days * 86_400
    let parts = [(days, "day"), (rest / 3600, "hour"), (rest / 60 % 60, "minute"), (rest % 60, "second")].filter { $0.0 > 0 }
    return parts.isEmpty ? "0 seconds" : parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: " ")
  }

  /// A sentence with the days and instants in it written for people: `2026-11-12T09:30:00Z` becomes `12 November 2026, 09:30 UTC`.
  ///
  /// What only begins or ends like one, in an id or in another word, stays as it is.
  public static func text(in sentence: String) -> String {
    let characters = Array(sentence)
    var (output, place) = ("", 0)
    while place < characters.count {
      let follows = place > 0 && isWord(characters[place - 1])
      if !follows, let (words, length) = time(at: place, in: characters) {
        output += words
        place += length
      } else {
        output.append(characters[place])
        place += 1
      }
    }
    return output
  }

  /// An instant, or else a day, that begins at a place; with its length.
  private static func time(at place: Int, in characters: [Character]) -> (words: String, length: Int)? {
    func piece(_ length: Int) -> String? {
      let end = place + length
      guard end <= characters.count, end == characters.count || !isWord(characters[end]) else { return nil }
      return String(characters[place..<end])
    }
    if let text = piece(20), let instant = instant(text) { return (self.text(instant), 20) }
    if let text = piece(10), let day = ServiceDay(text) { return (self.text(day), 10) }
    return nil
  }

  /// Reads what ``Instant/description`` writes.
  private static func instant(_ text: String) -> Instant? {
    let bytes = Array(text.utf8)
    guard bytes.count == 20, let day = ServiceDay(text.prefix(10)) else { return nil }
    func number(_ place: Int) -> Int64? {
      guard let digits = Int64(String(decoding: bytes[place..<place + 2], as: UTF8.self)), digits >= 0 else { return nil }
      return digits
    }
    guard let hour = number(11), let minute = number(14), let second = number(17), hour < 24, minute < 60, second < 60 else { return nil }
    let instant = day.start.advanced(bySeconds: 3600 * hour + 60 * minute + second)
    return instant.description == text ? instant : nil
  }

  private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || "-_:+".contains(character) }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
