import Facts
import Foundation
import Testing

@Suite struct `the CSV reader` {
  // swift-format-ignore
  static let table: [(String, String, [Record])] = [
    ("nothing",                        "",                          []),
    ("one field",                      "a",                         [.fields(["a"])]),
    ("a trailing comma",               "a,\n",                      [.fields(["a", ""])]),
    ("only commas",                    ",,\n",                      [.fields(["", "", ""])]),
    ("LF",                             "a,b\nc,d\n",                [.fields(["a", "b"]), .fields(["c", "d"])]),
    ("CRLF",                           "a,b\r\nc,d\r\n",            [.fields(["a", "b"]), .fields(["c", "d"])]),
    ("CR",                             "a,b\rc,d\r",                [.fields(["a", "b"]), .fields(["c", "d"])]),
    ("no last line break",             "a,b\nc,d",                  [.fields(["a", "b"]), .fields(["c", "d"])]),
    ("blank lines",                    "\n\na\r\n\r\n\rb\n\n",      [.fields(["a"]), .fields(["b"])]),
    ("a byte order mark",              "\u{FEFF}a,b\n",             [.fields(["a", "b"])]),
    ("a byte order mark in a field",   "a\u{FEFF},\u{FEFF}b\n",     [.fields(["a\u{FEFF}", "\u{FEFF}b"])]),
    ("spaces belong to fields",        " a , b \n",                 [.fields([" a ", " b "])]),
    ("quoted",                         "\"a\",\"b\"\n",             [.fields(["a", "b"])]),
    ("an empty quoted field",          "\"\",a\n\"\"\n",            [.fields(["", "a"]), .fields([""])]),
    ("commas and line breaks inside",  "\"a,b\",\"c\nd\r\ne\rf\"\n", [.fields(["a,b", "c\nd\r\ne\rf"])]),
    ("doubled quotes",                 "\"a \"\"b\"\" c\",\"\"\"\"\n", [.fields(["a \"b\" c", "\""])]),
    ("other alphabets",                "Zoë,日本,🙂\n",             [.fields(["Zoë", "日本", "🙂"])]),
    ("a quote inside a bare field",    "a\"b,c\nd\n",               [.bad(.bareQuote(field: 0)), .fields(["d"])]),
    ("text after a closing quote",     "x,\"a\"b\nd\n",             [.bad(.textAfterQuote(field: 1)), .fields(["d"])]),
    ("a quote that is never closed",   "a,\"b\nc,d\n",              [.bad(.unterminatedQuote(field: 1))]),
    ("NUL",                            "a,b\u{0}\nc\n",             [.bad(.nulByte(field: 1)), .fields(["c"])]),
  ]

  @Test(arguments: table) func `reads RFC 4180`(name: String, text: String, records: [Record]) {
    #expect(Record.all(in: Array(text.utf8)) == records)
  }

  // swift-format-ignore
  @Test(arguments: [
    ("a lone continuation",  [0x80]),             ("an overlong slash",   [0xC0, 0xAF]),      ("Latin-1",             [0xE9, 0x61]),
    ("half a character",     [0xE2, 0x82]),       ("a surrogate",         [0xED, 0xA0, 0x80]), ("beyond Unicode",     [0xF4, 0x90, 0x80, 0x80]),
    ("five bytes",           [0xF8, 0x88, 0x80, 0x80, 0x80]),
  ] as [(String, [UInt8])])
  func `never repairs broken UTF-8`(name: String, bytes: [UInt8]) {
    #expect(Record.all(in: Array("a,".utf8) + bytes + Array("\nb\n".utf8)) == [.bad(.brokenUTF8(field: 1)), .fields(["b"])])
  }

  @Test func `knows every character that there is`() {
    for value in stride(from: UInt32(0x80), through: 0x10FFFF, by: 7) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = String(Character(scalar))
      #expect(Record.all(in: Array("\(text)\n".utf8)) == [.fields([text])], "U+\(String(value, radix: 16))")
    }
  }

  @Test func `tells the line and the byte where a field begins`() {
    let bytes = Array("id,note\n1,\"a\nb\"\n2,é,x\"y\n".utf8)
    unsafe bytes.withUnsafeBufferPointer { buffer in
      let reader = unsafe CSVReader(buffer)
      var places: [String] = []
      while case let step = reader.next(), step != .end {
        let field = if case .bad(.bareQuote(let field)) = step { field } else { 1 }
        let place = reader.place(of: field)
        places.append("\(place.line):\(place.column)")
      }
      #expect(places == ["1:4", "2:4", "4:6"])
    }
  }

  @Test func `reads a field of a million bytes and a record of ten thousand fields`() {
    let long = String(repeating: "x\"\"", count: 300_000)
    #expect(Record.all(in: Array("\"\(long)\"\n".utf8)) == [.fields([long.replacing("\"\"", with: "\"")])])
    let wide = (0..<10_000).map(String.init)
    #expect(Record.all(in: Array(wide.joined(separator: ",").utf8)) == [.fields(wide)])
  }

  @Test func `ends on any bytes at all`() {
    var state: UInt64 = 7
    let alphabet: [UInt8] = Array("\",\r\na0 ".utf8) + [0, 0xC3, 0xA9, 0xFF, 0xEF, 0xBB, 0xBF]
    var seen = (good: 0, bad: 0)
    for _ in 0..<20_000 {
      var bytes: [UInt8] = []
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      for _ in 0..<(state >> 40) % 24 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.append(alphabet[Int((state >> 33) % UInt64(alphabet.count))])
      }
      for record in Record.all(in: bytes) {
        if case .bad = record { seen.bad += 1 } else { seen.good += 1 }
      }
    }
    #expect(seen.good > 1_000 && seen.bad > 1_000)
  }
}
