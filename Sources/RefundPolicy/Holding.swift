/// What a run makes of an undecided item's state: pending, held by a guard (G2, G4, G5), or held by a person.
public struct Holding: Hashable, Sendable {
  /// `pending` or `held`; an automatic item that is pending is approved by the policy itself.
  public let state: ItemState
  /// The guards that hold it, those of ``FlagSet/guards``; empty where none does, or a person.
  public let guards: FlagSet

  /// - Parameters:
  ///   - former: The item's state before the run; nil where the run opens it.
  ///   - formerFlags: Its flags before the run.
  ///   - waits: What the policy's own approval has to wait for, of ``FlagSet/usageMissing`` and ``FlagSet/endTakenBack``; nothing where the item is not
  ///     automatic.
  public init(former: ItemState?, formerFlags: FlagSet, waits: FlagSet) {
    let isHeld = former == .held
    let formerGuards = isHeld ? formerFlags.intersection(.guards) : []
    // W4 What a person holds stays held; what the night's limit holds waits for a person too (G2).
    if isHeld && formerGuards.isEmpty {
      (state, guards) = (.held, [])
    } else {
      guards = waits.union(formerGuards.intersection(.nightLimit))
      state = guards.isEmpty ? .pending : .held
    }
  }
}
