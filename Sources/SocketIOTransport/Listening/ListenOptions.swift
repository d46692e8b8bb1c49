/// What a server is asked to listen on.
package enum ListenEndpoint: Sendable {
    /// An address or a name; `nil` is every address of the machine.
    case host(String?, port: Int)
    /// The path of a Unix socket, or "@" and the name of one that has no file.
    case unix(path: String)
    /// A socket that listens already, of this process's own.
    case descriptor(CInt)
}

/// How a socket listens, and what its connections inherit.
public struct ListenOptions: Sendable {
    /// Connections that may wait to be accepted; nil: 1024, or what it is with a socket that listens already.
    public var backlog: Int?
    /// "::" without IPv4.
    public var isIPv6Only = false
    /// Whether several processes may share the port.
    public var reusesPort = false
    /// Whether old connections that linger do not keep the port from being used.
    public var reusesAddress = true
    /// The network interface that connections may come from, "eth0"; nil: any.
    public var device: String?

    /// Permissions of a Unix socket; nil: by the umask.
    public var unixMode: UInt32?
    /// Name or number; nil: this process's.
    public var unixOwner: String?
    /// Name or number; nil: this process's.
    public var unixGroup: String?

    /// Whether TCP sends small pieces at once.
    public var isNoDelay = true
    /// nil: silent connections are not probed.
    public var keepAlive: KeepAlive?
    /// nil: off.
    public var linger: Linger?
    /// Bytes in the kernel; nil: the system's.
    public var receiveBufferSize: Int?
    public var sendBufferSize: Int?

    /// Whether connections begin with a header of the PROXY protocol, from ``ServerOptions/trustedProxies`` only.
    public var expectsProxyHeader = false

    /// nil: no TLS.
    public var tls: TLSOptions?

    public init() {}

    var hasBufferSizes: Bool { receiveBufferSize != nil || sendBufferSize != nil }

    /// How TCP probes a silent connection; what is nil is the system's.
    public struct KeepAlive: Sendable, Equatable {
        /// Seconds of silence before the first probe.
        public var idle: Int?
        /// Seconds between probes.
        public var interval: Int?
        /// How many have to stay unanswered.
        public var count: Int?

        public init(idle: Int? = nil, interval: Int? = nil, count: Int? = nil) {
            self.idle = idle
            self.interval = interval
            self.count = count
        }
    }

    /// What the end of a connection does about bytes that are still on their way.
    public enum Linger: Sendable, Equatable {
        /// They are thrown away, and the connection is reset.
        case reset
        /// The event loop waits for them up to this many seconds.
        case seconds(Int)
    }
}

/// Why listening failed, with the words that explain it.
package enum ListenError: Error {
    case addressInUse(String)
    case permission(String)
    case host(String)
    case argument(String)
    case state(String)
    case system(String)
    case limit(String)
    case closed
}
