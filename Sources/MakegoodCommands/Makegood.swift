public import ArgumentParser
import Facts
import Foundation

/// The program: one command for each act of the contract.
///
/// Each command says its name itself: where the library has to make one of the type's, every start takes a millisecond or two longer.
public struct Makegood: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "makegood",
    abstract: "Works out to the cent what customers are owed for service they did not get, and queues it for review.",
    discussion: """
      Every night cron runs 'makegood run'. Facts come in with 'makegood import', reports go out as CSV, one folder for each night.

      Settings come, strongest first, from flags, the environment (MAKEGOOD_DB, MAKEGOOD_REPORTS), and a configuration file with lines \
      NAME=VALUE (MAKEGOOD_CONFIG, else /etc/makegood.conf).

      \(ExitStatus.table)
      """,
    version: "0.1.0",
    subcommands: [
      Init.self, Import.self, Run.self, Queue.self, Review.self, Payout.self, Explain.self, ListFacts.self, Report.self, Verify.self, Status.self,
      Policy.self, Demo.self,
    ])

  public init() {}

  /// Runs the command line and ends the process with the contract's status.
  public static func start() -> Never {
    do {
      var command = try parseAsRoot()
      try command.run()
      exit(withStatus: .done)
    } catch let failure as ImportFailure {
      ImportMessages.print(failure)
      Console.note("nothing was taken in")
      exit(withStatus: .badInput)
    } catch let status as ExitStatus {
      exit(withStatus: status)
    } catch let error where exitCode(for: error).rawValue == 0 || error is CleanExit || isUsage(error) {
      exit(withError: error)
    } catch {
      Console.report(Diagnostic(describing: error))
      exit(withStatus: Diagnostic(describing: error).status)
    }
  }

  private static func isUsage(_ error: any Error) -> Bool { exitCode(for: error) == .validationFailure }

  private static func exit(withStatus status: ExitStatus) -> Never {
    Foundation.exit(status.rawValue)
  }
}

/// Where the database is, for every command that opens it.
struct DatabaseOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The database file; else MAKEGOOD_DB.", valueName: "file"))
  var db: String?

  func path() throws -> String {
    if let path = try db ?? Configuration().value("MAKEGOOD_DB") { return path }
    throw Diagnostic(.usage, "no database is named", hint: "Give --db FILE, set MAKEGOOD_DB, or put it into the configuration file.")
  }
}

/// Where the reports go.
struct ReportOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the report folders; else MAKEGOOD_REPORTS, else 'reports'.", valueName: "folder"))
  var reports: String?

  /// The folder that is configured without the flag.
  static func configured() throws -> String { try Configuration().value("MAKEGOOD_REPORTS") ?? "reports" }

  func path() throws -> String { try reports ?? ReportOptions.configured() }
}

struct OutputOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say nothing when all is well.")
  var quiet = false
}

/// For commands that only answer: the answer is printed all the same.
struct AnswerOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Print the answer and nothing beside it.")
  var quiet = false

  func note(_ text: String) { if !quiet { Console.note(text) } }
}
