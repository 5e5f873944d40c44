extension Vectors {
  /// Source: github:bitcoincashorg/bitcoincash.org@3e2e6da8c38dab7ba12149d327bc4b259aaad684 spec/cashaddr.md;
  /// github:trustwallet/wallet-core@5295dc4fe299c527b7984611afb597ba003f6ce2 rust/tw_tests/tests/chains/bitcoincash/bitcoincash_address.rs
  static let bitcoinCash: [Vector] = [
    Vector("bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", .pays, "p2pkh main"),
    Vector("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", .ambiguous, "legacy base58 p2pkh main"),
    Vector("bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy", .pays, "p2pkh main"),
    Vector("1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", .ambiguous, "legacy base58 p2pkh main"),
    Vector("bitcoincash:qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r", .pays, "p2pkh main"),
    Vector("16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb", .ambiguous, "legacy base58 p2pkh main"),
    Vector("bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq", .pays, "p2sh main"),
    Vector("3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", .ambiguous, "legacy base58 p2sh main"),
    Vector("bitcoincash:pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e", .pays, "p2sh main"),
    Vector("3LDsS579y7sruadqu11beEJoTjdFiFCdX4", .ambiguous, "legacy base58 p2sh main"),
    Vector("bitcoincash:pqq3728yw0y47sqn6l2na30mcw6zm78dzq5ucqzc37", .pays, "p2sh main"),
    Vector("31nwvkZwyPdgzjBJZXfDmSWsC4ZLKpYyUw", .ambiguous, "legacy base58 p2sh main"),
    Vector("bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2", .pays, "type 0, 20 bytes main"),
    Vector("bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t", .wrongNetwork, "type 1, 20 bytes test"),
    Vector("pref:pr6m7j9njldwwzlg9v7v53unlr4jkmx6ey65nvtks5", .wrongNetwork, "type 1, 20 bytes other prefix pref"),
    Vector("prefix:0r6m7j9njldwwzlg9v7v53unlr4jkmx6ey3qnjwsrf", .wrongNetwork, "type 15, 20 bytes other prefix prefix"),
    Vector("bitcoincash:q9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2ws4mr9g0", .malformed, "type 0, 24 bytes main"),
    Vector("bchtest:p9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2u94tsynr", .wrongNetwork, "type 1, 24 bytes test"),
    Vector("pref:p9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2khlwwk5v", .wrongNetwork, "type 1, 24 bytes other prefix pref"),
    Vector("prefix:09adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2p29kc2lp", .wrongNetwork, "type 15, 24 bytes other prefix prefix"),
    Vector("bitcoincash:qgagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkcw59jxxuz", .malformed, "type 0, 28 bytes main"),
    Vector("bchtest:pgagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkcvs7md7wt", .wrongNetwork, "type 1, 28 bytes test"),
    Vector("pref:pgagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkcrsr6gzkn", .wrongNetwork, "type 1, 28 bytes other prefix pref"),
    Vector("prefix:0gagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkc5djw8s9g", .wrongNetwork, "type 15, 28 bytes other prefix prefix"),
    Vector("bitcoincash:qvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq5nlegake", .malformed, "type 0, 32 bytes main"),
    Vector("bchtest:pvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq7fqng6m6", .wrongNetwork, "type 1, 32 bytes test"),
    Vector("pref:pvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq4k9m7qf9", .wrongNetwork, "type 1, 32 bytes other prefix pref"),
    Vector("prefix:0vch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxqsh6jgp6w", .wrongNetwork, "type 15, 32 bytes other prefix prefix"),
    Vector("bitcoincash:qnq8zwpj8cq05n7pytfmskuk9r4gzzel8qtsvwz79zdskftrzxtar994cgutavfklv39gr3uvz", .malformed, "type 0, 40 bytes main"),
    Vector("bchtest:pnq8zwpj8cq05n7pytfmskuk9r4gzzel8qtsvwz79zdskftrzxtar994cgutavfklvmgm6ynej", .wrongNetwork, "type 1, 40 bytes test"),
    Vector("pref:pnq8zwpj8cq05n7pytfmskuk9r4gzzel8qtsvwz79zdskftrzxtar994cgutavfklv0vx5z0w3", .wrongNetwork, "type 1, 40 bytes other prefix pref"),
    Vector(
      "prefix:0nq8zwpj8cq05n7pytfmskuk9r4gzzel8qtsvwz79zdskftrzxtar994cgutavfklvwsvctzqy", .wrongNetwork, "type 15, 40 bytes other prefix prefix"),
    Vector(
      "bitcoincash:qh3krj5607v3qlqh5c3wq3lrw3wnuxw0sp8dv0zugrrt5a3kj6ucysfz8kxwv2k53krr7n933jfsunqex2w82sl", .malformed, "type 0, 48 bytes main"),
    Vector("bchtest:ph3krj5607v3qlqh5c3wq3lrw3wnuxw0sp8dv0zugrrt5a3kj6ucysfz8kxwv2k53krr7n933jfsunqnzf7mt6x", .wrongNetwork, "type 1, 48 bytes test"),
    Vector(
      "pref:ph3krj5607v3qlqh5c3wq3lrw3wnuxw0sp8dv0zugrrt5a3kj6ucysfz8kxwv2k53krr7n933jfsunqjntdfcwg", .wrongNetwork,
      "type 1, 48 bytes other prefix pref"),
    Vector(
      "prefix:0h3krj5607v3qlqh5c3wq3lrw3wnuxw0sp8dv0zugrrt5a3kj6ucysfz8kxwv2k53krr7n933jfsunqakcssnmn", .wrongNetwork,
      "type 15, 48 bytes other prefix prefix"),
    Vector(
      "bitcoincash:qmvl5lzvdm6km38lgga64ek5jhdl7e3aqd9895wu04fvhlnare5937w4ywkq57juxsrhvw8ym5d8qx7sz7zz0zvcypqscw8jd03f", .malformed,
      "type 0, 56 bytes main"),
    Vector(
      "bchtest:pmvl5lzvdm6km38lgga64ek5jhdl7e3aqd9895wu04fvhlnare5937w4ywkq57juxsrhvw8ym5d8qx7sz7zz0zvcypqs6kgdsg2g", .wrongNetwork,
      "type 1, 56 bytes test"),
    Vector(
      "pref:pmvl5lzvdm6km38lgga64ek5jhdl7e3aqd9895wu04fvhlnare5937w4ywkq57juxsrhvw8ym5d8qx7sz7zz0zvcypqsammyqffl", .wrongNetwork,
      "type 1, 56 bytes other prefix pref"),
    Vector(
      "prefix:0mvl5lzvdm6km38lgga64ek5jhdl7e3aqd9895wu04fvhlnare5937w4ywkq57juxsrhvw8ym5d8qx7sz7zz0zvcypqsgjrqpnw8", .wrongNetwork,
      "type 15, 56 bytes other prefix prefix"),
    Vector(
      "bitcoincash:qlg0x333p4238k0qrc5ej7rzfw5g8e4a4r6vvzyrcy8j3s5k0en7calvclhw46hudk5flttj6ydvjc0pv3nchp52amk97tqa5zygg96mtky5sv5w", .malformed,
      "type 0, 64 bytes main"),
    Vector(
      "bchtest:plg0x333p4238k0qrc5ej7rzfw5g8e4a4r6vvzyrcy8j3s5k0en7calvclhw46hudk5flttj6ydvjc0pv3nchp52amk97tqa5zygg96mc773cwez", .wrongNetwork,
      "type 1, 64 bytes test"),
    Vector(
      "pref:plg0x333p4238k0qrc5ej7rzfw5g8e4a4r6vvzyrcy8j3s5k0en7calvclhw46hudk5flttj6ydvjc0pv3nchp52amk97tqa5zygg96mg7pj3lh8", .wrongNetwork,
      "type 1, 64 bytes other prefix pref"),
    Vector(
      "prefix:0lg0x333p4238k0qrc5ej7rzfw5g8e4a4r6vvzyrcy8j3s5k0en7calvclhw46hudk5flttj6ydvjc0pv3nchp52amk97tqa5zygg96ms92w6845", .wrongNetwork,
      "type 15, 64 bytes other prefix prefix"),
    Vector("qqslmu0jxk4st3ldjyuazfpf5thd6vlgfuggqd3re4", .pays, "p2pkh without prefix main"),
    Vector("pqx578nanz2h2estzmkr53zqdg6qt8xyqvwhn6qeyc", .pays, "p2sh without prefix main"),
    Vector("qq07l6rr5lsdm3m80qxw80ku2ex0tj76vvsxpvmgme", .pays, "p2pkh without prefix main"),
    Vector("bitcoincash:qqa2qx0d8tegw32xk8u75ws055en4x3h2u0e6k46y4", .pays, "p2pkh main"),
    Vector("bitcoincash:qruxj7zq6yzpdx8dld0e9hfvt7u47zrw9gfr5hy0vh", .pays, "p2pkh main"),
    Vector("prefix:x64nx6hz", .refused, "checksum test string of the spec, no valid payload"),
    Vector("p:gpf8m4h7", .refused, "checksum test string of the spec, no valid payload"),
    Vector("bitcoincash:qpzry9x8gf2tvdw0s3jn54khce6mua7lcw20ayyn", .refused, "checksum right, payload not valid (spec says so)"),
    Vector("bchtest:testnetaddress4d6njnut", .refused, "checksum right, payload not valid"),
    Vector("bchreg:555555555555555555555555555555555555555555555udxmlmrz", .refused, "checksum right, payload not valid"),
    Vector("pqx578nanz2h2estzmkr53zqdg6qt8xyqvffffffff", .refused, "wrong checksum"),
    Vector("bitcoincash:pqx578nanz2h2estzmkr53zqdg6qt8xyqvffffffff", .refused, "wrong checksum"),
    Vector("pqx578nanz2h2estzmkr53zqdg6qt8xyqvh683mrz0", .refused, "an eCash address without prefix"),
    Vector("ecash:pqx578nanz2h2estzmkr53zqdg6qt8xyqvh683mrz0", .refused, "an eCash address"),
    Vector("bcash:pqx578nanz2h2estzmkr53zqdg6qt8xyqvwhn6qeyc", .refused, "wrong prefix"),
    Vector("poi578nanz2h2estzmkr53zqdg6qt8xyqvwhn6qeyc", .refused, "characters o, i are not base32"),
    Vector("BitCoinCash:QRPLWYX7KUEQKRH6DMD3FCLTA6U32HAFP5TNPKCHX2", .refused, "mixed case: the spec rejects it (wallet-core normalises it)"),
  ]
}
