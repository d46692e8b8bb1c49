import EngineIOCore
import Glibc

/// How a connection ended, or why there was none.
package struct EngineClientEnd: Sendable {
    /// `transport error`, `transport close`, `ping timeout`, `forced close` or `parse error`.
    package let reason: CloseReason
    /// Of an end that nobody wanted.
    package let failure: EngineClientFailure?
    /// Whether an upgrade to WebSocket had failed: some servers keep everything back from then on.
    package let hadFailedUpgrade: Bool

    package init(reason: CloseReason, failure: EngineClientFailure? = nil, hadFailedUpgrade: Bool = false) {
        self.reason = reason
        self.failure = failure
        self.hadFailedUpgrade = hadFailedUpgrade
    }
}

/// What went wrong, and what to do about it.
package struct EngineClientFailure: Error, Sendable {
    package enum Code: Sendable, Hashable {
        /// An option, or the URL.
        case argument
        /// The host has no address.
        case resolve
        /// No address of it takes connections.
        case connect
        /// The server, or something on the way to it, did not answer in time.
        case timeout
        /// A certificate is not believed, or there is no common version or cipher.
        case tls
        /// The server answered with a status that is no success.
        case http
        /// It said that what is asked for is elsewhere.
        case redirect
        case proxy
        /// It does not speak the revision of the protocol that was asked for.
        case revision
        /// What came is not Engine.IO, WebSocket or HTTP.
        case protocolError
        /// A message, or a body, is larger than the limit, on this side or on the server's.
        case tooLarge
        /// More waits to be sent than may.
        case overflow
        /// The connection was lost.
        case lost
    }

    package var code: Code
    /// What carried the session, or was to; nil: it did not come to that.
    package var transport: Transport?
    /// Of the server's, or the proxy's, response; 0: there was none.
    package var status: Int
    /// `errno`; 0: none.
    package var systemError: CInt
    package var sentence: String

    package init(
        _ code: Code, transport: Transport? = nil, status: Int = 0, systemError: CInt = 0, _ sentence: String
    ) {
        self.code = code
        self.transport = transport
        self.status = status
        self.systemError = systemError
        self.sentence = sentence
    }

    func over(_ transport: Transport) -> EngineClientFailure {
        var failure = self
        failure.transport = failure.transport ?? transport
        return failure
    }

    static func text(of systemError: CInt) -> String { String(cString: strerror(systemError)) }
}

extension ListenError {
    var sentence: String {
        switch self {
        case .addressInUse(let text), .permission(let text), .host(let text), .argument(let text), .state(let text),
            .system(let text), .limit(let text):
            text
        case .closed: "The runtime has ended."
        }
    }
}
