import AuditLog
import ReferenceModel
import Storage
import Testing

@testable import Facts

@Suite struct `a patch over a block` {
  private static func ascending(_ ids: some Sequence<String>) -> [String] { ids.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// One block of small orders, `O-10` and so on.
  private static func block(_ samples: OrderSamples, _ count: Int = 12) throws -> (bytes: [UInt8], files: [OrderRows]) {
    let files = (0..<count).map { samples.small("O-\(10 + $0)") }
    let outputs = try written(files)
    try #require(outputs.count == 1)
    return (outputs[0].bytes, files)
  }

  private static func written(_ files: [OrderRows]) throws -> [BlockOutput] {
    var outputs: [BlockOutput] = []
    let editor = BlockEditor { outputs.append($0) }
    for file in files { try editor.put(file, isFormer: false, keys: []) }
    try editor.end()
    return outputs
  }

  /// What an import makes of a block and its patch that puts some orders, which must ascend.
  private static func put(_ files: [OrderRows], into bytes: [UInt8], _ patch: [UInt8] = []) throws -> [BlockOutput] {
    try withReader(bytes, patch) { reader in
      let reader = try #require(reader)
      var outputs: [BlockOutput] = []
      let editor = BlockEditor { outputs.append($0) }
      editor.begin(1, reader)
      var isOn = reader.next()
      for file in files {
        while isOn, reader.order.id < file.order.id {
          try editor.keep(reader)
          isOn = reader.next()
        }
        let isFormer = isOn && reader.order.id == file.order.id
        try editor.put(file, isFormer: isFormer, keys: [])
        if isFormer { isOn = reader.next() }
      }
      if isOn, try editor.needsRest(of: reader) {
        while isOn {
          try editor.keep(reader)
          isOn = reader.next()
        }
      }
      try editor.end()
      return outputs
    }
  }

  private static func patch(_ outputs: [BlockOutput]) -> BlockOutput? {
    guard let first = outputs.first, case .patch = first.place else { return nil }
    return first
  }

  /// The lines of orders by id, when some take the place of others.
  private static func merged(_ files: [OrderRows], _ changes: [OrderRows]) -> [[String]] {
    var all: [String: OrderRows] = [:]
    for file in files + changes { all[file.order.id.string] = file }
    return ascending(all.keys).compactMap { all[$0]?.lines }
  }

  @Test(arguments: [
    ["O-15"], ["O-10"], ["O-21"], ["O-10a"], ["O-20a"], ["O-21a"], ["O-21a", "O-21b"], ["O-14a", "O-14b", "O-15", "O-15a", "O-16"], ["O-10", "O-21"],
  ])
  func `holds changed and new orders in their places`(ids: [String]) throws {
    let samples = OrderSamples(seed: 3)
    let (bytes, files) = try Self.block(samples)
    let changes = ids.map { samples.small($0) }
    let outputs = try Self.put(changes, into: bytes)
    let patch = try #require(Self.patch(outputs))
    #expect(outputs.count == 1)
    #expect(patch.orderCount == ids.filter { $0.hasSuffix("a") || $0.hasSuffix("b") }.count)
    let read = readBlock(bytes, patch: patch.bytes)
    #expect(read.orders == Self.merged(files, changes) && !read.isBroken)
    try withReader(bytes, patch.bytes) { reader in
      let reader = try #require(reader)
      var found: [String] = []
      while reader.nextPatched() { found.append(reader.orderID.string) }
      #expect(found == ids && !reader.isBroken)
    }
  }

  /// So the orders that changed are told without their blocks.
  @Test func `tells ids, transactions and imports without its block`() throws {
    let samples = OrderSamples(seed: 13)
    let (bytes, _) = try Self.block(samples)
    let changes = ["O-10a", "O-13", "O-21", "O-21a"].map { samples.order($0, usageDays: 3) }
    let patch = try #require(Self.patch(try Self.put(changes, into: bytes))).bytes
    unsafe patch.withUnsafeBufferPointer { patch in
      let reader = BlockReader()
      let isOpen = unsafe reader.open(patchAlone: patch)
      #expect(isOpen)
      var file = OrderRows()
      for change in changes {
        #expect(reader.nextPatched())
        reader.read(into: &file)
        #expect(file.order.id == change.order.id && file.transactions == change.transactions && file.lastImport == change.lastImport)
      }
      #expect(!reader.nextPatched() && !reader.isBroken)
    }
  }

  /// As patches were written at first: without what ids are told against.
  static func former(_ patch: [UInt8]) -> [UInt8] { [BlockFormat.formerPatchVersion, patch[1]] + patch.dropFirst(3 + Int(patch[2])) }

  @Test func `is read as it was written before, and written as it is now`() throws {
    let samples = OrderSamples(seed: 14)
    let (bytes, files) = try Self.block(samples)
    let changes = ["O-10a", "O-13", "O-21"].map { samples.small($0) }
    let patch = Self.former(try #require(Self.patch(try Self.put(changes, into: bytes))).bytes)
    #expect(readBlock(bytes, patch: patch).orders == Self.merged(files, changes))
    let isOpen = unsafe patch.withUnsafeBufferPointer { unsafe BlockReader().open(patchAlone: $0) }
    #expect(!isOpen)
    let more = [samples.small("O-14")]
    let next = try #require(Self.patch(try Self.put(more, into: bytes, patch)))
    #expect(next.bytes[0] == BlockFormat.patchVersion)
    #expect(readBlock(bytes, patch: next.bytes).orders == Self.merged(files, changes + more))
  }

  /// Each order, in any order, by where it lies.
  @Test(arguments: [[], ["O-10a", "O-13", "O-21", "O-21a"]]) func `is gone through from order to order`(ids: [String]) throws {
    let samples = OrderSamples(seed: 15)
    let (bytes, files) = try Self.block(samples)
    let changes = ids.map { samples.small($0) }
    let patch = ids.isEmpty ? [] : try #require(Self.patch(try Self.put(changes, into: bytes))).bytes
    try withReader(bytes, patch) { reader in
      let reader = try #require(reader)
      var heads: [OrderHead] = []
      reader.readHeads(into: &heads)
      let expected = Self.merged(files, changes)
      #expect(heads.count == expected.count)
      var file = OrderRows()
      for _ in 0..<100 {
        let index = samples.random.int(0...(heads.count - 1))
        reader.go(to: heads[index].offset)
        reader.readRow()
        reader.read(into: &file)
        #expect(file.lines == expected[index] && heads[index].line == file.order.line && heads[index].hasTickets == !file.tickets.isEmpty)
      }
      #expect(!reader.isBroken)
    }
  }

  /// Ids of periods are told against nothing then, in the patch and where they are taken over from it.
  @Test func `may bring the first periods of its block`() throws {
    let samples = OrderSamples(seed: 12)
    let files = (10..<22).map { number in
      var file = samples.small("O-\(number)")
      (file.periods, file.addons) = ([], [])
      return file
    }
    let bytes = try #require(try Self.written(files).first).bytes
    var changes = [samples.small("O-12"), samples.small("O-15a"), samples.small("O-20")]
    for index in changes.indices {
      changes[index].addons = []
      changes[index].periods = [PeriodRow(id: samples.text("P-\(index)"), starts: 1, ends: 2, coin: samples.text("XMR"))]
    }
    let patch = try #require(Self.patch(try Self.put(changes, into: bytes)))
    #expect(readBlock(bytes, patch: patch.bytes).orders == Self.merged(files, changes))
    var long = samples.order("O-21", usageDays: BlockFormat.patchSize)
    long.periods = [PeriodRow(id: samples.text("Q-1"), starts: 1, ends: 2, coin: samples.text("XMR"))]
    long.addons = []
    let rewritten = try Self.put([long], into: bytes, patch.bytes)
    #expect(Self.patch(rewritten) == nil)
    #expect(rewritten.flatMap { readBlock($0.bytes).orders } == Self.merged(files, changes + [long]))
  }

  /// An order before the first one changes where the block begins.
  @Test func `is none where the block begins with another order`() throws {
    let samples = OrderSamples(seed: 4)
    let (bytes, files) = try Self.block(samples)
    let patch = try #require(Self.patch(try Self.put([samples.small("O-12")], into: bytes)))
    let changes = [samples.small("A"), samples.small("O-12")]
    let outputs = try Self.put(changes, into: bytes, patch.bytes)
    guard case .block(1, hasPatch: true)? = outputs.first?.place else { return #expect(Bool(false), "\(outputs)") }
    #expect(outputs.count == 1 && outputs[0].firstOrder == Array("A".utf8))
    #expect(readBlock(outputs[0].bytes).orders == Self.merged(files, changes))
  }

  /// Day by day more, to both sides of the bound.
  @Test(arguments: [false, true]) func `is as long as it may be, and no longer`(isOverPatch: Bool) throws {
    let samples = OrderSamples(seed: 5)
    let (bytes, files) = try Self.block(samples)
    let first = [samples.small("O-11"), samples.small("O-18a")]
    let patch = isOverPatch ? try #require(Self.patch(try Self.put(first, into: bytes))).bytes : []
    var file = samples.small("O-15")
    var (longest, wasRewritten) = (0, false)
    for day in 0..<BlockFormat.patchSize / 4 {
      file.usage.append(UsageRow(day: 20_500 + Int32(day), calls: 1, sms: 1, verifications: 1, importID: 1))
      let outputs = try Self.put([file], into: bytes, patch)
      let expected = Self.merged(files, (isOverPatch ? first : []) + [file])
      if let patch = Self.patch(outputs) {
        #expect(!wasRewritten && patch.bytes.count <= BlockFormat.patchSize)
        longest = patch.bytes.count
        #expect(readBlock(bytes, patch: patch.bytes).orders == expected)
      } else {
        wasRewritten = true
        #expect(outputs.flatMap { readBlock($0.bytes).orders } == expected)
      }
    }
    #expect(wasRewritten && longest > BlockFormat.patchSize - 16, "\(longest)")
  }

  /// Words that the block has not, an order that is void, one that is replaced again and again, in any order of imports.
  @Test(arguments: 1...UInt64(40)) func `laid over patch after patch reads like everything put at once`(seed: UInt64) throws {
    let samples = OrderSamples(seed: seed)
    var (bytes, files) = try Self.block(samples)
    var patch: [UInt8] = []
    var (patches, rewritten) = (0, 0)
    for _ in 0..<100 {
      let count = samples.random.pick([1, 1, 2, 3])
      let ids = Set((0..<count).map { _ in "O-\(samples.random.int(10...21))\(samples.random.pick(["", "", "", "a", "b"]))" })
      let changes = Self.ascending(ids).map { samples.random.chance(10) ? samples.order($0, usageDays: 20) : samples.small($0) }
      let expected = Self.merged(files, changes)
      let outputs = try Self.put(changes, into: bytes, patch)
      if let made = Self.patch(outputs) {
        patches += 1
        let read = readBlock(bytes, patch: made.bytes)
        #expect(read.orders == expected && !read.isBroken, "seed \(seed)")
        #expect(read.orders.count == readBlock(bytes).orders.count + made.orderCount)
        patch = made.bytes
        files = files.filter { file in !changes.contains { $0.order.id == file.order.id } } + changes
        continue
      }
      rewritten += 1
      #expect(outputs.flatMap { readBlock($0.bytes).orders } == expected, "seed \(seed)")
      // On with a block of its own: pieces would go apart.
      (bytes, files) = try Self.block(samples)
      patch = []
    }
    #expect(patches > 5 && rewritten > 0, "seed \(seed): \(patches), \(rewritten)")
  }

  /// However many come into one block: it goes on in further ones before the end.
  @Test func `does not gather many new orders`() throws {
    let samples = OrderSamples(seed: 6)
    let (bytes, files) = try Self.block(samples)
    let changes = (1000..<2000).map { samples.small("O-14-\($0)") }
    var (written, pending, most) = (0, 0, 0)
    try withReader(bytes, []) { reader in
      let reader = try #require(reader)
      let editor = BlockEditor { output in
        written += output.orderCount
        pending -= output.orderCount
      }
      editor.begin(1, reader)
      var isOn = reader.next()
      while isOn, reader.order.id < samples.text("O-14-") {
        try editor.keep(reader)
        isOn = reader.next()
      }
      for file in changes {
        try editor.put(file, isFormer: false, keys: [])
        pending += 1
        most = max(most, pending)
      }
      #expect(try editor.needsRest(of: reader))
      while isOn {
        try editor.keep(reader)
        isOn = reader.next()
      }
      try editor.end()
    }
    #expect(written == files.count + changes.count)
    #expect(most < 200, "\(most)")
  }

  @Test func `is seen to be broken where it is cut`() throws {
    let samples = OrderSamples(seed: 7)
    let (bytes, _) = try Self.block(samples)
    let ids = ["O-10a", "O-13", "O-21", "O-21a"]
    let patch = try #require(Self.patch(try Self.put(ids.map { samples.small($0) }, into: bytes)))
    let whole = readBlock(bytes, patch: patch.bytes).orders
    var ends = 0
    for length in 1..<patch.bytes.count {
      let (orders, isBroken) = readBlock(bytes, patch: Array(patch.bytes.prefix(length)))
      if isBroken { #expect(orders == Array(whole.prefix(orders.count))) } else { ends += 1 }
    }
    // Between two entries nothing can be seen of it, but by the digest.
    #expect(ends == ids.count)
  }

  @Test(arguments: [[3, 3], [5, 4], [25], [24, 25], [1, 2, 0], [26]]) func `is seen to be broken where places do not ascend`(places: [Int]) throws {
    let samples = OrderSamples(seed: 8)
    let (bytes, _) = try Self.block(samples)
    let patch = try #require(Self.patch(try Self.put([samples.small("O-10a")], into: bytes)))
    try withReader(bytes, patch.bytes) { reader in
      let reader = try #require(reader)
      try #require(reader.nextPatched())
      let order = reader.raw
      let header = patch.bytes.dropLast(reader.entriesLeft.count)
      func isBroken(_ places: [Int]) -> Bool {
        let out = ByteWriter()
        unsafe header.withUnsafeBufferPointer { unsafe out.raw($0) }
        for place in places {
          out.number(place)
          out.text(order)
        }
        return readBlock(bytes, patch: unsafe Array(out.bytes)).isBroken
      }
      #expect(isBroken(places))
      #expect(!isBroken([0, 0, 3, 4, 4, 5, 23, 24, 24]))
    }
  }

  @Test(arguments: 1...UInt64(8)) func `may be damaged in any way: it is read without a crash, and taken over without one`(seed: UInt64) throws {
    let samples = OrderSamples(seed: seed)
    let (bytes, _) = try Self.block(samples)
    let changes = ["O-10a", "O-13", "O-16", "O-21a"].map { samples.small($0) }
    let patch = try #require(Self.patch(try Self.put(changes, into: bytes))).bytes
    for _ in 0..<400 {
      var (block, broken) = (bytes, patch)
      for _ in 0..<samples.random.pick([1, 1, 4, 40]) {
        broken[samples.random.int(0...(samples.random.chance(30) ? 12 : broken.count - 1))] ^= UInt8(1 << samples.random.int(0...7))
      }
      if samples.random.chance(20) { block[samples.random.int(0...(block.count - 1))] ^= UInt8(1 << samples.random.int(0...7)) }
      if samples.random.chance(10) {
        broken = [1, 0] + (0..<100).map { _ in UInt8(samples.random.pick([0xFF, 0x80, 1, samples.random.int(0...255)])) }
      }
      _ = readBlock(block, patch: broken)
      withReader(block, broken) { reader in while reader?.nextPatched() ?? false {} }
      unsafe broken.withUnsafeBufferPointer { broken in
        let reader = BlockReader()
        if unsafe reader.open(patchAlone: broken) { while reader.nextPatched() {} }
      }
      let isOpen = withReader(block, broken) { $0 != nil }
      for file in [samples.small("O-14"), samples.order("O-14", usageDays: BlockFormat.patchSize), samples.small("A")] where isOpen {
        do { _ = try Self.put([file], into: block, broken) } catch { #expect(error as? Damage == OrderBlocks.broken) }
      }
    }
  }
}

@Suite struct `patches in the database` {
  /// The orders that an import changed, and no others, wherever they lie.
  @Test(arguments: 1...UInt64(10)) func `tell what imports changed`(seed: UInt64) throws {
    let samples = OrderSamples(seed: seed)
    let blocks = try BlockStore()
    var last: [String: Int64] = [:]
    for round in Int64(1)...8 {
      let count = round == 1 ? 300 : samples.random.pick([1, 5, 60])
      let ids = Set((0..<count).map { _ in "O-\(samples.random.int(100...500))" })
      for id in ids { last[id] = round }
      try blocks.put(ids.sorted().map { samples.small($0, importID: round) })
      for since in 0..<round {
        var changed: [String] = []
        try blocks.store.read { connection in
          try ChangedOrders.each(since: since, on: connection) { changed.append($0.order.id.string) }
          let (blocks, all, patchBytes) = try ChangedOrders.extent(since: since, on: connection)
          #expect(blocks > 0 || patchBytes > 0)
          if since == 0 { #expect(blocks == all) }
        }
        #expect(changed.sorted() == last.keys.filter { last[$0] ?? 0 > since }.sorted(), "seed \(seed), imports after \(since) of \(round)")
      }
    }
    #expect(try blocks.count("SELECT count(*) FROM block_patches") > 0)
    #expect(try blocks.faults() == [])
  }

  /// A database of before has patches that must be read with their blocks.
  @Test func `tell what imports changed, also as they were written before`() throws {
    let samples = OrderSamples(seed: 16)
    let blocks = try BlockStore()
    try blocks.put((100..<300).map { samples.small("O-\($0)", importID: 1) })
    try blocks.put(["O-150", "O-270a"].map { samples.small($0, importID: 2) })
    func changed() throws -> [String] {
      var ids: [String] = []
      try blocks.store.read { try ChangedOrders.each(since: 1, on: $0) { ids.append($0.order.id.string) } }
      return ids.sorted()
    }
    #expect(try changed() == ["O-150", "O-270a"])
    try blocks.store.transaction { connection in
      let rows = try connection.prepare("SELECT block, added_count, import_id, entries FROM block_patches")
      var patches: [(block: Int64, added: Int64, importID: Int64, entries: [UInt8])] = []
      while try rows.step() { patches.append((rows.int(0), rows.int(1), rows.int(2), `a patch over a block`.former(rows.blob(3)))) }
      let update = try connection.prepare("UPDATE block_patches SET entries = ?2 WHERE block = ?1")
      let leaves = try DigestTree(.blockPatches, on: connection)
      for patch in patches {
        try update.bind(1, patch.block)
        try update.bind(2, blob: patch.entries)
        try update.run()
        let digest = BlockDigest.patch(
          block: patch.block, addedCount: patch.added, importID: patch.importID, bytes: BlockDigest.of(patch.entries))
        try leaves.set(digest, at: patch.block)
      }
      try leaves.finish()
      return (.commit, ())
    }
    #expect(try changed() == ["O-150", "O-270a"])
  }

  @Test func `are missed, and seen where they are too many or not as they were`() throws {
    let samples = OrderSamples(seed: 11)
    let blocks = try BlockStore()
    try blocks.put((100..<300).map { samples.small("O-\($0)") })
    try blocks.put([samples.small("O-150"), samples.small("O-270a")])
    #expect(try blocks.count("SELECT count(*) FROM block_patches") == 2)
    func fault(_ change: String) throws -> String? {
      try blocks.store.transaction { connection in
        try connection.execute(change)
        return (.rollback, try FactState.findings(on: connection).first?.description)
      }
    }
    let first = "(SELECT min(block) FROM block_patches)"
    for condition in ["block = \(first)", "added_count = 1"] {
      let fault = try #require(try fault("DELETE FROM block_patches WHERE \(condition)"))
      #expect(fault.hasPrefix("block_patches: what lies over block ") && fault.hasSuffix("is not as an import made it"), "\(fault)")
    }
    #expect(
      try fault("INSERT INTO block_patches SELECT 999, added_count, import_id, entries FROM block_patches WHERE block = \(first)")
        == "block_patches: one lies over no block")
    let changed = [
      "added_count = added_count + 1", "import_id = 1", "entries = substr(entries, 1, length(entries) - 1)",
      "entries = CAST(zeroblob(length(entries)) AS BLOB)",
    ]
    for change in changed {
      let fault = try #require(try fault("UPDATE block_patches SET \(change) WHERE block = \(first)"))
      #expect(fault.hasPrefix("block_patches: what lies over block ") && fault.hasSuffix("is not as an import made it"), "\(change): \(fault)")
    }
    #expect(try blocks.faults() == [])
  }
}
