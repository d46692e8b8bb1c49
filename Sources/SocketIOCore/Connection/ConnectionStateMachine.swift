/// The rules of one Socket.IO connection, server side: which namespaces the client has joined or asks to join, and
/// the binary packet whose attachments are still on their way.
///
/// Generic over what the layer above keeps for a namespace, so that tests run it with strings. Packets are validated
/// before they come here; see ``PacketParser``.
public struct ConnectionStateMachine<Socket> {
    private enum State {
        case open
        case closed
    }

    private enum Phase {
        case connecting
        case connected
    }

    private struct Membership {
        /// Empty for the root namespace.
        let namespace: [UInt8]
        let socket: Socket
        var phase: Phase
    }

    private let version: ProtocolVersion
    private var state = State.open
    /// The packet whose text came, and whose attachments are on their way: only binary messages are legal until all are
    /// here. One at the most. It stands in an array since it is larger than all else here, and hardly any connection has
    /// one; those that had keep the room.
    private var incomplete: [BinaryPacket] = []
    /// Nearly always one, so that a search is a comparison.
    private var memberships: [Membership] = []

    public init(_ version: ProtocolVersion = .five) {
        self.version = version
    }

    /// Whether the client has joined a namespace.
    public var hasJoined: Bool { memberships.contains { $0.phase == .connected } }

    /// The sockets of the connection, those that are still asking included.
    public var sockets: [Socket] { memberships.map { $0.socket } }

    /// The number of ``sockets``.
    public var count: Int { memberships.count }

    // MARK: Receiving

    public enum TextAction {
        /// The client asks to join a namespace: decide, and call ``connecting(_:as:)``. `query` is what version 4
        /// puts behind the name, from the "?" on.
        case connect(namespace: [UInt8], query: [UInt8])
        case event(Socket)
        case acknowledgement(Socket, id: UInt64)
        /// The client leaves a namespace; it has left already.
        case disconnect(Socket)
        case ignore
        /// Close the connection: the client broke a rule.
        case violation(ConnectionViolation)
    }

    /// A valid packet arrived; `bytes` is its text. An event or acknowledgement with attachments is kept until they
    /// are complete.
    public mutating func received(_ packet: ParsedPacket, _ bytes: UnsafeRawBufferPointer) -> TextAction {
        guard case .open = state else { return .ignore }
        guard incomplete.isEmpty else { return .violation(.textAmongAttachments) }
        let header = packet.header
        let namespace = UnsafeRawBufferPointer(rebasing: bytes[header.namespace])
        if header.type == .connect { return connect(namespace) }
        guard let found = position(of: namespace), memberships[found].phase == .connected else {
            return .violation(.notConnected)
        }
        let socket = memberships[found].socket
        switch header.type {
        case .event: return .event(socket)
        case .ack:
            guard let id = header.acknowledgement else { return .ignore }
            return .acknowledgement(socket, id: id)
        case .binaryEvent, .binaryAck:
            if header.attachmentCount > 0 {
                incomplete.append(BinaryPacket(packet, text: bytes))
                return .ignore
            }
            if header.type == .binaryEvent { return .event(socket) }
            guard let id = header.acknowledgement else { return .ignore }
            return .acknowledgement(socket, id: id)
        case .disconnect:
            memberships.remove(at: found)
            return .disconnect(socket)
        case .connect, .connectError: return .violation(.wrongDirection)
        }
    }

    private func connect(_ namespace: UnsafeRawBufferPointer) -> TextAction {
        let end: Int
        switch version {
        case .four: end = namespace.firstIndex(of: ASCII.questionMark) ?? namespace.count
        // A "?" is a character like others.
        case .five: end = namespace.count
        }
        let name = UnsafeRawBufferPointer(rebasing: namespace[..<end])
        guard position(of: name) == nil else {
            return .violation(version == .four && name.count <= 1 ? .askedForRoot : .connectedTwice)
        }
        return .connect(namespace: Array(name), query: Array(namespace[end...]))
    }

    public enum BinaryAction {
        /// The bytes that arrived are the last attachment of the packet, which has the others.
        case event(Socket, BinaryPacket)
        case acknowledgement(Socket, id: UInt64, BinaryPacket)
        case ignore
        case violation(ConnectionViolation)
    }

    /// A binary message arrived.
    public mutating func received(binary bytes: UnsafeRawBufferPointer) -> BinaryAction {
        guard case .open = state else { return .ignore }
        // The packet alone holds its bytes from here on, so that they are changed where they lie.
        guard var packet = incomplete.popLast() else { return .violation(.unexpectedAttachment) }
        guard packet.awaitsOne else {
            packet.append(bytes)
            incomplete.append(packet)
            return .ignore
        }
        // The namespace may have been left while the attachments were on their way.
        let found = packet.withNamespace { position(of: $0) }
        guard let found, memberships[found].phase == .connected else { return .ignore }
        let socket = memberships[found].socket
        if packet.packet.header.type == .binaryEvent { return .event(socket, packet) }
        guard let id = packet.packet.header.acknowledgement else { return .ignore }
        return .acknowledgement(socket, id: id, packet)
    }

    // MARK: Joining and leaving

    /// The client may join `namespace`, as soon as it is accepted.
    public mutating func connecting(_ namespace: [UInt8], as socket: Socket) {
        guard case .open = state else { return }
        memberships.append(Membership(namespace: namespace, socket: socket, phase: .connecting))
    }

    /// The client was accepted. False if it has gone meanwhile.
    public mutating func accepted(_ namespace: [UInt8]) -> Bool {
        guard let found = position(of: namespace), memberships[found].phase == .connecting else { return false }
        memberships[found].phase = .connected
        return true
    }

    /// The client was refused, or this side disconnects it. Nil if it was not there.
    public mutating func remove(_ namespace: [UInt8]) -> Socket? {
        guard let found = position(of: namespace) else { return nil }
        return memberships.remove(at: found).socket
    }

    /// The connection ended; returns the sockets that it had.
    public mutating func closed() -> [Socket] {
        let sockets = sockets
        state = .closed
        memberships = []
        incomplete = []
        return sockets
    }

    private func position(of namespace: [UInt8]) -> Int? {
        namespace.withUnsafeBytes { position(of: $0) }
    }

    private func position(of namespace: UnsafeRawBufferPointer) -> Int? {
        // The root namespace may be written as nothing or as "/".
        let size = namespace.count == 1 ? 0 : namespace.count
        for index in memberships.indices where memberships[index].namespace.count == size {
            if size == 0 || memberships[index].namespace.elementsEqual(namespace) { return index }
        }
        return nil
    }
}

/// A rule that a client broke, which ends its connection.
public enum ConnectionViolation: String, Sendable {
    case textAmongAttachments = "got plaintext data when reconstructing a packet"
    case unexpectedAttachment = "got binary data when not reconstructing a packet"
    case askedForRoot = """
        asked for "/", where clients of Socket.IO 1 and 2 are without asking; it has to open its connection with EIO=4 \
        if it is one of Socket.IO 3 or later
        """
    case connectedTwice = "asked for a namespace that it had joined, or had asked for"
    case notConnected = "sent a packet for a namespace that it has not joined"
    case wrongDirection = "sent a packet that only servers send"

    /// Whether the bytes themselves made no sense, rather than a packet at this time.
    public var isUndecodable: Bool { self == .textAmongAttachments || self == .unexpectedAttachment }
}
