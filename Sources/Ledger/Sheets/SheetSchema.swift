import RefundPolicy

/// Sheets: pages of items that one nightly opened together, so that a night which opens half a million of them writes pages, not millions of rows.
///
/// A sheet tells for good what its run opened, as `run_changes` does for other items. An item stands on its sheet until something befalls it: then it
/// is taken over, just as it was opened, into `items` and `stretches`, where the guards decide what may become of it. So nothing can be approved or
/// paid that the guards have not let in, and a sheet holds undecided items alone.
///
/// `items` is a JSON array, for any sqlite3 shell to read; ``SheetFormat`` tells the places of its values.
enum SheetSchema {
  static let tables = """
    CREATE TABLE sheets (
      first_item INTEGER PRIMARY KEY,
      last_item INTEGER NOT NULL,
      run_id INTEGER NOT NULL REFERENCES runs DEFERRABLE INITIALLY DEFERRED,
      -- An order's items stand on one sheet of a run, and a run's sheets in the order of both ids.
      first_order TEXT NOT NULL,
      last_order TEXT NOT NULL CHECK (first_order <= last_order),
      opened_on INTEGER NOT NULL,
      -- Of all its items: held by the night's limit (G2), or pending.
      state TEXT NOT NULL CHECK (state IN ('pending', 'held')),
      -- One after the other, without a gap.
      item_count INTEGER NOT NULL CHECK (item_count >= 1 AND item_count = last_item - first_item + 1),
      cents INTEGER NOT NULL CHECK (cents >= item_count),
      first_due INTEGER NOT NULL,
      last_due INTEGER NOT NULL CHECK (first_due <= last_due),
      items TEXT NOT NULL,
      -- Of the text; the run's seal is over it.
      digest BLOB NOT NULL CHECK (length(digest) = 16),
      -- What was not taken over yet.
      left_count INTEGER NOT NULL CHECK (left_count BETWEEN 0 AND item_count),
      left_cents INTEGER NOT NULL CHECK (left_cents BETWEEN left_count AND cents)
    ) STRICT;
    CREATE INDEX sheet_of_order ON sheets (run_id, last_order);
    CREATE INDEX sheet_left ON sheets (run_id, opened_on, first_due, last_due, state, left_count, left_cents) WHERE left_count > 0;

    """

  /// The sheet on which an item could stand.
  static func place(of item: String) -> String { "(SELECT max(first_item) FROM sheets WHERE first_item <= \(item))" }

  /// An item of a sheet, as SQL reads it: `e` is the row of `json_each`, `s` the sheet. Behind the last one words may stand.
  static let itemsOfSheets = """
    FROM sheets AS s JOIN json_each(s.items) AS e ON e.key < s.item_count
    """

  static func value(_ place: SheetFormat.Place) -> String { "e.value ->> \(place.rawValue)" }

  /// Items that no row has taken over.
  static let isLeft = "s.left_count > 0 AND \(value(.item)) NOT IN (SELECT item_id FROM items)"

  /// A guard that came to be written otherwise: databases of before get it so.
  static let takeOverGuard = """
    DROP TRIGGER IF EXISTS item_is_taken_over;
    -- A row of a run that is recorded already can only take over an item of a sheet, just as it stands there.
    CREATE TRIGGER item_is_taken_over BEFORE INSERT ON items
    WHEN EXISTS (SELECT 1 FROM runs WHERE run_id = NEW.run_id) AND NOT EXISTS (
      SELECT 1 FROM sheets
      WHERE first_item = \(place(of: "NEW.item_id")) AND run_id = NEW.run_id AND state = NEW.state AND opened_on = NEW.opened_on
        -- No text inside a text reads so: its quotes have a backslash. Where the id itself has signs to be escaped, the sheet is taken apart.
        AND (instr(items, '[' || NEW.item_id || ',' || json_quote(NEW.order_id) || ',' || json_quote(NEW.period_id) || ',' || json_quote(NEW.coin)
            || ',' || json_quote(NEW.network) || ',' || NEW.amount_cents || ',') > 0
          OR (SELECT (\(value(.item)), \(value(.order)), \(value(.period)), \(value(.amount)))
              = (NEW.item_id, NEW.order_id, NEW.period_id, NEW.amount_cents)
            FROM (SELECT json_extract(items, '$[' || (NEW.item_id - first_item) || ']') AS value) AS e)))
    BEGIN SELECT RAISE(ABORT, 'the run is recorded: an item of it is taken over from its sheet as it was opened'); END;

    """

  static let guards = """
    CREATE TRIGGER sheet_opens BEFORE INSERT ON sheets
    WHEN NEW.state <> 'pending' OR (NEW.left_count, NEW.left_cents) <> (NEW.item_count, NEW.cents)
      OR NEW.first_item <= (SELECT last_item FROM sheets ORDER BY first_item DESC LIMIT 1) OR EXISTS (SELECT 1 FROM runs WHERE run_id = NEW.run_id)
    BEGIN SELECT RAISE(ABORT, 'a sheet opens pending and whole, after all others, in a run that is not recorded yet'); END;

    CREATE TRIGGER sheets_stay BEFORE DELETE ON sheets
    BEGIN SELECT RAISE(ABORT, 'sheets are never removed'); END;

    CREATE TRIGGER sheets_fixed BEFORE UPDATE ON sheets
    WHEN (NEW.first_item, NEW.last_item, NEW.run_id, NEW.first_order, NEW.last_order, NEW.opened_on, NEW.item_count, NEW.cents, NEW.first_due,
          NEW.last_due, NEW.items, NEW.digest)
        IS NOT (OLD.first_item, OLD.last_item, OLD.run_id, OLD.first_order, OLD.last_order, OLD.opened_on, OLD.item_count, OLD.cents,
          OLD.first_due, OLD.last_due, OLD.items, OLD.digest)
      OR (NEW.state <> OLD.state AND EXISTS (SELECT 1 FROM runs WHERE run_id = OLD.run_id))
      OR ((NEW.left_count, NEW.left_cents) <> (OLD.left_count, OLD.left_cents) AND (NEW.left_count <> OLD.left_count - 1
        OR NEW.left_count <> OLD.item_count - (SELECT count(*) FROM items WHERE item_id BETWEEN OLD.first_item AND OLD.last_item)))
    BEGIN SELECT RAISE(ABORT, 'a sheet is never changed: its items are taken over one by one'); END;

    CREATE TRIGGER sheet_is_left AFTER INSERT ON items
    WHEN EXISTS (SELECT 1 FROM runs WHERE run_id = NEW.run_id)
    BEGIN
      UPDATE sheets SET left_count = left_count - 1, left_cents = left_cents - NEW.amount_cents WHERE first_item = \(place(of: "NEW.item_id"));
    END;

    """

  /// What the views add to rows of `items`, `stretches` and `run_changes`.
  static let itemList = """
    SELECT 'R' || printf('%09d', \(value(.item))), \(value(.order)), \(value(.period)), s.state,
      printf('%d.%02d', (\(value(.amount))) / 100, (\(value(.amount))) % 100), \(value(.dayCount)),
      date((\(value(.firstDay))) * 86400, 'unixepoch'), date((\(value(.lastDay))) * 86400, 'unixepoch'), \(value(.coin)), \(value(.network)),
      s.run_id, 1
    \(itemsOfSheets) WHERE \(isLeft)
    """

  static let itemDays = """
    SELECT 'R' || printf('%09d', \(value(.item))), \(value(.period)), date(\(ofDays("d.value ->> 0", .firstDay)) * 86400, 'unixepoch'),
      date(\(ofDays("d.value ->> 1", .lastDay)) * 86400, 'unixepoch'),
      CASE json_type(d.value, '$[3]') WHEN 'text' THEN d.value ->> 3
        ELSE s.items ->> ('$[#-1][' || (CASE WHEN \(areAll) THEN d.value ->> 1 ELSE d.value ->> 3 END) || ']') END,
      printf('%d.%02d', \(ofDays("d.value ->> 4", .amount)) / 100, \(ofDays("d.value ->> 4", .amount)) % 100)
    \(itemsOfSheets) JOIN json_each(e.value, '$[\(SheetFormat.Place.stretches.rawValue)]') AS d WHERE \(isLeft)
    """

  /// Whether days are all of their item's, so that its figures tell them.
  private static let areAll = "json_array_length(d.value) = 2"

  private static func ofDays(_ value: String, _ sole: SheetFormat.Place) -> String {
    "(CASE WHEN \(areAll) THEN \(self.value(sole)) ELSE \(value) END)"
  }

  static let log = """
    SELECT datetime(recorded_at, 'unixepoch'), s.run_id, 'makegood', 'opened', 'R' || printf('%09d', \(value(.item))), '0.00',
      printf('%d.%02d', (\(value(.amount))) / 100, (\(value(.amount))) % 100), NULL, NULL
    \(itemsOfSheets) JOIN runs USING (run_id)
    """
}
