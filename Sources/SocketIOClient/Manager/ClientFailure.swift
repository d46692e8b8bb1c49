import EngineIOCore
import SocketIOTransport

/// Why there is no connection, or no longer one: for programs a code, for people a sentence that says what to do.
public struct ClientFailure: Error, Sendable, CustomStringConvertible {
    /// Codes may be added; compare with the ones you know.
    public struct Code: Hashable, Sendable {
        private let number: Int

        /// An option, or the URL.
        public static let argument = Code(number: 1)
        /// The host has no address.
        public static let resolve = Code(number: 2)
        /// No address of it takes connections.
        public static let connect = Code(number: 3)
        /// The server, or something on the way to it, did not answer in time.
        public static let timeout = Code(number: 4)
        /// A certificate is not believed, or there is no common version or cipher.
        public static let tls = Code(number: 5)
        /// The server answered with a status that is no success: see ``ClientFailure/status``.
        public static let http = Code(number: 6)
        /// The server said that it is elsewhere.
        public static let redirect = Code(number: 7)
        /// The proxy did not open a way to the server.
        public static let proxy = Code(number: 8)
        /// The server speaks another version of the protocol.
        public static let version = Code(number: 9)
        /// What came is not what the protocol allows.
        public static let protocolError = Code(number: 10)
        /// A message is larger than a limit allows, on this side or on the server's.
        public static let tooLarge = Code(number: 11)
        /// More waits than may: see ``ManagerOptions/maxBufferedBytes`` and ``ManagerOptions/overflowPolicy``.
        public static let overflow = Code(number: 12)
        /// The connection was lost.
        public static let lost = Code(number: 13)
        /// The server does not let the client into the namespace: ``ClientFailure/message`` and ``ClientFailure/data``
        /// are its own.
        public static let refused = Code(number: 14)
        /// The program's function for ``ClientAuth`` failed.
        public static let auth = Code(number: 15)
        /// The client was closed.
        public static let closed = Code(number: 16)
        /// The program's function for ``Manager/beforeOpening(_:)`` failed.
        public static let opening = Code(number: 17)

        /// For the C API, in the order above.
        package var rawValue: Int { number }
    }

    public let code: Code
    /// The cause and, where there is one, the mend; of a refusal, what the server says.
    public let message: String
    /// What the server says besides, of a refusal: JSON text.
    public let data: String?
    /// What carried the connection, or was to.
    public let transport: ManagerOptions.TransportKind?
    /// Of the response of the server or proxy.
    public let status: Int?
    /// `errno` of a system call.
    public let systemError: CInt?

    public var description: String { message }

    package init(
        _ code: Code, _ message: String, data: String? = nil, transport: ManagerOptions.TransportKind? = nil,
        status: Int? = nil, systemError: CInt? = nil
    ) {
        self.code = code
        self.message = message
        self.data = data
        self.transport = transport
        self.status = status
        self.systemError = systemError
    }

    init(_ end: EngineClientEnd) {
        guard let failure = end.failure else {
            self.init(.lost, "The connection ended: \(end.reason.rawValue).")
            return
        }
        self.init(
            Code(failure.code), failure.sentence, transport: failure.transport.map { .init($0) },
            status: failure.status == 0 ? nil : failure.status,
            systemError: failure.systemError == 0 ? nil : failure.systemError)
    }
}

extension ClientFailure {
    /// The same for a namespace that the connection did not live long enough to join.
    var beforeJoining: ClientFailure {
        guard code == .lost else { return self }
        return ClientFailure(
            code, "\(message) It had not let the client in: does it use the same parser?", transport: transport,
            status: status, systemError: systemError)
    }
}

extension ClientFailure.Code {
    fileprivate init(_ code: EngineClientFailure.Code) {
        self =
            switch code {
            case .argument: .argument
            case .resolve: .resolve
            case .connect: .connect
            case .timeout: .timeout
            case .tls: .tls
            case .http: .http
            case .redirect: .redirect
            case .proxy: .proxy
            case .revision: .version
            case .protocolError: .protocolError
            case .tooLarge: .tooLarge
            case .overflow: .overflow
            case .lost: .lost
            }
    }
}

/// How a namespace was left.
public struct Disconnection: Sendable {
    /// In Socket.IO's words: "io server disconnect" and "io client disconnect", behind which there is no reconnection;
    /// "ping timeout", "transport close", "transport error", "parse error".
    public let reason: String
    /// What went wrong, if something did.
    public let details: ClientFailure?

    /// Of a connection that nobody wants any more.
    static var byThisSide: Disconnection { Disconnection(reason: CloseReason.forcedClose.rawValue, details: nil) }
}

/// Reasons of a disconnect that are Socket.IO's own; the others are the engine's.
enum ClientDisconnectReason {
    static let server = "io server disconnect"
    static let client = "io client disconnect"
}

extension ManagerOptions.TransportKind {
    init(_ transport: Transport) {
        self = transport == .polling ? .polling : .webSocket
    }
}

extension ClientFailure {
    static var closed: ClientFailure { ClientFailure(.closed, "The client was closed.") }
}

extension SocketError {
    static let clientClosed = SocketError(.closed, "The client was closed: make a new one.")
}
