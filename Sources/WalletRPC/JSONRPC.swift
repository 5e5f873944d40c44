import Foundation
import Payouts

/// Calls of a Monero program: JSON over POST, with a digest login where it asks for one.
struct RPCClient: Sendable {
  private let http: HTTPClient

  init(_ endpoint: Endpoint, login: Login?) { http = HTTPClient(endpoint: endpoint, login: login) }

  /// Calls a method of `/json_rpc`.
  func call<Parameters: Encodable, Result: Decodable>(
    _ method: String, _ parameters: Parameters, within seconds: Int64 = 60
  ) throws(MoneroError) -> Result {
    let envelope: Envelope<Result> = try post("/json_rpc", Call(method: method, params: parameters), within: seconds, what: method)
    if let error = envelope.error { throw .refused(code: error.code, error.message) }
    guard let result = envelope.result else { throw .badAnswer("\(method): neither a result nor an error") }
    return result
  }

  /// Calls a path of the daemon that is no method of `/json_rpc`.
  func post<Body: Encodable, Answer: Decodable>(
    _ path: String, _ body: Body, within seconds: Int64 = 60, what: String
  ) throws(MoneroError) -> Answer {
    let bytes: [UInt8]
    do { bytes = Array(try JSONEncoder().encode(body)) } catch { throw .badAnswer("\(what): \(error)") }
    let answer = try http.post(path, bytes, within: seconds)
    if answer.status == 401 { throw .loginRefused }
    guard answer.status == 200 else { throw .badAnswer("\(what): HTTP status \(answer.status)") }
    do { return try JSONDecoder().decode(Answer.self, from: Data(answer.body)) } catch { throw .badAnswer("\(what): \(error)") }
  }

  private struct Call<Parameters: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let id = "0"
    let method: String
    let params: Parameters
  }

  private struct Envelope<Result: Decodable>: Decodable {
    let result: Result?
    let error: Failure?
  }

  private struct Failure: Decodable {
    let code: Int
    let message: String
  }
}
