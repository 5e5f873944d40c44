public import RefundPolicy
public import Storage

extension Connection {
  /// When the newest import was made; nil before the first.
  public func newestImport() throws -> Instant? {
    let row = try prepare("SELECT imported_at FROM imports ORDER BY import_id DESC LIMIT 1")
    return try row.step() ? Instant(seconds: row.int(0)) : nil
  }
}
