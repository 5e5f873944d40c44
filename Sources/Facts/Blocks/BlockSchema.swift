/// Orders and what belongs to them, packed: some seventy orders to a page, in the order of their ids; orders of a block that came or changed since it was
/// written lie in a patch over it.
///
/// A row for each period and day of use would take four times the room and ten times the time. Nothing is lost by it: `makegood explain` and
/// `makegood facts` show every record as the files had it.
public enum BlockSchema {
  /// All blocks, each with the patch over it where there is one: what reads `orders` must read `entries` too.
  public static let patchedBlocks = "order_blocks LEFT JOIN block_patches USING (block)"

  static let sql = """
    CREATE TABLE order_blocks (
      block INTEGER PRIMARY KEY,
      first_order TEXT NOT NULL UNIQUE,
      order_count INTEGER NOT NULL CHECK (order_count >= 1),
      -- The last import that changed it.
      import_id INTEGER NOT NULL,
      -- The block that some of its orders lay in before it became too long: their keys are still told there.
      split_from INTEGER,
      orders BLOB NOT NULL
    ) STRICT;
    CREATE INDEX block_of_import ON order_blocks (import_id);
    CREATE INDEX block_split ON order_blocks (split_from) WHERE split_from IS NOT NULL;

    -- What lies over a block: those of its orders that came or changed since it was written, each whole, and each with its place.
    CREATE TABLE block_patches (
      block INTEGER PRIMARY KEY,
      -- Orders that the block has not; those that it replaces are not counted.
      added_count INTEGER NOT NULL CHECK (added_count >= 0),
      -- The last import that changed it.
      import_id INTEGER NOT NULL,
      entries BLOB NOT NULL
    ) STRICT;
    CREATE INDEX patch_of_import ON block_patches (import_id);

    -- In which block a line, a period, an add-on, a ticket or a transaction is to be found: hashes of their ids, in levels of pages. A level's
    -- pages are told apart by the first bits of the hash; what is found in a block is compared to the letter.
    CREATE TABLE key_levels (
      level INTEGER PRIMARY KEY,
      bits INTEGER NOT NULL CHECK (bits BETWEEN 0 AND 24),
      entry_count INTEGER NOT NULL,
      -- 16 bytes for each page, in their order: the digest of its entries, or zeros where there is none.
      page_digests BLOB NOT NULL
    ) STRICT;
    CREATE TABLE key_pages (
      -- level * 2^24 + the first bits.
      page INTEGER PRIMARY KEY,
      entries BLOB NOT NULL CHECK (length(entries) % 12 = 0)
    ) STRICT;

    """
}
