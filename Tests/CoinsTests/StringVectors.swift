extension Vectors {
  /// Source: github:bitcoin/bips@7fe0b034ec967b52a5a28276419117326df93263 bip-0173.mediawiki; bip-0350.mediawiki
  static let bech32Strings = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "?1ezyfcl",
  ]
  static let notBech32 = [
    (" 1nwldj5", "HRP character out of range"),
    ("\u{7f}1axkwrx", "HRP character out of range"),
    ("\u{80}1eym55h", "HRP character out of range"),
    ("an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx", "overall max length exceeded"),
    ("pzry9x0s0muk", "No separator character"),
    ("1pzry9x0s0muk", "Empty HRP"),
    ("x1b4n0q5v", "Invalid data character"),
    ("li1dgmt3", "Too short checksum"),
    ("de1lg7wt\u{ff}", "Invalid character in checksum"),
    ("A1G7SGD8", "checksum calculated with uppercase form of HRP"),
    ("10a06t8", "empty HRP"),
    ("1qzzfhee", "empty HRP"),
  ]
  static let bech32mStrings = [
    "A1LQFN3A",
    "a1lqfn3a",
    "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
    "?1v759aa",
  ]
  static let notBech32m = [
    (" 1xj0phk", "HRP character out of range"),
    ("\u{7f}1g6xzxy", "HRP character out of range"),
    ("\u{80}1vctc34", "HRP character out of range"),
    ("an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4", "overall max length exceeded"),
    ("qyrz8wqd2c9m", "No separator character"),
    ("1qyrz8wqd2c9m", "Empty HRP"),
    ("y1b0jsk6g", "Invalid data character"),
    ("lt1igcx5c0", "Invalid data character"),
    ("in1muywd", "Too short checksum"),
    ("mm1crxm3i", "Invalid character in checksum"),
    ("au1s5cgom", "Invalid character in checksum"),
    ("M1VUXWEZ", "checksum calculated with uppercase form of HRP"),
    ("16plkw9", "empty HRP"),
    ("1p2gdwpf", "empty HRP"),
  ]
  /// The hash of the empty text is the published one; the others were computed by an independent program.
  static let keccak256 = [
    ("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    ("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "d385650ce8fdc6db7ee3a091d34814dbc4ce18219ffae52182efff4034d707e5"),
    (
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446"
    ),
    (
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "a6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e"
    ),
    (
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "d869f639c7046b4929fc92a4d988a8b22c55fbadb802c0c66ebcd484f1915f39"
    ),
  ]
  /// Source: github:monero-project/monero tests/unit_tests/base58.cpp
  static let moneroBlocks: [(text: String, tag: UInt64, hex: String)] = [
    ("PuT7GAdgbA819VwdWVDP", 1234605616436508552, "11"),
    ("PuT7GAdgbA81efAfdCjPg", 1234605616436508552, "2222"),
    ("PuT7GAdgbA83sryEt3YC8Q", 1234605616436508552, "333333"),
    ("PuT7GAdgbA83tWUuc54PFP3b", 1234605616436508552, "44444444"),
    ("PuT7GAdgbA83u9zaKrtRKZ1J6", 1234605616436508552, "5555555555"),
    ("PuT7GAdgbA83uoWF3eanGG1aRoG", 1234605616436508552, "666666666666"),
    ("PuT7GAdgbA83vT1umSHMYJ4oNVdu", 1234605616436508552, "77777777777777"),
    ("PuT7GAdgbA83w6XaVDyvpoGQBEWbB", 1234605616436508552, "8888888888888888"),
    ("PuT7GAdgbA83wk3FD1gW7J2KVGofA1r", 1234605616436508552, "999999999999999999"),
    ("15p2yAV", 0, ""),
    ("FNQ3D6A", 127, ""),
    ("26k9QWweu", 128, ""),
    ("3BzAD7n3y", 255, ""),
    ("11efCaY6UjG7JrxuB", 0, "11223344556677"),
    ("21rhHRT48LN4PriP9", 6, "11223344556677"),
  ]
  static let notMoneroBlocks = [
    "zuT7GAdgbA819VwdWVDP",
    "0uT7GAdgbA819VwdWVDP",
    "IuT7GAdgbA819VwdWVDP",
    "OuT7GAdgbA819VwdWVDP",
    "luT7GAdgbA819VwdWVDP",
    "PuT7GAdgbA819VwdWVD",
    "11efCaY6UjG7JrxuC",
    "jerj2e4mESo",
    "1",
    "1111",
    "11",
    "111",
    "11111",
    "111111",
    "999999",
    "ZZZZZZ",
  ]
}
