public import ArgumentParser
import Facts
import Foundation
import Host

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
      Init.self, Backup.self, Recover.self, Import.self, Run.self, Queue.self, Review.self, Payout.self, Explain.self, ListFacts.self, Report.self,
      Verify.self,
      Status.self,
      Policy.self, Demo.self,
    ])

  public init() {}

  /// Runs the command line and ends the process with the contract's status.
  public static func start() -> Never {
    host_ignore_broken_pipes()
    do {
      var command = try parseAsRoot(try CommandLineArguments.read())
      try command.run()
      Console.end(.done)
    } catch let failure as ImportFailure {
      ImportMessages.print(failure)
      Console.note("nothing was taken in")
      Console.end(.badInput)
    } catch let status as ExitStatus {
      Console.end(status)
    } catch let error where exitCode(for: error) == .success {
      // Help and the version are answers.
      Console.print(fullMessage(for: error))
      Console.end(.done)
    } catch let error where exitCode(for: error) == .validationFailure {
      Console.note(fullMessage(for: error))
      Console.end(.usage)
    } catch {
      let diagnostic = Diagnostic(describing: error)
      Console.report(diagnostic)
      Console.end(diagnostic.status)
    }
  }
}

/// The command line without the program's name.
private enum CommandLineArguments {
  /// - Throws: ``Diagnostic``: a program that saw no arguments would print its help and end well.
  static func read() throws(Diagnostic) -> [String] {
    let count = host_argument_count()
    var texts: [String] = []
    for index in 0..<count {
      guard let bytes = unsafe host_argument(index) else { break }
      guard let text = unsafe String(validatingCString: bytes) else {
        throw Diagnostic(.usage, "argument \(index) is not UTF-8", hint: "Name the file by a path in UTF-8, or rename it.")
      }
      texts.append(text)
    }
    guard count >= 1, texts.count == Int(count) else {
      throw Diagnostic(.defect, "the arguments of the command line cannot be read", hint: "Start the program from a shell or cron, by its name.")
    }
    return Array(texts.dropFirst())
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
