import Facts
import Ledger
import ReferenceModel
import RefundPolicy
import Storage
import Testing

@testable import Night

/// Where a night looks when a record comes: at every order, at some that are named, or at none. What it decides there is tried elsewhere.
@Suite struct `where a night looks` {
  private static let day = dayOrdinal(2026, 10, 30)
  private static let hour = 3_600
  private static let noon = day * 86_400 + 12 * hour

  /// Five orders, of which two are in another region; two had the same line.
  private static let quiet: World = {
    var world = World()
    for (number, line, region) in [(1, 1, "eu"), (2, 2, "eu"), (3, 3, "us"), (4, 4, "us"), (5, 2, "eu")] {
      world.orders.append(
        Order(
          id: "o-\(number)", line: "+120255501\(line)", region: region, provisionedAt: (day - 20) * 86_400, activatedAt: (day - 20) * 86_400))
      world.periods.append(
        Period(id: "p-\(number)", orderID: "o-\(number)", startsOn: day - 20, endsOn: day + 10, paidCents: 3_000, paidAt: (day - 20) * 86_400))
    }
    return world
  }()

  private struct Looks: Equatable {
    var isScan: Bool
    var named: [String]
  }

  /// Where the night of the next day looks, once the records have come.
  private static func looks(at outages: [Outage], known: [Outage] = [], ordersPerLine: Int64 = 1) throws -> Looks {
    var world = quiet
    world.outages = known
    return try looks(after: world, ordersPerLine: ordersPerLine) { $0.outages += outages }
  }

  /// - Parameter change: What comes when a day is closed; nothing may.
  private static func looks(after world: World, ordersPerLine: Int64 = 1, _ change: (inout World) -> Void = { _ in }) throws -> Looks {
    let product = try Product()
    try product.take(world)
    try product.close(day)
    var world = world
    change(&world)
    try product.take(world)
    return try product.store.transaction { connection in
      let settings = try connection.settings()
      let (date, classes) = (ServiceDay(ordinal: Int32(day + 1)), LineClasses())
      let faults = try FaultIndex(connection, before: date.end, settings: settings, classes: classes)
      var scale = Night.Scale()
      scale.ordersPerLine = ordersPerLine
      let search = try #require(
        try AffectedSearch(product.store, connection, settings, closing: date, faults: faults, classes: classes, scale))
      let affected = try search.find(RequestMatching(connection, asOf: date.end)) { _, _, _ in }
      var named: [String] = []
      let rows = try connection.prepare("SELECT order_id FROM affected_orders ORDER BY order_id")
      while try rows.step() { named.append(rows.text(0)) }
      return (.rollback, Looks(isScan: affected.isScan, named: named))
    }
  }

  private static func outage(_ scope: ReferenceModel.Scope, hours: Int, seconds: Int = 0, id: String = "a", from start: Int = noon) -> Outage {
    Outage(id: id, scope: scope, startedAt: start, endedAt: start + hours * hour + seconds)
  }

  @Test func `at the orders of a line that was out for more than 24 hours, whoever has it`() throws {
    #expect(try Self.looks(at: [Self.outage(.line("+1202555012"), hours: 24, seconds: 1)]) == Looks(isScan: false, named: ["o-2", "o-5"]))
    #expect(try Self.looks(at: [Self.outage(.line("+1202555012"), hours: 24)]) == Looks(isScan: false, named: []))
    #expect(try Self.looks(at: [Self.outage(.line("+1202555019"), hours: 25)]) == Looks(isScan: false, named: []))
  }

  @Test func `at every order where lines are too many for the orders there are`() throws {
    let lines = [1, 3, 4].map { Self.outage(.line("+120255501\($0)"), hours: 25, id: "a-\($0)") }
    #expect(try Self.looks(at: lines, ordersPerLine: 1) == Looks(isScan: false, named: ["o-1", "o-3", "o-4"]))
    #expect(try Self.looks(at: lines, ordersPerLine: 2) == Looks(isScan: true, named: []))
  }

  @Test func `at every order for a region that was out for more than 24 hours, and at none for less`() throws {
    #expect(try Self.looks(at: [Self.outage(.region("eu"), hours: 24, seconds: 1)]).isScan)
    #expect(try Self.looks(at: [Self.outage(.region("eu"), hours: 24)]) == Looks(isScan: false, named: []))
  }

  @Test func `at the lines whose own outage goes on from that of many, and at no others`() throws {
    // Twelve hours of the region, and lines that were out before, until it began or until a second earlier.
    let region = Self.outage(.region("eu"), hours: 12)
    let before = [
      Self.outage(.line("+1202555011"), hours: 13, id: "b-1", from: Self.noon - 13 * Self.hour),
      Self.outage(.line("+1202555012"), hours: 13, id: "b-2", from: Self.noon - 13 * Self.hour - 1),
    ]
    #expect(try Self.looks(at: [region], known: before) == Looks(isScan: false, named: ["o-1"]))
    #expect(try Self.looks(at: [region], known: Array(before.dropFirst())) == Looks(isScan: false, named: []))
  }

  /// What the orders' requests were told by the night of the day, and what they were told otherwise by that of the next one, once outages had come.
  private static func told(after outages: [Outage], known: [Outage] = []) throws -> (before: [String], otherwise: [String]) {
    let product = try Product()
    var world = quiet
    world.outages = known
    for number in [1, 3, 5] {
      world.requests.append(Request(id: "r-\(number)", orderID: "o-\(number)", requestedAt: noon + 3 * hour))
    }
    try product.take(world)
    try product.close(day)
    world.outages = known + outages
    try product.take(world)
    let run = try #require(try product.close(day + 1).last)
    return try product.store.read { connection in
      func told(_ condition: String) throws -> [String] {
        let rows = try connection.prepare(
          "SELECT request_id || ' ' || decision FROM request_decisions WHERE run_id \(condition) ?1 ORDER BY request_id")
        try rows.bind(1, run.id.number)
        var told: [String] = []
        while try rows.step() { told.append(rows.text(0)) }
        return told
      }
      return (try told("<"), try told("="))
    }
  }

  @Test func `at the requests that a record's time touches, and at every order only at those of lines that it hits`() throws {
    let long = Self.outage(.region("us"), hours: 25, id: "long", from: Self.noon - 10 * 86_400)
    for others in [[], [long]] {
      let (before, otherwise) = try Self.told(after: [Self.outage(.region("eu"), hours: 22)] + others)
      #expect(before == ["r-1 denied", "r-3 denied", "r-5 denied"])
      #expect(otherwise == ["r-1 denied", "r-5 denied"])
    }
    #expect(try Self.told(after: [long]).otherwise == [])
  }

  @Test func `at the requests made during a fault that a record makes longer, before that ran`() throws {
    let first = Self.outage(.region("eu"), hours: 5, id: "first")
    let second = Self.outage(.region("eu"), hours: 5, id: "second", from: Self.noon + 5 * Self.hour)
    let long = Self.outage(.region("us"), hours: 25, id: "long", from: Self.noon - 10 * 86_400)
    for others in [[], [long]] {
      #expect(try Self.told(after: [second] + others, known: [first]).otherwise == ["r-1 denied", "r-5 denied"])
    }
  }

  /// What is known ahead, as in a run over many nights: whether it brings an order up again that had items, on the day on which it takes effect.
  private static func comesUp(_ change: (inout World) -> Void) throws -> Bool {
    var world = quiet
    change(&world)
    return try looks(after: world).named == ["o-1"]
  }

  /// An outage of the first order's line that is over, and a withdrawal that is not.
  private static func outage(_ world: inout World) { world.outages = [outage(.line("+1202555011"), hours: 25, from: noon - 2 * 86_400)] }
  private static func withdrawal(_ world: inout World) {
    world.withdrawals = [Withdrawal(id: "w", scope: .line("+1202555011"), effectiveAt: noon - 2 * 86_400)]
  }

  @Test func `at an order again on a day of use that is known ahead, where that may count`() throws {
    let used = Usage(orderID: "o-1", day: Self.day + 1, calls: 1)
    let verified = Usage(orderID: "o-1", day: Self.day + 1, verifications: 1)
    func comesUp(_ use: Usage..., after fault: (inout World) -> Void) throws -> Bool {
      try Self.comesUp {
        fault(&$0)
        $0.usage = use
      }
    }
    // N2 Days of an outage that is over are used or not; those of a withdrawal go on.
    #expect(try !comesUp(used, after: Self.outage))
    #expect(try comesUp(used, after: Self.withdrawal))
    // N3 The first verification is told with the item, and no other.
    #expect(try comesUp(verified, after: Self.outage))
    #expect(try !comesUp(Usage(orderID: "o-1", day: Self.day - 5, verifications: 1), verified, after: Self.outage))
    // W1 Any use may decide a request otherwise.
    #expect(
      try comesUp(used) { world in
        Self.outage(&world)
        world.requests = [Request(id: "r", orderID: "o-1", requestedAt: Self.noon)]
      })
  }

  @Test func `at an order again when it ends, where that may count`() throws {
    func comesUp(_ reason: Order.EndReason, after fault: (inout World) -> Void) throws -> Bool {
      try Self.comesUp {
        fault(&$0)
        ($0.orders[0].endedAt, $0.orders[0].endReason) = (Self.noon + 86_400, reason)
      }
    }
    // P5 Days behind the end are none of the service; those of the outage lie before it.
    #expect(try !comesUp(.expired, after: Self.outage))
    #expect(try comesUp(.expired, after: Self.withdrawal))
    // N5 takes all of them, and P1 is for a person.
    #expect(try comesUp(.aup, after: Self.outage))
    #expect(try comesUp(.withdrawn, after: Self.outage))
  }

  @Test func `at an order again when its ticket has been open for more than 72 hours, and every day from then on`() throws {
    // Midnight that ends the day after the one that was closed.
    let cut = (Self.day + 2) * 86_400
    func comesUp(_ tickets: (opened: Int, restored: Int?)..., hasRequest: Bool = false) throws -> Bool {
      try Self.comesUp { world in
        world.restorations = tickets.enumerated().map { index, ticket in
          Restoration(id: "t-\(index)", orderID: "o-1", openedAt: ticket.opened, restoredAt: ticket.restored)
        }
        if hasRequest { world.requests = [Request(id: "r", orderID: "o-1", requestedAt: Self.noon)] }
      }
    }
    let limit = 72 * Self.hour
    // P3 Exactly 72 hours are not more.
    #expect(try !comesUp((cut - limit, nil)))
    #expect(try comesUp((cut - limit - 1, nil)))
    #expect(try comesUp((cut - 30 * 86_400, nil)))
    // It ends on that day, or on a later one.
    #expect(try comesUp((cut - limit - 3 * Self.hour, cut - 2 * Self.hour)))
    #expect(try comesUp((cut - limit - 1, cut + Self.hour)))
    #expect(try !comesUp((cut - limit, cut + Self.hour)))
    // Two that touch are one fault from the first one's beginning on; with a second between them they are two.
    #expect(try comesUp((cut - limit - 1, cut - limit + 5 * Self.hour), (cut - limit + 5 * Self.hour, nil)))
    #expect(try !comesUp((cut - limit - 1, cut - limit + 5 * Self.hour), (cut - limit + 5 * Self.hour + 1, nil)))
    // One that is opened on that day is looked at, whether it goes on from another or not.
    #expect(try comesUp((cut - 5 * Self.hour, nil)))
    // Q3 A request is told how long the fault lasted.
    #expect(try comesUp((cut - limit, nil), hasRequest: true))
  }

  @Test func `at an order again when it is activated or paid for, where that may count`() throws {
    func activated(provisioned day: Int, after fault: (inout World) -> Void) throws -> Bool {
      try Self.comesUp {
        fault(&$0)
        ($0.orders[0].provisionedAt, $0.orders[0].activatedAt) = (day * 86_400, Self.noon + 86_400)
      }
    }
    // P5 Until then it was in service from its provisioning on, and is no more.
    #expect(try activated(provisioned: Self.day - 20, after: Self.outage))
    #expect(try !activated(provisioned: Self.day, after: Self.outage))
    func paid(_ first: Int, after fault: (inout World) -> Void) throws -> Bool {
      try Self.comesUp {
        fault(&$0)
        $0.periods[0].endsOn = first
        $0.periods.append(
          Period(id: "p-1b", orderID: "o-1", startsOn: first, endsOn: first + 30, paidCents: 3_000, paidAt: Self.noon + 86_400))
      }
    }
    // A period that is known late may hold days of the outage; one that begins behind them cannot.
    #expect(try paid(Self.day - 1, after: Self.outage))
    #expect(try !paid(Self.day, after: Self.outage))
    #expect(try paid(Self.day, after: Self.withdrawal))
  }
}
