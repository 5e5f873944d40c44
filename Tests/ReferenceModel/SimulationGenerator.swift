/// Makes up the steps of a simulation: lives through them with the model alone, so that people mostly decide what there is to decide.
struct SimulationGenerator {
  var random: SplitMix64
  private(set) var settings: [DatedSettings] = []
  /// Facts that nobody knows yet, by the day on which they become known; facts of one day in the order in which they are learnt.
  var toCome: [(day: Int, fact: Fact)] = []
  var table = SimulationTable(settings: [])
  private(set) var steps: [SimulationStep] = []
  private let firstDay: Int
  private let lastDay: Int
  private let length: Int

  /// Most seeds live through a season, every sixteenth through a whole year, which costs a ledger 365 nights.
  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    firstDay = firstRandomDay + random.int(3...25)
    lastDay = firstDay + (seed % 16 == 0 ? 365 : random.int(40...100))
    length = random.int(40...56)
  }

  /// The last date that is closed, or the one before the first that will be.
  var today: Int { table.lastClosed ?? firstDay - 1 }

  mutating func generate() -> [SimulationStep] {
    chooseSettings()
    scheduleFacts(until: lastDay)
    while steps.count < length {
      switch random.int(1...100) {
      case _ where table.lastClosed == nil, 1...30: closeSomeDates()
      case 31...52:
        if let (correction, facts) = correction() { play(.learn(facts, correction)) }
      case 53...82:
        if table.model.ledger.items.isEmpty && random.chance(80) { closeSomeDates() } else { play(review()) }
      case 83...91: play(rerun())
      case 92...95: play(.importAgain)
      // The same few runs again and again, so that a report that changed is seen.
      default: play(.report(run: random.int(1...min(6, table.model.runCount + 1))))
      }
    }
    return steps
  }

  private mutating func play(_ step: SimulationStep) {
    steps.append(step)
    table.play(step)
  }

  /// Operating settings follow the run's date; these are the same all the time, so that no reading of it matters here.
  private mutating func chooseSettings() {
    let threshold = random.pick([200, 1000, 1000, 3000, 50_000])
    settings = [DatedSettings(effectiveFrom: (firstRandomDay - 400) * secondsPerDay, secondApprovalCents: threshold)]
    if random.chance(60) {
      settings.append(
        DatedSettings(
          effectiveFrom: (firstRandomDay + random.int(10...60)) * secondsPerDay, windowDays: random.pick([3, 7, 14]),
          outageOverHours: random.pick([12, 24, 48]), troubleshootingOverHours: random.pick([48, 72]), featureOverDays: random.pick([3, 7]),
          secondApprovalCents: threshold, faultOpenMaxDays: random.pick([3, 10, 30])))
    }
    table = SimulationTable(settings: settings)
  }

  // Nights.

  private mutating func closeSomeDates() {
    if table.lastClosed == nil || random.chance(85) { learnWhatIsDue() }
    let daysLeft = lastDay - today
    let closingsLeft = max(1, (length - steps.count) / 4)
    let average = daysLeft / closingsLeft
    if let lastClosed = table.lastClosed, random.chance(6) {
      play(.night(lastClosed - random.int(0...2)))
    } else if table.lastClosed == nil || average < 2 || random.chance(40) {
      play(.night(today + 1))
    } else {
      play(.missedNights(random.int(1...min(2 * average, daysLeft - 1))))
    }
  }

  /// Before a night comes what is known by then; what an import would refuse comes with a later one.
  private mutating func learnWhatIsDue() {
    let due = toCome.prefix { $0.day <= today + 1 }
    if due.isEmpty { return }
    var world = table.world
    let refused = Set(world.learn(due.map(\.fact)))
    toCome.removeFirst(due.count)
    toCome = due.filter { refused.contains($0.fact) } + toCome
    let facts = due.map(\.fact).filter { !refused.contains($0) }
    if !facts.isEmpty { play(.learn(facts, nil)) }
  }

  /// Mostly days that are closed, around days that items hold; also backwards, and beyond the last closed date.
  private mutating func rerun() -> SimulationStep {
    let held = table.model.ledger.items.flatMap(\.days.keys)
    let around = held.isEmpty || random.chance(30) ? today - random.int(0...30) : random.pick(held.sorted())
    let first = min(around, today) - random.pick([0, 0, 1, 5, 30])
    let last = max(first, min(today, around + random.pick([0, 0, 1, 3, 10, 400])))
    return switch random.int(0...9) {
    case 0: .rerun(from: last + 1, to: first)
    case 1: .rerun(from: first, to: today + random.int(1...9))
    default: .rerun(from: first, to: last)
    }
  }
}
