import Facts
import RefundPolicy

/// What is to be known of most lines, and no more.
struct LineOutlook: OptionSet {
  let rawValue: UInt8

  /// Records hit it.
  static let isHit = LineOutlook(rawValue: 1)
  /// A fault of those records could qualify, or there are records of its very number.
  static let mayQualify = LineOutlook(rawValue: 2)
  static let hasOwnRecords = LineOutlook(rawValue: 4)
  /// A shared fault of it may be decided otherwise than the last nightly did.
  static let isAffected = LineOutlook(rawValue: 8)
  /// All lines of the class have it that no record of a number or prefix hits.
  static let isOfClass = LineOutlook(rawValue: 16)
  /// All lines of the class have it that the same prefixes fit, and that no record of a number hits.
  static let isOfPrefixes = LineOutlook(rawValue: 32)
  /// A request of it may be told otherwise than before, whatever is refunded.
  static let isTold = LineOutlook(rawValue: 64)

  /// Whether faults could qualify that it shares with others of its class and prefixes, and none of its own.
  var isOfShared: Bool { contains(.mayQualify) && !contains(.hasOwnRecords) }

  /// Whether something may be the matter with an order of such a line, and otherwise than the last nightly decided.
  ///
  /// - Parameter hasRows: Whether items or requests of it may be known.
  func isOfInterest(_ order: OrderHead, hasRows: Bool) -> Bool {
    contains(.isAffected) && (hasRows || contains(.mayQualify) || order.isWithdrawn || order.hasTickets) || (hasRows && contains(.isTold))
  }

  /// Whether a look through blocks settles an order of such a line by its rows alone.
  func isSettledAlone(_ order: OrderHead) -> Bool { order.isOrdinary && isOfShared && isOfInterest(order, hasRows: false) }
}

/// What was found of classes of lines, and of those with prefixes, to be told again of the next line of them: asked for with every order.
struct LineOutlooks {
  let faults: FaultIndex
  /// See ``AffectedOrders``; nil where every order is affected.
  private let affecting: AffectedOrders.Affecting?
  private let own: OwnNumbers
  private var ofClasses: [LineOutlook] = []
  /// What shared records make of lines of those classes.
  private var faultsOfClasses: [FaultIndex.ClassFaults?] = []
  /// The latest found for each hash of a class and its prefixes, and where the one stands that was asked for last.
  private var ofPrefixes = [OfPrefixes](repeating: OfPrefixes(), count: 1 << slotBits)
  private var slot = 0

  private struct OfPrefixes {
    var classNumber = -1
    var span = -1
    var outlook = LineOutlook()
    var faults: FaultIndex.ClassFaults?
  }

  private static let slotBits = 12

  init(_ faults: FaultIndex, affecting: AffectedOrders.Affecting?) {
    (self.faults, self.affecting) = (faults, affecting)
    var own = faults.own
    for index in affecting?.all ?? [] { own.formUnion(index.own) }
    self.own = own
  }

  /// The same, for another thread: nothing found is shared.
  ///
  /// - Parameter classes: What tells that thread's classes apart.
  init(like other: LineOutlooks, classes: LineClasses) {
    func copy(_ index: FaultIndex) -> FaultIndex { FaultIndex(like: index, classes: classes) }
    self.init(copy(other.faults), affecting: other.affecting?.map(copy))
  }

  mutating func outlook(of classNumber: Int, line: UInt64) -> LineOutlook {
    // None of what has records of its very number is kept: it is told of that line alone.
    if own.has(line: line) { return find(classNumber, line) }
    switch own.fit(of: line) {
    case .none:
      if classNumber < ofClasses.count, ofClasses[classNumber].contains(.isOfClass) { return ofClasses[classNumber] }
      let outlook = find(classNumber, line).union(.isOfClass)
      while ofClasses.count <= classNumber {
        ofClasses.append([])
        faultsOfClasses.append(nil)
      }
      ofClasses[classNumber] = outlook
      faultsOfClasses[classNumber] = faults.faults(of: classNumber, line: line)
      return outlook
    case .span(let span):
      slot = Int((UInt64(classNumber) << 32 | UInt64(span)).spread >> UInt64(64 - LineOutlooks.slotBits))
      if ofPrefixes[slot].classNumber != classNumber || ofPrefixes[slot].span != span {
        ofPrefixes[slot] = OfPrefixes(
          classNumber: classNumber, span: span, outlook: find(classNumber, line).union(.isOfPrefixes),
          faults: faults.faults(of: classNumber, line: line))
      }
      return ofPrefixes[slot].outlook
    case .odd: return find(classNumber, line)
    }
  }

  /// The faults of a line whose outlook was asked for just now.
  func faults(of classNumber: Int, line: UInt64, _ outlook: LineOutlook) -> FaultIndex.ClassFaults {
    if outlook.contains(.isOfClass), let known = faultsOfClasses[classNumber] { return known }
    if outlook.contains(.isOfPrefixes), let known = ofPrefixes[slot].faults { return known }
    return faults.faults(of: classNumber, line: line)
  }

  private func find(_ classNumber: Int, _ line: UInt64) -> LineOutlook {
    var outlook = faults.outlook(of: classNumber, line: line)
    if isAffected(classNumber, line, outlook) { outlook.insert(.isAffected) }
    if let told = affecting?.told, told.outlook(of: classNumber, line: line).contains(.isHit) { outlook.insert(.isTold) }
    return outlook
  }

  /// Whether a record that was corrected hits a line, or one that came, grew, began or ended has a part in a fault of it that could qualify.
  private func isAffected(_ classNumber: Int, _ line: UInt64, _ outlook: LineOutlook) -> Bool {
    guard let affecting else { return true }
    if let changed = affecting.changed, changed.outlook(of: classNumber, line: line).contains(.isHit) { return true }
    // By such records a fault only becomes longer: one that cannot qualify now could not before, and nothing is owed for it or was.
    guard outlook.contains(.mayQualify), let grown = affecting.grown else { return false }
    if outlook.contains(.hasOwnRecords) { return grown.outlook(of: classNumber, line: line).contains(.isHit) }
    return faults.mayQualify(of: classNumber, line: line, by: grown.faults(of: classNumber, line: line).records)
  }
}
