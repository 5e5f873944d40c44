import Reports
import RefundPolicy
import Testing

@Suite struct `each file, byte for byte` {
  // swift-format-ignore
  static let expected: [(ReportFile, String)] = [
    (.refunds, """
      run,item_id,order_id,period_id,state,causes,clauses,first_day,last_day,days,amount_usd,change_usd,coin,network,flags,explanation
      41,R000000017,o-17,p-17,pending,outage+cancellation,P2+Q3,2026-11-02,2026-11-22,20,19.35,19.35,USDT,tron,fault_open+overdue,"19.35 USD is 20/31 days of 29.99 USD, because an outage of our own infrastructure lasted longer than the policy allows (P2) and the line was cancelled while such a fault was open (Q3)."
      41,R000000018,'=1+1,"'-""17""
      ,old",withdrawn,,,,,0,0.00,-0.05,USDT,tron,,"Nothing is owed any more for the days this refund was for (D2); it cannot be paid yet, because ""-x"" is no address."

      """),
    (.refundDays, """
      item_id,order_id,period_id,cause,evidence,first_day,last_day,days,amount_usd
      R000000017,o-17,p-17,outage,"outage:a,b+outage:c",2026-11-02,2026-11-03,2,1.94
      R000000017,o-17,p-17,cancellation,request:r-1,2026-11-05,2026-11-22,18,17.41

      """),
    (.queue, """
      item_id,order_id,period_id,state,opened_on,due_on,overdue,causes,evidence,first_day,last_day,days,amount_usd,coin,network,address,tag,flags,explanation,decision,note
      R000000017,o-17,p-17,pending,2026-11-22,2026-12-04,false,outage,outage:a,2026-11-02,2026-11-22,20,19.35,XMR,,,,no_address,"19.35 USD is 20/31 days of 29.99 USD, because an outage of our own infrastructure lasted longer than the policy allows (P2).",,
      R1234567890,Zoë ✓,p-17,held,2026-11-22,2026-11-20,true,outage,outage:a,2026-11-02,2026-11-22,20,19.35,XMR,,'-x,0,invalid_address+night_limit+overdue,"19.35 USD is 20/31 days of 29.99 USD, because an outage of our own infrastructure lasted longer than the policy allows (P2).",,

      """),
    (.requestDecisions, """
      request_id,order_id,requested_at,decision,clause,item_ids,explanation
      r-1,o-17,2026-11-06T14:05:06Z,partly_granted,Q3,R000000017+R000000018,'@home
      r-2,,2026-11-06T00:00:00Z,unmatched,Q1,,"'\rno order has it"

      """),
    (.exceptions, """
      kind,order_id,period_id,subject,amount_usd,explanation
      overpaid,o-3,p-3,p-3,0.01,'\tpaid <b>0.01</b> & too much
      unmatched_request,,,r-2,,'+1 555 is nobody's

      """),
    (.unpaid, """
      item_id,order_id,period_id,state,approved_on,approved_by,due_on,overdue,amount_usd,coin,network,address,tag,flags,reason
      R000000021,o-21,p-21,approved,2026-11-21,policy,2026-12-04,false,10.00,XMR,,,,,It is in no batch yet; the next 'payout prepare' looks at it.
      R000000022,o-21,p-21,sent,2026-11-21,Ann Lee+=Bob,2026-11-22,true,10.00,USDT,tron,'+x,,no_address+overdue,Sent on 2026-11-22 from batch B000001 with abc; it waits for 10 blocks.

      """),
    (.summary, """
      line,count,amount_usd
      opening_pending,2,19.40
      opened,1,19.35
      increased,0,0.00
      reduced,0,0.00
      withdrawn,1,0.05
      approved,0,0.00
      rejected,0,0.00
      reopened,0,0.00
      closing_pending,2,38.70
      opening_unpaid,3,25.00
      approved,0,0.00
      reopened,0,0.00
      paid,1,5.00
      closing_unpaid,2,20.00
      unpaid:approved,1,10.00
      unpaid:prepared,0,0.00
      unpaid:sent,1,10.00
      paid_to_date,7,70.00
      orders_decided,1000,
      cause:outage,-1,-0.05
      cause:cancellation,18,19.35
      later,1,0.00

      """),
  ]

  @Test(arguments: expected) func `holds exactly these bytes`(file: ReportFile, text: String) throws {
    let scratch = try Scratch()
    var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    try Sample.write(&folder)
    _ = try folder.publish()
    let written = try Array(scratch.bytes("2026-11-22/" + file.fileName))
    #expect(written == Array(text.utf8), "\(String(decoding: written, as: UTF8.self))")
  }

  @Test func `of a quiet night are headers alone`() throws {
    let scratch = try Scratch()
    let folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    let published = try folder.publish()
    for file in ReportFile.nightly { #expect(try scratch.text("2026-11-22/" + file.fileName) == file.header + "\n") }
    #expect(published.files.allSatisfy { $0.rows == 0 })
  }

  @Test func `survives amounts and numbers at the edges`() throws {
    let scratch = try Scratch()
    var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    for amount in [Int64.max, -Int64.max, 0, 9, 10, 99, 100, -1, -100] {
      var row = try Sample.refund(.max)
      (row.item.amount, row.change) = (.zero, Cents(amount))
      try folder.write(row)
    }
    _ = try folder.publish()
    let changes = try scratch.text("2026-11-22/refunds.csv").split(separator: "\n").dropFirst().map { $0.split(separator: ",")[11] }
    #expect(
      changes == ["92233720368547758.07", "-92233720368547758.07", "0.00", "0.09", "0.10", "0.99", "1.00", "-0.01", "-1.00"])
  }

  @Test func `survives numbers of every length`() throws {
    let scratch = try Scratch()
    var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    var numbers: [Int64] = [0, 1]
    for _ in 1...18 { numbers += [numbers[numbers.count - 1] * 10 - 1, numbers[numbers.count - 1] * 10] }
    for number in numbers { try folder.write(SummaryRow(.opened, count: Int(number), amount: nil)) }
    _ = try folder.publish()
    let written = try scratch.text("2026-11-22/summary.csv").split(separator: "\n").dropFirst().map { $0.split(separator: ",")[1] }
    #expect(written == numbers.map { "\($0)" })
  }

  @Test func `quotes a text wherever in it the reason lies`() throws {
    let scratch = try Scratch()
    var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    var expected = ReportFile.summary.header + "\n"
    for special in [",", "\"", "\n", "\r", "-", "x", "\u{80}", "¢"] {
      for length in 0...17 {
        for place in 0...length {
          let text = String(repeating: "a", count: place) + special + String(repeating: "¬", count: length - place)
          try folder.write(SummaryRow(.other(text), count: 1, amount: nil))
          let guarded = (special == "\r" || special == "-") && place == 0 ? "'" + text : text
          let quoted = "\"" + guarded.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
          expected += ([",", "\"", "\n", "\r"].contains(special) ? quoted : guarded) + ",1,\n"
        }
      }
    }
    _ = try folder.publish()
    #expect(try Array(scratch.bytes("2026-11-22/summary.csv")) == Array(expected.utf8))
  }

  @Test func `tells every day there may be`() throws {
    let scratch = try Scratch()
    var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    let first = try Sample.day("1900-01-01")
    let days = stride(from: 0, through: first.distance(to: try Sample.day("2199-12-31")), by: 1).map { first.advanced(by: $0) }
    var refund = try Sample.refund(1)
    for day in days {
      let range = try #require(DayRange(day, upTo: day.advanced(by: 130)))
      refund.days = [ReportedDays(days: range, cause: .outage, evidence: "", amount: .zero)]
      try folder.write(refund)
    }
    _ = try folder.publish()
    let written = try scratch.text("2026-11-22/refund_days.csv").split(separator: "\n").dropFirst()
    #expect(written.map { $0.split(separator: ",", omittingEmptySubsequences: false)[5] } == days.map { "\($0)" })
    #expect(written.map { $0.split(separator: ",", omittingEmptySubsequences: false)[6] } == days.map { "\($0.advanced(by: 129))" })
  }

  @Test func `larger than the buffer, with a row larger than the buffer, arrives whole`() throws {
    let scratch = try Scratch()
    var folder = try ReportFolder(Sample.nightly(), in: scratch.path)
    let long = String(repeating: "ø,", count: 200_000)
    for number in 1...5000 {
      var row = try Sample.refund(Int64(number), amount: Int64(number))
      if number == 2500 { row.item.network = long }
      try folder.write(row)
    }
    let published = try folder.publish()
    let lines = try scratch.text("2026-11-22/refunds.csv").split(separator: "\n")
    #expect(lines.count == 5001)
    #expect(lines[2500].contains(",USDT,\"\(long)\",fault_open+overdue,"))
    #expect(lines[5000].hasPrefix("41,R000005000,"))
    #expect(published.files.first { $0.name == "refunds.csv" }?.rows == 5000)
  }
}

@Suite struct `an item id` {
  @Test func `is R and at least nine digits, and reads back`() throws {
    for (number, text) in [(Int64(1), "R000000001"), (17, "R000000017"), (999_999_999, "R999999999"), (1_000_000_000, "R1000000000")] {
      #expect("\(try Sample.item(number))" == text)
      #expect(ItemID(text) == ItemID(number))
    }
    #expect(ItemID("R9223372036854775807") == ItemID(Int64.max))
  }

  @Test(arguments: [
    "", "R", "R17", "r000000017", "R0000000017", "R000000000", " R000000017", "R00000001x", "R9223372036854775808", "R+00000017",
  ])
  func `refuses what is none`(text: String) { #expect(ItemID(text) == nil) }
}

@Suite struct `words` {
  @Test func `of flags and kinds of exceptions are sorted`() {
    #expect(ItemFlag.allCases.map(\.rawValue) == ItemFlag.allCases.map(\.rawValue).sorted())
    #expect(ExceptionKind.allCases.map(\.rawValue) == ExceptionKind.allCases.map(\.rawValue).sorted())
  }

  @Test func `of sets come back as they went in`() {
    for flag in ItemFlag.allCases { #expect(FlagSet(flag).flags == [flag]) }
    for cause in Cause.allCases { #expect(CauseSet(cause).causes == [cause]) }
    #expect(FlagSet(ItemFlag.allCases).flags == ItemFlag.allCases)
    #expect(CauseSet([.unused, .withdrawal, .unused]).causes == [.withdrawal, .unused])
  }
}
