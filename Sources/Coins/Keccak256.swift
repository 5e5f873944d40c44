/// Keccak-256 as Ethereum and Monero use it: SHA-3 before its padding was changed, so SHA3-256 gives other hashes.
public enum Keccak256 {
  private static let rate = 136

  /// The 32 bytes of the hash.
  public static func hash(_ message: [UInt8]) -> [UInt8] {
    var state = [UInt64](repeating: 0, count: 25)
    var padded = message + [0x01] + [UInt8](repeating: 0, count: rate - 1 - message.count % rate)
    padded[padded.count - 1] |= 0x80
    for block in stride(from: 0, to: padded.count, by: rate) {
      for lane in 0..<rate / 8 {
        for (shift, byte) in padded[(block + 8 * lane)...].prefix(8).enumerated() { state[lane] ^= UInt64(byte) << UInt64(8 * shift) }
      }
      permute(&state)
    }
    return state.prefix(4).flatMap { lane in (0..<8).map { shift in UInt8(truncatingIfNeeded: lane >> UInt64(8 * shift)) } }
  }

  /// Where each lane goes in the step rho-pi, and by how much it is turned.
  private static let moves: [(to: Int, turn: UInt64)] = {
    var moves = [(to: Int, turn: UInt64)](repeating: (0, 0), count: 25)
    var (x, y) = (1, 0)
    for step in 1...24 {
      let (nextX, nextY) = (y, (2 * x + 3 * y) % 5)
      moves[x + 5 * y] = (nextX + 5 * nextY, UInt64(step * (step + 1) / 2 % 64))
      (x, y) = (nextX, nextY)
    }
    return moves
  }()

  /// The constants of iota: the bits of a shift register, at places 2^j - 1.
  private static let constants: [UInt64] = {
    var register: UInt8 = 1
    return (0..<24).map { _ in
      var constant: UInt64 = 0
      for j in 0..<7 {
        if register & 1 != 0 { constant |= 1 << UInt64((1 << j) - 1) }
        register = register & 0x80 != 0 ? register << 1 ^ 0x71 : register << 1
      }
      return constant
    }
  }()

  private static func permute(_ state: inout [UInt64]) {
    for constant in constants {
      var columns = [UInt64](repeating: 0, count: 5)
      for place in 0..<25 { columns[place % 5] ^= state[place] }
      for place in 0..<25 {
        let (before, after) = (columns[(place + 4) % 5], columns[(place + 1) % 5])
        state[place] ^= before ^ turned(after, 1)
      }
      var moved = state
      for place in 0..<25 { moved[moves[place].to] = turned(state[place], moves[place].turn) }
      for place in 0..<25 {
        let row = place - place % 5
        let (next, second) = (moved[row + (place + 1) % 5], moved[row + (place + 2) % 5])
        state[place] = moved[place] ^ (~next & second)
      }
      state[0] ^= constant
    }
  }

  private static func turned(_ lane: UInt64, _ by: UInt64) -> UInt64 { by == 0 ? lane : (lane << by) | (lane >> (64 - by)) }
}
