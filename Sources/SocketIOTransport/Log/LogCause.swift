import EngineIOCore

/// What anyone who reaches the server can bring about, as often as he likes: lines about it are counted, see
/// ``LogLimiter``.
package enum LogCause: Hashable, Sendable {
    case refusedRequest(EngineError)
    case malformedRequest
    case guessedRevision
    case slowHook
    case unreadableFile
    case refusedTLS
    case tooManyConnections
    case tooManyOfAddress
    case busy
    case untrustedProxy
    case malformedProxyHeader
    case noDescriptors
    case refusedWebSocket
    case wrongHeartbeat
    case slowReader
    case malformedPacket
    case otherParser
    case unknownNamespace
    case tooManyNamespaces
    case tooManyAcks
    case noNamespace
    case brokenRule
    case notRecovered

    /// What `count` of them are, for the line that stands for theirs.
    func summary(of count: Int) -> String {
        "\(count) more \(plural) within a minute; of each kind, an event loop writes "
            + "\(LogLimiter.linesPerMinute) lines a minute."
    }

    /// All but refused requests, which have codes.
    package static let others: [LogCause] = [
        .malformedRequest, .guessedRevision, .slowHook, .unreadableFile, .refusedTLS, .tooManyConnections,
        .tooManyOfAddress, .busy, .untrustedProxy, .malformedProxyHeader, .noDescriptors, .refusedWebSocket,
        .wrongHeartbeat, .slowReader, .malformedPacket, .otherParser, .unknownNamespace, .tooManyNamespaces,
        .tooManyAcks, .noNamespace, .brokenRule, .notRecovered,
    ]

    /// The name that it has among the metrics, "slow_reader".
    package var name: String {
        if case .refusedRequest = self { return "refused_request" }
        var name = ""
        var wasUppercase = false
        for character in String(describing: self) {
            if character.isUppercase && !wasUppercase { name += "_" }
            name += character.lowercased()
            wasUppercase = character.isUppercase
        }
        return name
    }

    private var plural: String {
        switch self {
        case .refusedRequest(let error): "requests were refused with code \(error.rawValue), \(error.message),"
        case .malformedRequest: "requests were refused as malformed"
        case .guessedRevision: "clients did not ask for revision 3 or 4 of Engine.IO"
        case .slowHook: "requests waited for the word of a hook for too long"
        case .unreadableFile: "files could not be read"
        case .refusedTLS: "TLS handshakes failed"
        case .tooManyConnections: "connections were closed because there were too many"
        case .tooManyOfAddress: "connections were closed because their addresses had too many"
        case .busy: "handshakes were put off"
        case .untrustedProxy: "connections were closed that came from none of the trusted proxies"
        case .malformedProxyHeader: "connections were closed for their PROXY header"
        case .noDescriptors: "WebSockets were refused for lack of descriptors"
        case .refusedWebSocket: "WebSockets were closed for what they sent"
        case .wrongHeartbeat: "clients had the heartbeat of another revision"
        case .slowReader: "clients were disconnected because they read too slowly"
        case .malformedPacket: "clients were disconnected because they sent packets that are none"
        case .otherParser: "clients were disconnected because of their parser"
        case .unknownNamespace: "clients asked for namespaces that do not exist"
        case .tooManyNamespaces: "clients asked for more namespaces than one may have"
        case .tooManyAcks: "emits ended at once because too many replies of their clients are awaited"
        case .noNamespace: "clients were disconnected because they joined no namespace in time"
        case .brokenRule: "clients were disconnected because they broke a rule"
        case .notRecovered: "clients could not go on where they were"
        }
    }
}
