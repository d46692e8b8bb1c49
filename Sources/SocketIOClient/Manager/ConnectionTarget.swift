import EngineIOCore

/// Where a manager connects to, and with what: as its options say, and as it has been told, and has found out, since.
struct ConnectionTarget {
    private(set) var url: EngineURL
    /// What stands in the place of the URL's host; nil: the network.
    private(set) var unixSocket: String?
    private(set) var headers: [(name: String, value: String)]
    /// What the server speaks, if it was found out.
    var revision: ProtocolRevision?
    /// Whether WebSocket has worked, and comes first.
    var startsWithWebSocket = false
    /// Whether the last connection may have fallen silent because its upgrade failed: the next one makes none.
    var staysOnPolling = false

    init(_ url: EngineURL, _ options: ManagerOptions) {
        self.url = url
        unixSocket = options.unixSocket
        headers = options.extraHeaders
    }

    mutating func take(_ answer: OpenRequest.Answer) {
        if let url = answer.url { self.url = url }
        if let headers = answer.headers { self.headers = headers }
        switch answer.unixSocket {
        case .asItWas: break
        case .unused: unixSocket = nil
        case .path(let path): unixSocket = path
        }
    }
}
