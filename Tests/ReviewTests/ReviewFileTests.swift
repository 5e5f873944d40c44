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
    ("a sep line with more separators", "\"SEP=;\";;\nitem_id;amount_usd;decision\nR000000017;3;hold\n", ["3 R000000017 3.00 hold - - -"]),
    ("a blank line before",        "\nitem_id;amount_usd;decision\nR000000017;3;hold\n",              ["3 R000000017 3.00 hold - - -"]),
    ("commas in a name",           "\"a,b,c,d\";item_id;amount_usd;decision\n;R000000017;3;hold\n",   ["2 R000000017 3.00 hold - - -"]),
    ("trailing separators",        "item_id,amount_usd,decision,,\nR000000017,3,hold,,,,\n",          ["2 R000000017 3.00 hold - - -"]),
    ("the note of the second",     "\(header)\nR000000017,,1,reject,\nR000000017,,1,reject,why",      ["2 R000000017 1.00 reject why - -"]),
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
    ("R000000017,,1,reject,fraud, see ticket",   "2: the row has more fields than the header"),
    ("R000000017,,1,\u{1B}[2J,",                 "2: decision '\u{FFFD}[2j' is none of the words there are"),
    ("R000000017,,\(String(repeating: "x", count: 41)),hold,", "2: amount_usd '\(String(repeating: "x", count: 40))…' \(money)"),
  ]

  @Test(arguments: bad) func `tells a bad row, and the others count`(row: String, problem: String) throws {
    let file = try ReviewFile(Array("\(Self.header)\n\(row)\nR000000099,,1,hold,\n".utf8))
    #expect(file.problems.map { "\($0.line): \($0.what)" } == [problem])
    #expect(file.rows.map(\.item) == [ItemID(99)])
  }

  // swift-format-ignore
  static let contradictions: [(String, [String])] = [
    ("R000000017,,1,hold,\nR000000017,,1,approve,",
     ["2: R000000017 is decided otherwise in line 3", "3: R000000017 is decided otherwise in line 2"]),
    ("R000000017,,1,hold,\nR000000017,,2,hold,",
     ["2: R000000017 is decided otherwise in line 3", "3: R000000017 is decided otherwise in line 2"]),
    ("R000000017,,1,hold,\nR000000017,,1,hold,\nR000000017,,1,reject,x",
     ["2: R000000017 is decided otherwise in line 4", "3: R000000017 is decided otherwise in line 4", "4: R000000017 is decided otherwise in line 2"]),
    ("R000000017,,1,approve,\nR000000017,,$1,reject,x",
     ["2: R000000017 stands also in line 3, which cannot be read", "3: amount_usd '$1' \(money)"]),
    ("R000000017,,1,rejct,\nR000000017,,1,approve,",
     ["2: decision 'rejct' is none of the words there are", "3: R000000017 stands also in line 2, which cannot be read"]),
  ]

  @Test(arguments: contradictions) func `applies no row of an item whose rows disagree, and tells each`(rows: String, problems: [String]) throws {
    let file = try ReviewFile(Array("\(Self.header)\n\(rows)\nR000000099,,1,hold,\n".utf8))
    #expect(file.problems.map { "\($0.line): \($0.what)" } == problems)
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
    ("after valid UTF-8",   Array("item_id,amount_usd,decision\r\nZoë,,\r\n".utf8) + [0xE9], "3: the file is no UTF-8 text"),
    ("lines that CR ends",  Array("item_id,amount_usd,decision\r".utf8) + [0xE9], "2: the file is no UTF-8 text"),
    ("UTF-16 without BOM",  "item_id\tamount_usd".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, "1: the file is no UTF-8 text"),
    ("half a UTF-16 unit",  [0xFF, 0xFE, 0x41],                             "1: the file is no UTF-16 text"),
  ]

  @Test(arguments: unusable) func `is refused whole when nothing in it can be used`(name: String, bytes: [UInt8], what: String) throws {
    let error = #expect(throws: ReviewFileError.self) { try ReviewFile(bytes) }
    #expect(error.map { "\($0.line): \($0.what)" } == what)
  }

  @Test func `reads the same from every form that spreadsheets save`() throws {
    // swift-format-ignore
    let queue = [
      ["item_id", "order_id", "amount_usd", "address", "explanation", "decision", "note"],
      ["R000000001", "O-1", "1234.50", "'-x", "11.00 USD is 11/30 days of 30.00 USD, because \"it\" became unavailable (P1).", "approve", ""],
      ["R000000002", "Zoë", "29.99", "", "a; b\tc", "reject", "over\ntwo lines, \"quoted\"; and more"],
      ["R000000003", "O-3", "7.00", "", "", "", ""],
    ]
    let expected = ["R000000001 1234.50 approve - -x", "R000000002 29.99 reject over\ntwo lines, \"quoted\"; and more "]
    let orders = [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [5, 0, 6, 3, 2, 4, 1]]
    for separator in [",", ";", "\t"] {
      for lineBreak in ["\n", "\r\n", "\r"] {
        for order in orders {
          for amounts in separator == "," ? [0, 1] : [0, 1, 2] {
            let lines = queue.map { fields in
              order.map { column in
                var field = fields[column]
                if column == 2, amounts > 0, field.hasSuffix("0") { field.removeLast() }
                if column == 2, amounts == 2 { field = String(field.map { $0 == "." ? "," : $0 }) }
                return "\"\(field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
              }
              .joined(separator: separator)
            }
            let text = lines.joined(separator: lineBreak) + lineBreak
            let wide: [UInt8] = [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
            for bytes in [Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8), wide, Array("sep=\(separator)\r\n\(text)".utf8)] {
              let file = try ReviewFile(bytes)
              #expect(file.problems == [])
              #expect(file.rows.map { "\($0.item) \($0.amount) \($0.decision) \($0.note ?? "-") \($0.address ?? "-")" } == expected)
            }
          }
        }
      }
    }
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
      guard let file = try? ReviewFile(bytes) else { continue }
      readable += 1
      #expect(Set(file.rows.map(\.item)).count == file.rows.count)
    }
    #expect(readable > 100 && readable < 2_000)
  }
}
