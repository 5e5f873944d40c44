extension Vectors {
  /// Source: github:trustwallet/wallet-core@5295dc4fe299c527b7984611afb597ba003f6ce2 tests/chains/Solana/AddressTests.cpp
  static let solana: [Vector] = [
    Vector("2gVkYWexTHR5Hb2aLeQN3tnngvWzisFKXDUPrgMHpdST", .paysUnchecked, "ed25519 public key, wallet main"),
    Vector("HzqnaMjWFbK2io6WgV2Z5uBguCBU21RMUS16wsDUHkon", .paysUnchecked, "ed25519 public key, on curve main"),
    Vector("68io7dTfyeWua1wD1YcCMka4y5iiChceaFRCBjqCM5PK", .paysUnchecked, "ed25519 public key, on curve main"),
    Vector("Dra34QLFCjxnk8tUNcBwxs6pgb5spF4oseQYF2xn7ABZ", .paysUnchecked, "ed25519 public key, on curve main"),
    Vector(
      "6X4X1Ae24mkoWeCEpktevySVG9jzeCufut5vtUW3wFrD", .offCurve,
      "32 bytes, but not on the ed25519 curve: a program-derived or token account, not a wallet"),
    Vector(
      "EDNd1ycsydWYwVmrYZvqYazFqwk1QjBgAUKFjBoz1jKP", .offCurve,
      "32 bytes, but not on the ed25519 curve: a program-derived or token account, not a wallet"),
    Vector(
      "ANVCrmRw7Ww7rTFfMbrjApSPXEEcZpBa6YEiBdf98pAf", .offCurve,
      "32 bytes, but not on the ed25519 curve: a program-derived or token account, not a wallet"),
    Vector(
      "AbygL37RheNZv327cMvZPqKYLLkZ6wqWYexRxgNiZyeP", .offCurve,
      "32 bytes, but not on the ed25519 curve: a program-derived or token account, not a wallet"),
    Vector("2gVkYWexTHR5Hb2aLeQN3tnngvWzisFKXDUPrgMHpdSl", .refused, "l is not base58"),
    Vector("2gVkYWexTHR5Hb2aLeQN3tnngvWzisFKXDUPrgMHpd", .refused, "31 bytes or fewer"),
    Vector("4h4bzCLCV8", .refused, "too short"),
  ]
}
