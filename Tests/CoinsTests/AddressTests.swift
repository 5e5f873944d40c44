import Coins
import Testing

/// A published address, and what must become of it.
struct Vector: Sendable, CustomTestStringConvertible {
  enum Outcome: Hashable, Sendable {
    case pays
    /// A form in which a typing error cannot be found.
    case paysUnchecked
    case paysIntegrated
    /// The address says its tag, or that there is none.
    case paysWithTag(UInt64?)
    case wrongNetwork, malformed, ambiguous, privateKey, tokenContract, zeroAddress, offCurve
    /// For whatever reason.
    case refused
  }

  let address: String
  let outcome: Outcome
  let what: String

  init(_ address: String, _ outcome: Outcome, _ what: String) { (self.address, self.outcome, self.what) = (address, outcome, what) }

  var testDescription: String { "\(what): \(address)" }
}

enum Vectors {
  static let all: [(AddressFamily, [Vector])] = [
    (.bitcoin, bitcoin), (.litecoin, litecoin), (.dogecoin, dogecoin), (.bitcoinCash, bitcoinCash), (.ethereum, ethereum), (.tron, tron),
    (.solana, solana), (.monero, monero), (.xrp, xrp), (.stellar, stellar),
  ]
}

extension AddressFamily {
  fileprivate func outcome(of address: String) -> Vector.Outcome {
    do throws(AddressProblem) {
      let checked = try check(address)
      if checked.isIntegrated { return .paysIntegrated }
      if checked.hasNoChecksum { return .paysUnchecked }
      return switch checked.tag {
      case .notStated: .pays
      case .none: .paysWithTag(nil)
      case .value(let tag): .paysWithTag(tag)
      }
    } catch {
      return switch error {
      case .wrongNetwork: .wrongNetwork
      case .malformed: .malformed
      case .ambiguous: .ambiguous
      case .privateKey: .privateKey
      case .tokenContract: .tokenContract
      case .zeroAddress: .zeroAddress
      case .offCurve: .offCurve
      case .empty, .invisible, .checksum: .refused
      }
    }
  }

  fileprivate func pays(_ address: String) -> Bool { (try? check(address)) != nil }
}

@Suite struct `addresses (H1)` {
  @Test func `every published address`() {
    for (family, vectors) in Vectors.all {
      #expect(!vectors.isEmpty)
      for vector in vectors {
        let outcome = family.outcome(of: vector.address)
        if vector.outcome == .refused {
          #expect(!family.pays(vector.address), "\(family): \(vector.testDescription)")
        } else {
          #expect(outcome == vector.outcome, "\(family): \(vector.testDescription)")
        }
      }
    }
  }

  /// Only where the forms are the same: Ethereum's is that of every chain like it, a Bitcoin Cash address of the old form is Bitcoin's.
  @Test func `an address of one coin is not taken for another's`() {
    for (family, vectors) in Vectors.all {
      for vector in vectors where family.pays(vector.address) {
        for other in AddressFamily.allCases where other != family {
          #expect(!other.pays(vector.address), "\(vector.address) of \(family) as \(other)")
        }
      }
    }
  }

  /// One wrong character is found for certain by bech32, and but once in four thousand million times by a checksum of 32 bits.
  @Test func `one wrong character is found`() {
    for (family, vectors) in Vectors.all {
      for vector in vectors where family.pays(vector.address) && family.outcome(of: vector.address) != .paysUnchecked {
        let address = Array(vector.address.utf8)
        for place in address.indices {
          var changed = address
          changed[place] = changed[place] == UInt8(ascii: "7") ? UInt8(ascii: "8") : UInt8(ascii: "7")
          // A digit of Ethereum's has no case, and in one case there is nothing to find.
          if family == .ethereum { continue }
          #expect(!family.pays(String(decoding: changed, as: UTF8.self)), "\(family): \(vector.address) at \(place)")
        }
      }
    }
  }

  @Test func `nothing is trimmed, and what cannot be seen is told with its place`() {
    let address = "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo"
    #expect(AddressFamily.bitcoin.pays(address))
    for (text, place) in [(" " + address, 1), (address + " ", 35), (address + "\u{200B}", 35), ("\u{FEFF}" + address, 1), (address + "\n", 35)] {
      #expect(throws: AddressProblem.invisible(at: place)) { try AddressFamily.bitcoin.check(text) }
    }
    #expect(throws: AddressProblem.empty) { try AddressFamily.bitcoin.check("") }
    // A Cyrillic letter that looks like a Latin one.
    #expect(!AddressFamily.bitcoin.pays(address.replacing("a", with: "\u{0430}")))
  }

  @Test func `no text whatever stops the program`() {
    var random = SplitMix64(seed: 7)
    let seeds = Vectors.all.flatMap { $0.1.map(\.address) }
    for family in AddressFamily.allCases {
      for _ in 0..<2_000 {
        var bytes = Array(seeds[Int(random.next() % UInt64(seeds.count))].utf8)
        for _ in 0...random.next() % 4 {
          let place = Int(random.next() % UInt64(bytes.count + 1))
          switch random.next() % 4 {
          case 0 where place < bytes.count: bytes.remove(at: place)
          case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
          case 2 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: random.next())
          default: bytes += bytes.prefix(place)
          }
        }
        _ = family.pays(String(decoding: bytes, as: UTF8.self))
      }
      for text in ["1", "0x", "bitcoincash:", ":", "bc1", "11111111111111111111111111111111", String(repeating: "1", count: 150)] {
        _ = family.pays(text)
      }
      #expect(!family.pays(String(repeating: "z", count: 1_000_000)))
    }
  }

  @Test func `every problem has its words`() {
    let problems: [AddressProblem] = [
      .empty, .invisible(at: 3), .malformed("it is too short"), .checksum, .wrongNetwork("a Tron address"), .privateKey,
      .tokenContract("USDT on Tron"), .zeroAddress, .offCurve, .ambiguous("a Bitcoin address"),
    ]
    #expect(Set(problems.map(\.words)).count == problems.count)
    #expect(problems.allSatisfy { !$0.words.hasSuffix(".") && $0.words.first?.isLowercase == true })
  }
}

@Suite struct `checksums beneath addresses` {
  @Test func `Keccak-256, which SHA3-256 is not`() {
    let sha3OfNothing = "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"
    #expect(Vectors.keccak256.contains { $0.0.isEmpty && $0.1 != sha3OfNothing })
    for (text, hash) in Vectors.keccak256 {
      #expect(Keccak256.hash(Array(text.utf8)).map { String($0, radix: 16).leftPadded }.joined() == hash, "\(text)")
    }
  }

  @Test func `bech32 and bech32m strings`() throws {
    for text in Vectors.bech32Strings { #expect(try Bech32(text).kind == .bech32, "\(text)") }
    for text in Vectors.bech32mStrings { #expect(try Bech32(text).kind == .bech32m, "\(text)") }
    for (text, why) in Vectors.notBech32 { #expect((try? Bech32(text))?.kind != .bech32, "\(text): \(why)") }
    for (text, why) in Vectors.notBech32m { #expect((try? Bech32(text))?.kind != .bech32m, "\(text): \(why)") }
  }

  @Test func `Monero's base58 in blocks`() {
    for vector in Vectors.moneroBlocks {
      let decoded = MoneroBase58.decodeChecked(Array(vector.text.utf8))
      #expect(decoded?.tag == vector.tag, "\(vector.text)")
      #expect(decoded?.data.map { String($0, radix: 16).leftPadded }.joined() == vector.hex, "\(vector.text)")
    }
    for text in Vectors.notMoneroBlocks { #expect(MoneroBase58.decodeChecked(Array(text.utf8)) == nil, "\(text)") }
  }
}

extension String {
  fileprivate var leftPadded: String { count == 1 ? "0" + self : self }
}

/// Numbers that are the same on every machine.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
