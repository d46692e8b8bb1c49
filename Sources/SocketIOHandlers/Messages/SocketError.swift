import SocketIOTransport

/// Why a call failed: what kind of failure it is, and a sentence with the cause and the mend.
public struct SocketError: Error, Sendable, CustomStringConvertible {
    /// Kinds may be added; compare with the ones you know.
    public struct Kind: Hashable, Sendable {
        private let number: Int

        /// A value that the function does not take.
        public static let argument = Kind(number: 1)
        /// The socket, server or request is gone.
        public static let gone = Kind(number: 2)
        /// The server is closing.
        public static let state = Kind(number: 3)
        /// Not the JSON that is asked for.
        public static let json = Kind(number: 4)
        /// A name that Socket.IO keeps for itself.
        public static let reserved = Kind(number: 5)
        /// Larger or more than a limit allows.
        public static let limit = Kind(number: 6)
        /// Another program listens there.
        public static let addressInUse = Kind(number: 7)
        /// The system forbids it.
        public static let permission = Kind(number: 8)
        /// The host has no such name or address.
        public static let host = Kind(number: 9)
        /// Another failed system call.
        public static let system = Kind(number: 10)
        /// No reply came in time.
        public static let timeout = Kind(number: 11)
        /// The client went away first.
        public static let disconnected = Kind(number: 12)
        /// The server was closed first.
        public static let closed = Kind(number: 13)
    }

    public let kind: Kind
    public let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    package init(_ error: ListenError) {
        switch error {
        case .addressInUse(let text): self.init(.addressInUse, text)
        case .permission(let text): self.init(.permission, text)
        case .host(let text): self.init(.host, text)
        case .argument(let text): self.init(.argument, text)
        case .state(let text): self.init(.state, text)
        case .system(let text): self.init(.system, text)
        case .limit(let text): self.init(.limit, text)
        case .closed: self.init(.state, "The server is closing: make a new one.")
        }
    }

    package static let gone = SocketError(.gone, "The socket is disconnected.")
}
