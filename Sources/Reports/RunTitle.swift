public import RefundPolicy

/// Which run a report folder is of: all that the folder says beyond its rows.
public struct RunTitle: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The run that closed this business date.
    case nightly(ServiceDay)
    /// The run that decided the service days `first` to `last`, both included, again; `asOf` is the last closed date.
    case rerun(first: ServiceDay, last: ServiceDay, asOf: ServiceDay)
  }

  public let kind: Kind
  public let run: Int64
  /// Whether the ledger was made under a pretended clock: its reports say so.
  public let isRehearsal: Bool

  public init(_ kind: Kind, run: Int64, isRehearsal: Bool = false) { (self.kind, self.run, self.isRehearsal) = (kind, run, isRehearsal) }

  /// `2026-11-22`, or `2026-11-01_2026-11-05.rerun-17`.
  public var folderName: String {
    switch kind {
    case .nightly(let day): "\(day)"
    case .rerun(let first, let last, _): "\(first)_\(last).rerun-\(run)"
    }
  }

  var isRerun: Bool {
    switch kind {
    case .nightly: false
    case .rerun: true
    }
  }

  /// The business date whose end the folder describes.
  public var asOf: ServiceDay {
    switch kind {
    case .nightly(let day): day
    case .rerun(_, _, let asOf): asOf
    }
  }

  var heading: String { isRehearsal ? "\(plainHeading) (rehearsal)" : plainHeading }

  private var plainHeading: String {
    switch kind {
    case .nightly(let day): "Refunds of \(day)"
    case .rerun(let first, let last, _): first == last ? "Refunds rerun for \(first)" : "Refunds rerun for \(first) to \(last)"
    }
  }

  /// Sentences without the last full stop.
  var subheading: String {
    isRehearsal ? "\(plainSubheading). A rehearsal under a pretended clock: nothing of it is to be paid" : plainSubheading
  }

  private var plainSubheading: String {
    switch kind {
    case .nightly: "Nightly run \(run), as of the end of \(asOf) UTC"
    case .rerun: "Manual rerun, run \(run), as of the end of \(asOf) UTC"
    }
  }
}
