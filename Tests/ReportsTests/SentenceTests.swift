import RefundPolicy
import Testing

@testable import Reports

/// Sentences are written straight into a file where that is known to be right; any other text is looked through.
@Suite struct `a sentence in a file` {
  private static func field(_ write: (inout RowText) -> Void) -> String {
    var text = RowText()
    write(&text)
    return unsafe String(decoding: text.bytes, as: UTF8.self)
  }

  @Test(arguments: [nil, "it is closed", "\"x\" is no address", "a,b"]) func `is written as any other text would be`(obstacle: String?) {
    for causes in CauseSet.allSets {
      for (dayCount, isCorrected, amount) in [(20, false, 19_35), (20, true, 0), (1, false, -5), (0, false, 0)] as [(Int, Bool, Int64)] {
        let explanation = RefundExplanation(
          amount: Cents(amount), dayCount: dayCount, periodDays: 31, base: Cents(29_99), causes: causes, isCorrected: isCorrected,
          obstacle: obstacle)
        #expect(Self.field { $0.field(explanation) } == Self.field { $0.field(explanation.description) })
      }
    }
  }
}
