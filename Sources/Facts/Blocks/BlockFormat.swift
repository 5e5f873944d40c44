import EightBytes
import Storage

/// How orders lie in a block of about a page: one after the other by their ids, each with all its rows.
///
/// A block begins with whether it is notable, that is whether an order that was withdrawn or has a ticket may be in it, and what its orders share:
/// the ids they are told against, and the words (carriers, regions, plans, coins, networks) that they name by number. What stands there already
/// never changes, so that an order's bytes can be taken over into a block that goes on from it.
/// A patch over a block holds those of its orders that came or changed since it was written, each with all its rows and its place (``PatchPlace``):
/// a few changed orders cost a few bytes so, and not a page. It begins with whether its block is notable with it; with the id that its orders' ids
/// are told against, the block's, so that the orders that changed can be told without reading their blocks; and with the words that the block has
/// not, which go on from the block's. A block of which much changed is written anew, and has none.
/// Instants and days are differences to the one before; transaction ids in lower-case hexadecimal take half their length.
enum BlockFormat {
  static let version: UInt8 = 2
  /// Bytes of a block at most, unless one order alone needs more: with its other columns it just fills a page.
  static let size = Store.pageSize - 146
  static let patchVersion: UInt8 = 2
  /// Patches of before do not tell what ids are told against: they are read with their blocks, and are such no more when they are written again.
  static let formerPatchVersion: UInt8 = 1
  /// Bytes of a patch at most; a block that needs a longer one is written anew.
  static let patchSize = size / 3
  /// Where instants and days begin to be counted in an order: 2026-01-01.
  static let firstInstant: Int64 = 1_767_225_600
  static let firstDay: Int32 = 20_454

  enum OrderFlags {
    static let voided: UInt8 = 1
    static let reasonShift: UInt8 = 1
    static let reason: UInt8 = 0x7
    static let provisioned: UInt8 = 0x10
    static let activated: UInt8 = 0x20
    static let ended: UInt8 = 0x40
    static let hasTickets: UInt8 = 0x80
  }

  enum PeriodFlags {
    static let voided: UInt8 = 1
    static let network: UInt8 = 2
    static let amount: UInt8 = 4
    static let txid: UInt8 = 8
    static let isHexadecimal: UInt8 = 16
  }

  enum AddonFlags {
    static let voided: UInt8 = 1
    static let other: UInt8 = 2
    static let from: UInt8 = 4
    static let to: UInt8 = 8
  }

  enum TicketFlags {
    static let voided: UInt8 = 1
    static let restored: UInt8 = 2
  }
}

/// The words of a block, by number.
@safe struct BlockWords {
  private(set) var words: [ByteText] = []
  /// The numbers of the first words, from 1, where their hashes lead to or in the next free slot; 0 is none.
  private var slots = InlineArray<256, UInt8>(repeating: 0)
  private static let most = 128

  mutating func clear() {
    words.removeAll(keepingCapacity: true)
    slots = InlineArray(repeating: 0)
  }

  private static func slot(_ word: ByteText) -> Int {
    let octets = word.count >= 8 ? word.octets(at: 0) : word.rest(at: 0)
    return Int(truncatingIfNeeded: ((octets ^ UInt64(word.count)) &* 0x9E37_79B9_7F4A_7C15) >> 56)
  }

  /// The word's number, when it is there.
  func number(of word: ByteText) -> Int? {
    var slot = BlockWords.slot(word)
    while slots[slot] > 0 {
      let known = Int(slots[slot]) - 1
      if words[known] == word { return known }
      slot = (slot + 1) & 255
    }
    return words.count > BlockWords.most ? words[BlockWords.most...].firstIndex { $0 == word } : nil
  }

  /// - Parameter word: Must live as long as these words.
  mutating func append(_ word: ByteText) -> Int {
    words.append(word)
    if words.count <= BlockWords.most {
      var slot = BlockWords.slot(word)
      while slots[slot] > 0 { slot = (slot + 1) & 255 }
      slots[slot] = UInt8(words.count)
    }
    return words.count - 1
  }

  /// Lets the last words go: none of those before them was put behind one of theirs.
  mutating func cut(to count: Int) {
    words.removeLast(words.count - count)
    for index in slots.indices where slots[index] > count { slots[index] = 0 }
  }
}

/// Lower-case hexadecimal digits, two to a byte.
enum Hexadecimal {
  static func isPackable(_ text: ByteText) -> Bool {
    var place = 0
    while place + 8 <= text.count {
      if !Octets.areLowerHexadecimal(text.octets(at: place)) { return false }
      place += 8
    }
    // Zeros are digits.
    return text.count % 2 == 0 && Octets.areLowerHexadecimal(text.rest(at: place) | Octets.all(0x30) << UInt64(8 * (text.count - place)))
  }

  static func pack(_ text: ByteText, to out: ByteWriter) {
    out.number(text.count / 2)
    var place = 0
    while place + 8 <= text.count {
      out.fixed(Octets.packed(text.octets(at: place)))
      place += 8
    }
    var rest = Octets.packed(text.rest(at: place))
    while place < text.count {
      out.byte(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
      place += 2
    }
  }

  static func unpack(_ packed: ByteText, into arena: Arena) -> ByteText {
    // No text of a fact is longer than 200 bytes: this is a broken block.
    guard packed.count <= 100 else { return .none }
    let length = 2 * packed.count
    let digits = unsafe arena.take(length)
    var place = 0
    while place + 8 <= packed.count {
      let bytes = packed.octets(at: place)
      for half in 0..<2 {
        let octets = Octets.unpacked(UInt32(truncatingIfNeeded: bytes >> UInt64(32 * half)))
        unsafe UnsafeMutableRawPointer(digits + 2 * place + 8 * half).storeBytes(of: octets.littleEndian, as: UInt64.self)
      }
      place += 8
    }
    let rest = packed.rest(at: place)
    for half in 0..<2 {
      var octets = Octets.unpacked(UInt32(truncatingIfNeeded: rest >> UInt64(32 * half)))
      for index in stride(from: 2 * place + 8 * half, to: min(length, 2 * place + 8 * half + 8), by: 1) {
        unsafe digits[index] = UInt8(truncatingIfNeeded: octets)
        octets >>= 8
      }
    }
    return unsafe ByteText(digits, length)
  }
}
