import EngineIOCore

/// What a server's Engine.IO layer is told.
package struct EngineOptions: Sendable {
    package var path = PathMatcher()
    package var handshake = HandshakeOptions()
    package var allowUpgrades = true
    package var session = SessionConfiguration()
    /// Bytes of a message or of a request's body.
    package var maxHTTPBufferSize = 1_000_000
    /// Milliseconds that a connection may take for a complete request, the time before it included.
    package var requestTimeout: Int64 = 60_000
    package var originPolicy = OriginPolicy.sameOrigin
    package var cors = CORSOptions()

    package init() {}

    /// The transports in the order of the `upgrades` list.
    var upgrades: [Transport] {
        allowUpgrades ? handshake.transports : []
    }
}

/// How important a line of the log is.
package enum LogLevel: Int, Sendable, Comparable {
    case error = 1
    case warning
    case info
    case debug

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
