import AuditLog
import Facts
import Ledger
import Night
import Payouts
import RefundPolicy
import Reports
import Storage
import Threads

/// The exit statuses of the contract.
enum ExitStatus: Int32, CaseIterable, Error {
  case done = 0
  case no = 1
  case usage = 64
  case badInput = 65
  case missingInput = 66
  case defect = 70
  case cannotCreate = 73
  case inputOutput = 74
  case tryLater = 75
  case badConfiguration = 78

  var meaning: String {
    switch self {
    case .done: "done (a run that changes nothing is done)"
    case .no: "the check answered no (verify, status)"
    case .usage: "the command line is wrong"
    case .badInput: "bad input data; nothing of it was taken in"
    case .missingInput: "an input is missing"
    case .defect: "a defect in the program"
    case .cannotCreate: "output cannot be created"
    case .inputOutput: "reading or writing failed (disk full too)"
    case .tryLater: "another run holds the database; try later"
    case .badConfiguration: "bad configuration or policy"
    }
  }

  /// For the end of every `--help`.
  static let table =
    "Exit status: " + allCases.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: "; ") + "; 128+n when a signal ended it."
}

/// What went wrong, for a person: what and where, and what to do.
struct Diagnostic: Error {
  var status: ExitStatus
  /// Lower case, no final stop; names the place and the offender.
  var message: String
  /// A full sentence.
  var hint: String

  init(_ status: ExitStatus, _ message: String, hint: String) {
    (self.status, self.message, self.hint) = (status, message, hint)
  }
}

extension Diagnostic {
  /// Every error a command can meet, as a person should read it.
  init(describing error: any Error) {
    switch error {
    case let diagnostic as Diagnostic: self = diagnostic
    case let error as StorageError: self.init(error)
    case let damage as Damage:
      self.init(
        .badInput, "the database was changed behind the program's back: \(damage.findings.map(\.description).joined(separator: "; "))",
        hint: "Nothing was written or paid. See 'makegood verify'; cron/README.md says how a backup is restored.")
    case let error as ReportError: self.init(error)
    case let error as WorkThread.NotStarted: self.init(ReportError.noThread(code: error.code))
    case let error as SettingsError: self.init(error)
    case let error as Night.Refusal: self.init(error)
    case is RehearsalRefusal:
      self.init(
        .badConfiguration, "this ledger was not made under the real clock: it is a rehearsal, and is never paid on the main net",
        hint: "Rehearse on a private chain with --regtest; pay from a ledger that was made without MAKEGOOD_NOW.")
    case let refusal as ReviewRefusal: self.init(refusal)
    case let refusal as CancelRefusal: self.init(refusal)
    case let error as ForeignDatabaseError:
      self.init(.badInput, "the database '\(error.path)' cannot be read: \(error.why)", hint: "Export it again; nothing was taken in.")
    case let error as RejectsError:
      self.init(
        error.isDisk ? .inputOutput : .cannotCreate, "cannot write the rejects into '\(error.path)': \(error.why)",
        hint: "Name a file that does not exist yet with --rejects; nothing was taken in.")
    case let error as ImportUnreadable:
      self.init(
        .inputOutput, "cannot read '\(error.path)': \(error.why)",
        hint: "Have the export write aside and rename its files when they are whole, then import again; nothing was taken in.")
    case let error as ImportMissing:
      self.init(.missingInput, "cannot read '\(error.path)': \(error.why)", hint: "Name files or folders that are there.")
    default:
      self.init(.defect, "unexpected: \(error)", hint: "This is a defect: keep the database and the output, and report it.")
    }
  }

  private init(_ error: StorageError) {
    switch error {
    case .missing(let path, nil):
      self.init(
        .missingInput, "there is no database at '\(path)'",
        hint: "Name it with --db, or put the backup in its place; 'makegood init' makes a new ledger, which knows of no refund.")
    case .missing(let path, let why?):
      self.init(
        .missingInput, "there is no database at '\(path)': \(why)",
        hint: "Put the backup in its place; a new ledger would know of no refund that was made.")
    case .occupied(let path, let what):
      self.init(
        .cannotCreate, "cannot make a new ledger: \(what) is at '\(path)' already",
        hint: "Name another file with --db. What is there may be the ledger or a part of it: nothing was changed.")
    case .strayLog(let path, let database):
      self.init(
        .badInput, "'\(path)' is not the log of '\(database)': it was left by another database, perhaps the one that this one replaces",
        hint: "Move it away (and '\(database)-shm'); together they would be a mixture of both. Then see 'makegood status'.")
    case .severalNames(let path):
      self.init(
        .badConfiguration, "the database '\(path)' has more than one name (hard links)",
        hint: "Keep one name and remove the others: under two names two runs could write at once.")
    case .busy(let path):
      self.init(.tryLater, "another run holds the database '\(path)'", hint: "Try again when it is done; nothing was written.")
    case .notOurs(let path, let why):
      self.init(.badInput, "'\(path)' is no makegood database: \(why)", hint: "Name the right file with --db.")
    case .damaged(let path, let why):
      self.init(
        .badInput, "the database '\(path)' is damaged: \(why)",
        hint: "Put a backup in its place; 'makegood verify' tells whether one is whole.")
    case .inputOutput(let path, let why):
      self.init(.inputOutput, "'\(path)': \(why)", hint: "See that the disk has room and the file may be written, then run again.")
    case .refused(let why):
      self.init(.defect, "the database refused: \(why)", hint: "Nothing of this run was kept. This is a defect: keep the database and report it.")
    }
  }

  private init(_ error: ReportError) {
    let status: ExitStatus =
      switch error {
      case .targetExists, .cannotCreate: error.isDiskFull ? .inputOutput : .cannotCreate
      case .cannotWrite, .noThread: .inputOutput
      }
    self.init(status, error.description, hint: error.hint)
  }

  private init(_ error: SettingsError) {
    switch error {
    case .unreadable(let line, let column, let what):
      self.init(
        .badConfiguration, "the settings cannot be read: line \(line), column \(column): \(what)",
        hint: "Put it right there; 'makegood policy show' prints settings in the right form.")
    case .unknownKey(let key):
      self.init(.badConfiguration, "unknown setting '\(key)'", hint: "'makegood policy show' prints the names of all settings.")
    case .wrongValue(let key, let form): self.init(.badConfiguration, "setting '\(key)' has a wrong value", hint: "Write \(form).")
    case .alreadySet(let from):
      self.init(
        .badConfiguration, "other settings that take effect at \(from) are there already",
        hint: "A set is never replaced: give the new one another effective_from; 'makegood policy show' prints those there are.")
    case .inThePast(let from, let last):
      self.init(
        .badConfiguration, "the settings would take effect at \(from), and \(last) is closed already",
        hint: "Give an effective_from of \(last.advanced(by: 1)) or later; only --rewrite-history with --note TEXT changes what closed dates went by."
      )
    case .noteMissing:
      self.init(.badConfiguration, "no note says why history is to be rewritten", hint: "Say why with --note TEXT.")
    }
  }

  private init(_ error: Night.Refusal) {
    switch error {
    case .notOver(let day, let today):
      self.init(.usage, "\(day) is not over yet: today is \(today) UTC", hint: "Close dates up to \(today.advanced(by: -1)).")
    case .beforeFirst(let day, let first):
      self.init(.usage, "\(day) lies before \(first), the first date that was closed", hint: "Give \(first) or a later date.")
    case .nothingClosed:
      self.init(.usage, "no date is closed yet, so nothing can be decided again", hint: "Run 'makegood run' first.")
    case .notClosed(let day, let last):
      self.init(.usage, "\(day) lies after \(last), the last closed date", hint: "Give days up to \(last); later ones are the nightly's.")
    case .clockBehind(let today, let last):
      self.init(
        .badConfiguration, "today is \(today) UTC, but dates up to \(last) are closed: the clock is or was wrong, and nothing was done (G7)",
        hint: ClockWords.wayOut(last))
    case .tooMany(let days, let limit):
      self.init(
        .badConfiguration,
        "\(days.dayCount) dates are not closed yet, \(days.first) to \(days.last), more than catch_up_max_nights (\(limit)): "
          + "nothing was done (G7)",
        hint: ClockWords.overrule(days.last))
    case .changedSince(let expected, let now):
      self.init(
        .badInput, "the facts or the queue changed since the dry run: the fingerprint is \(now), not \(expected)",
        hint: "Look at a new dry run, then give its fingerprint.")
    }
  }
}
