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
  /// It was found out.
  static let known = LineOutlook(rawValue: 16)

  /// Whether faults could qualify that it shares with others of its class and prefixes, and none of its own.
  var isOfShared: Bool { contains(.mayQualify) && !contains(.hasOwnRecords) }
}

/// What was found of classes of lines, and of those with prefixes, to be told again of the next line of them: asked for with every order.
final class LineOutlooks {
  private let faults: FaultIndex
  /// Nil where every order is affected.
  private let affected: AffectedOrders?
  private let own: OwnNumbers
  private var ofClasses: [LineOutlook] = []
  private var ofPrefixes: [PrefixedClass: LineOutlook] = [:]

  init(_ faults: FaultIndex, _ affected: AffectedOrders?) {
    (self.faults, self.affected) = (faults, affected)
    var own = faults.own
    affected?.indexes.forEach { own.formUnion($0.own) }
    self.own = own
  }

  func outlook(of classNumber: Int, line: UInt64) -> LineOutlook {
    // None of what has records of its very number is kept: it is told of that line alone.
    if own.has(line: line) { return find(classNumber, line) }
    let prefixes = own.prefixes(of: line)
    if prefixes.isEmpty {
      if classNumber < ofClasses.count, ofClasses[classNumber].contains(.known) { return ofClasses[classNumber] }
      let outlook = find(classNumber, line)
      while ofClasses.count <= classNumber { ofClasses.append([]) }
      ofClasses[classNumber] = outlook
      return outlook
    }
    let key = PrefixedClass(number: classNumber, prefixes: prefixes)
    if let outlook = ofPrefixes[key] { return outlook }
    let outlook = find(classNumber, line)
    ofPrefixes[key] = outlook
    return outlook
  }

  private func find(_ classNumber: Int, _ line: UInt64) -> LineOutlook {
    var outlook = faults.outlook(of: classNumber, line: line).union(.known)
    if affected?.isHit(line, classNumber: classNumber) ?? true { outlook.insert(.isAffected) }
    return outlook
  }
}
