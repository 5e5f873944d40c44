extension Vectors {
  /// Source: github:ethereum/ERCs@9c718c7c02372a6b7e300990511cd6fdff7f1dfa ERCS/erc-55.md;
  /// github:web3/web3.js@d3baae69e73491ffb332fd2de95d99c18ff0e335 packages/web3-validator/test/fixtures/validation.ts;
  /// github:trustwallet/wallet-core@5295dc4fe299c527b7984611afb597ba003f6ce2
  static let ethereum: [Vector] = [
    Vector("0x52908400098527886E0F7030069857D2E4169EE7", .paysUnchecked, "EIP-55, All caps any EVM chain"),
    Vector("0x8617E340B3D01FA5F11F306F4090FD50E238070D", .paysUnchecked, "EIP-55, All caps any EVM chain"),
    Vector("0xde709f2102306220921060314715629080e2fb77", .paysUnchecked, "EIP-55, All Lower any EVM chain"),
    Vector("0x27b1fdb04752bbc536007a920d24acb045561c26", .paysUnchecked, "EIP-55, All Lower any EVM chain"),
    Vector("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", .pays, "EIP-55, Normal any EVM chain"),
    Vector("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", .pays, "EIP-55, Normal any EVM chain"),
    Vector("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", .pays, "EIP-55, Normal any EVM chain"),
    Vector("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb", .pays, "EIP-55, Normal any EVM chain"),
    Vector("0xc1912fEE45d61C87Cc5EA59DaE31190FFFFf232d", .pays, "EIP-55 any EVM chain"),
    Vector("0xE247A45c287191d435A8a5D72A7C8dc030451E9F", .pays, "EIP-55 any EVM chain"),
    Vector(
      "0xc6d9d2cd449a754c494264e1809c50e34d64562b", .paysUnchecked, "no checksum (one case): valid form, cannot detect a typing error any EVM chain"),
    Vector(
      "0xe247a45c287191d435a8a5d72a7c8dc030451e9f", .paysUnchecked, "no checksum (one case): valid form, cannot detect a typing error any EVM chain"),
    Vector(
      "0xE247A45C287191D435A8A5D72A7C8DC030451E9F", .paysUnchecked, "no checksum (one case): valid form, cannot detect a typing error any EVM chain"),
    Vector("0xE247a45c287191d435A8a5D72A7C8dc030451E9F", .refused, "wrong EIP-55 case"),
    Vector("-0x407d73d8a49eeb85d32cf465507dd71d507100c1", .refused, "leading minus"),
    Vector("0xdec0518fa672a70027b04c286582e543ab17319fbdd384fa7bc8f3d5a542c0b", .refused, "too long"),
    Vector("ede8f58dada22a49db60d4f82bad428ab65f89", .refused, "too short, no 0x"),
    Vector("0xdAC17F958D2ee523a2206206994597C13D831ec7", .tokenContract, "the USDT token contract itself (Ethereum): never a customer wallet"),
    Vector("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", .tokenContract, "the USDC token contract itself (Ethereum)"),
    Vector("0x55d398326f99059fF775485246999027B3197955", .tokenContract, "the USDT (Binance-Peg) token contract itself (BSC)"),
    Vector("0x0000000000000000000000000000000000000000", .zeroAddress, "the zero address: burns the money"),
  ]
}
