import EngineIOCore
import SocketIOCore
import Synchronization

/// What a client says about itself when it asks for a namespace; the text of a JSON object.
public enum ClientAuth: Sendable {
    case none
    /// The same each time.
    case value(String)
    /// A function that is asked before every attempt, on the manager's loop; it answers now or later, from any thread.
    case function(@Sendable (AuthRequest) -> Void)

    /// An asynchronous function that is asked before every attempt; one that throws ends the attempt.
    public static func task(
        _ body: @escaping @Sendable (_ attempt: Int, _ lastReason: String?) async throws -> String
    ) -> ClientAuth {
        .function { request in
            Task {
                do {
                    request.provide(try await body(request.attempt, request.lastReason))
                } catch {
                    request.fail("\(error)")
                }
            }
        }
    }

    /// The bytes of a JSON object, or nothing.
    package static func checked(_ json: String) throws(SocketError) -> [UInt8] {
        let bytes = Array(json.utf8)
        guard !bytes.isEmpty else { return [] }
        do throws(JSONError) {
            try bytes.span.withUnsafeBytes { (bytes) throws(JSONError) in
                _ = try JSONValidator.validate(bytes, expecting: .object)
            }
        } catch {
            throw SocketError(
                .json, "The auth is not the text of a JSON object at byte \(error.offset) (\(error.kind)).")
        }
        return bytes
    }
}

/// A question for what to say to the server; the first answer counts, and one that comes when the attempt is over is
/// dropped.
public final class AuthRequest: Sendable {
    public let socket: ClientSocket
    /// Which attempt it is since the client was in the namespace; the first is 1.
    public let attempt: Int
    /// Why the last connection or attempt ended; nil: there was none.
    public let lastReason: String?
    private let ticket: UInt64
    private let isAnswered = Atomic<Bool>(false)

    init(_ socket: ClientSocket, attempt: Int, lastReason: String?, ticket: UInt64) {
        self.socket = socket
        self.attempt = attempt
        self.lastReason = lastReason
        self.ticket = ticket
    }

    /// The text of a JSON object, or nothing. What is neither ends the attempt as ``fail(_:)`` does.
    public func provide(_ json: String = "") {
        do throws(SocketError) {
            let bytes = try ClientAuth.checked(json)
            answer { socket, ticket in socket.join(bytes, ticket) }
        } catch {
            fail(error.description)
        }
    }

    /// There is nothing to say: the socket is told a ``ClientFailure`` with the code ``ClientFailure/Code/auth``, and
    /// does not try again by itself.
    public func fail(_ message: String) {
        answer { socket, ticket in socket.authFailed(message, ticket) }
    }

    private func answer(_ work: @escaping @Sendable (ClientSocket, UInt64) -> Void) {
        guard isAnswered.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        socket.manager.loop.run { [socket, ticket] in work(socket, ticket) }
    }
}

/// What a socket is told when it is made.
public struct ClientSocketOptions: Sendable {
    public var auth = ClientAuth.none
    /// How often an event is sent again that the server has not acknowledged; nil: events are sent once. With it they are
    /// sent one after the other, each when the one before is acknowledged or given up: the server has to acknowledge
    /// all of them, and to know one that it has got before.
    public var retries: Int?
    /// How long replies are awaited, unless an emit says something else; nil: as long as the connection lives.
    public var ackTimeout: Duration?

    public init() {}
}
