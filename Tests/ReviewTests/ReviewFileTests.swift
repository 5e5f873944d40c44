import RefundPolicy
import Testing

@testable import Review

@Suite struct `an edited queue` {
  private static let header = "item_id,order_id,amount_usd,decision,note"
  private static func rows(_ text: String) throws -> [String] {
    try ReviewFile(Array(text.utf8)).rows.map { row in
      [
        "\(row.line)", "\(row.item)", "\(row.amount)", row.decision.rawValue, row.note ?? "-", row.dayCount.map(String.init) ?? "-",
        row.address ?? "-",
      ]
      .joined(separator: " ")
    }
  }

  // swift-format-ignore
  static let accepted: [(String, String, [String])] = [
    ("as the report writes it",    "\(header)\nR000000017,O-1,12.50,approve,\n",                      ["2 R000000017 12.50 approve - - -"]),
    ("without a last line break",  "\(header)\nR000000017,O-1,12.50,approve,",                        ["2 R000000017 12.50 approve - - -"]),
    ("BOM and CRLF",               "\u{FEFF}\(header)\r\nR000000017,O-1,12.50,approve,\r\n",          ["2 R000000017 12.50 approve - - -"]),
    ("CR alone",                   "\(header)\rR000000017,O-1,12.50,hold,x\r",                        ["2 R000000017 12.50 hold x - -"]),
    ("all quoted",                 "\"item_id\",\"amount_usd\",\"decision\"\n\"R000000017\",\"12.50\",\"reject\"\n", ["2 R000000017 12.50 reject - - -"]),
    ("reordered",                  "decision,note,amount_usd,item_id\nrelease,ok,1,R000000017\n",     ["2 R000000017 1.00 release ok - -"]),
    ("semicolons, decimal comma",  "item_id;amount_usd;decision\nR000000017;1234,5;approve\n",        ["2 R000000017 1234.50 approve - - -"]),
    ("semicolons, decimal point",  "item_id;amount_usd;decision\nR000000017;1234.50;approve\n",       ["2 R000000017 1234.50 approve - - -"]),
    ("tabs",                       "item_id\tamount_usd\tdecision\nR000000017\t3\tapprove\n",         ["2 R000000017 3.00 approve - - -"]),
    ("Excel's sep line",           "sep=;\nitem_id;amount_usd;decision\nR000000017;3;approve\n",      ["3 R000000017 3.00 approve - - -"]),
    ("one decimal, many zeros",    "\(header)\nR000000001,,7.5,approve,\nR000000002,,7.5000,approve,", ["2 R000000001 7.50 approve - - -", "3 R000000002 7.50 approve - - -"]),
    ("no decision",                "\(header)\nR000000017,O-1,12.50,,\n\n,,,,\n",                     []),
    ("case and spaces",            " Item_ID , amount_usd,DECISION\n R000000017 , 12.50 , Approve \n", ["2 R000000017 12.50 approve - - -"]),
    ("a note over two lines",      "\(header)\nR000000017,,1,reject,\"a \"\"b\"\",\nc\"\nR000000018,,1,hold,", ["2 R000000017 1.00 reject a \"b\",\nc - -", "4 R000000018 1.00 hold - - -"]),
    ("a ' against formulas",       "\(header)\nR000000017,,1,reject,'=1+1\nR000000018,,1,reject,'tis", ["2 R000000017 1.00 reject =1+1 - -", "3 R000000018 1.00 reject 'tis - -"]),
    ("days and address",           "item_id,days,address,amount_usd,decision\nR000000017,3,abc,1,hold", ["2 R000000017 1.00 hold - 3 abc"]),
    ("twice the same",             "\(header)\nR000000017,,1,hold,\nR000000017,,1.0,hold,",           ["2 R000000017 1.00 hold - - -"]),
    ("short rows",                 "item_id,amount_usd,decision,note\nR000000017,1,hold",              ["2 R000000017 1.00 hold - - -"]),
  ]

  @Test(arguments: accepted) func `is read as it was meant`(name: String, text: String, expected: [String]) throws {
    #expect(try Self.rows(text) == expected)
    #expect(try ReviewFile(Array(text.utf8)).problems == [])
  }

  @Test func `may be UTF-16, as Excel's Unicode text is`() throws {
    let text = "item_id\tamount_usd\tdecision\tnote\nR000000017\t3\treject\tZoë"
    let units = Array(text.utf16)
    let little: [UInt8] = [0xFF, 0xFE] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let big: [UInt8] = [0xFE, 0xFF] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    for bytes in [little, big] { #expect(try ReviewFile(bytes).rows.map(\.note) == ["Zoë"]) }
  }

  static let money = "is no amount of dollars"
  // swift-format-ignore
  static let bad: [(String, String)] = [
    ("R000000017,,1.2.3,hold,",                  "2: amount_usd '1.2.3' \(money)"),
    ("R000000017,,\"1,234.50\",hold,",           "2: amount_usd '1,234.50' \(money)"),
    ("R000000017,,\"1,5\",hold,",                "2: amount_usd '1,5' \(money)"),
    ("R000000017,,1.005,hold,",                  "2: amount_usd '1.005' \(money)"),
    ("R000000017,,-1,hold,",                     "2: amount_usd '-1' \(money)"),
    ("R000000017,,$1,hold,",                     "2: amount_usd '$1' \(money)"),
    ("R000000017,,1E3,hold,",                    "2: amount_usd '1E3' \(money)"),
    ("R000000017,,9999999999999999,hold,",       "2: amount_usd '9999999999999999' \(money)"),
    ("R000000017,,,hold,",                       "2: amount_usd '' \(money)"),
    ("R17,,1,hold,",                             "2: item_id 'R17' is no item"),
    (",,1,hold,",                                "2: item_id '' is no item"),
    ("R000000017,,1,approved,",                  "2: decision 'approved' is none of the words there are"),
    ("R000000017,,1,hold,a\u{7}b",               "2: the note holds control characters"),
    ("R000000017,,1,hold,\nR000000017,,1,approve,", "3: R000000017 is decided otherwise in line 2"),
  ]

  @Test(arguments: bad) func `tells a bad row, and neither of two that contradict each other counts`(row: String, problem: String) throws {
    let file = try ReviewFile(Array("\(Self.header)\n\(row)\nR000000099,,1,hold,\n".utf8))
    #expect(file.problems.map { "\($0.line): \($0.what)" } == [problem])
    #expect(file.rows.map(\.item) == [ItemID(99)])
  }

  // swift-format-ignore
  static let unusable: [(String, [UInt8], String)] = [
    ("empty",               [],                                             "1: the file is empty"),
    ("blank",               Array("\n\n ,\n".utf8),                         "1: the file is empty"),
    ("no amounts",          Array("item_id,decision\n".utf8),               "1: column 'amount_usd' is missing"),
    ("twice the decision",  Array("item_id,amount_usd,decision,decision\n".utf8), "1: column 'decision' stands twice"),
    ("an open quote",       Array("item_id,amount_usd,decision\n\"R0".utf8), "2: a quote is never closed"),
    ("Windows-1252",        Array("item_id,amount_usd,decision,note\nx,1,hold,".utf8) + [0xE9], "2: the file is no UTF-8 text"),
    ("half a UTF-16 unit",  [0xFF, 0xFE, 0x41],                             "1: the file is no UTF-16 text"),
  ]

  @Test(arguments: unusable) func `is refused whole when nothing in it can be used`(name: String, bytes: [UInt8], what: String) throws {
    let error = #expect(throws: ReviewFileError.self) { try ReviewFile(bytes) }
    #expect(error.map { "\($0.line): \($0.what)" } == what)
  }

  @Test func `never stops the program, whatever the bytes`() {
    let page = Array("\u{FEFF}item_id;amount_usd;decision;note\r\n\"R000000017\";12,50;approve;\"a \"\"b\"\"\"\r\n".utf8)
    var state: UInt64 = 42
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(below))
    }
    var readable = 0
    for _ in 0..<2_000 {
      var bytes = page
      for _ in 0...random(6) {
        switch random(3) {
        case 0: bytes[random(bytes.count)] = UInt8(random(256))
        case 1: bytes.insert(UInt8(random(256)), at: random(bytes.count))
        default: bytes.remove(at: random(bytes.count))
        }
      }
      if (try? ReviewFile(bytes)) != nil { readable += 1 }
    }
    #expect(readable > 100 && readable < 2_000)
  }
}
