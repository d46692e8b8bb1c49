/// The rules of one Socket.IO client: which namespaces it wants, which it is in, and what may come for them. It outlives
/// its connections, one after the other.
///
/// Generic over what the layer above keeps for a namespace, so that tests run it with strings. Packets are validated
/// before they come here; see ``PacketParser``.
public struct ClientConnectionMachine<Socket> {
    private enum Connection {
        case closed
        case open(ProtocolVersion, session: String)
    }

    /// Where a namespace is in its life.
    private enum Phase: Equatable {
        /// Nobody wants it.
        case inactive
        /// It is asked for as soon as there is a connection, and something to say.
        case waiting
        /// The server was asked. A client that does not want it any more leaves as soon as it is in: to leave before
        /// that is against the rules, and servers end the connection then.
        case connecting(isLeaving: Bool)
        case connected
    }

    private struct Membership {
        /// Empty for the root namespace.
        let namespace: [UInt8]
        let socket: Socket
        var phase = Phase.inactive
        /// What came before the server's answer; it is delivered behind that.
        var early: [BinaryPacket] = []
        var earlySize = 0
        /// What the client goes on with, and how far it has come.
        var privateID: String?
        var offset: [UInt8] = []
    }

    private let earlyLimit: Int
    private var connection = Connection.closed
    /// The packet whose text came, and whose attachments are on their way; one at the most.
    private var incomplete: [BinaryPacket] = []
    private var memberships: [Membership] = []

    /// `earlyLimit`: how many bytes of events may come for a namespace before the server's answer.
    public init(earlyLimit: Int) {
        self.earlyLimit = earlyLimit
    }

    public var sockets: [Socket] { memberships.map { $0.socket } }

    /// Whether somebody wants a namespace.
    public var isWanted: Bool { memberships.contains { isWanted($0.phase) } }

    private func isWanted(_ phase: Phase) -> Bool {
        switch phase {
        case .inactive, .connecting(isLeaving: true): false
        case .waiting, .connecting(isLeaving: false), .connected: true
        }
    }

    public func isActive(_ namespace: [UInt8]) -> Bool {
        position(of: namespace).map { isWanted(memberships[$0].phase) } ?? false
    }

    public func isConnected(_ namespace: [UInt8]) -> Bool {
        position(of: namespace).map { memberships[$0].phase == .connected } ?? false
    }

    // MARK: What this side wants

    /// A namespace that may be wanted. False if it is there already.
    public mutating func add(_ namespace: [UInt8], as socket: Socket) -> Bool {
        guard position(of: namespace) == nil else { return false }
        memberships.append(Membership(namespace: namespace.count == 1 ? [] : namespace, socket: socket))
        return true
    }

    public enum Activation {
        /// Open a connection, if none is on its way.
        case open
        /// There is a connection: ask for the namespace.
        case ask
        /// It is wanted, and asked for, already.
        case nothing
    }

    /// A namespace is wanted.
    public mutating func activate(_ namespace: [UInt8]) -> Activation {
        guard let found = position(of: namespace) else { return .nothing }
        switch memberships[found].phase {
        case .inactive:
            memberships[found].phase = .waiting
            if case .open = connection { return .ask }
            return .open
        case .connecting(isLeaving: true):
            memberships[found].phase = .connecting(isLeaving: false)
            return .nothing
        case .waiting:
            if case .open = connection { return .nothing }
            return .open
        case .connecting(isLeaving: false), .connected: return .nothing
        }
    }

    public enum Leaving {
        /// It was connected: tell the server.
        case connected
        /// It was wanted, and not connected.
        case active
        case inactive
    }

    /// A namespace is not wanted any more. It does not go on where it was when it is wanted again.
    public mutating func leave(_ namespace: [UInt8]) -> Leaving {
        guard let found = position(of: namespace) else { return .inactive }
        forgetSession(at: found)
        switch memberships[found].phase {
        case .inactive, .connecting(isLeaving: true): return .inactive
        case .connecting(isLeaving: false):
            memberships[found].phase = .connecting(isLeaving: true)
            forgetEarly(at: found)
            return .active
        case .waiting:
            memberships[found].phase = .inactive
            return .active
        case .connected:
            memberships[found].phase = .inactive
            return .connected
        }
    }

    private mutating func forgetEarly(at position: Int) {
        memberships[position].early = []
        memberships[position].earlySize = 0
    }

    private mutating func forgetSession(at position: Int) {
        memberships[position].privateID = nil
        memberships[position].offset = []
    }

    /// There will be no namespace any more; returns the sockets.
    public mutating func removeAll() -> [Socket] {
        let all = sockets
        memberships = []
        incomplete = []
        connection = .closed
        return all
    }

    // MARK: The connection

    /// A connection is open. Returns the sockets that want to be asked for: see ``ask(for:)``.
    public mutating func opened(_ version: ProtocolVersion, session: String) -> [Socket] {
        connection = .open(version, session: session)
        return memberships.filter { $0.phase == .waiting }.map { $0.socket }
    }

    public enum Request: Equatable {
        /// Send CONNECT: with the payload and the session to go on with or, in version 4, with a query.
        case connect(ProtocolVersion, recovery: RecoveryRequest?)
        /// The server answers without being asked.
        case expect
        /// The namespace is not wanted any more, or there is no connection.
        case nothing
    }

    /// A namespace is to be asked for, now that it is known what to say.
    public mutating func ask(for namespace: [UInt8]) -> Request {
        guard let found = position(of: namespace), memberships[found].phase == .waiting,
            case .open(let version, _) = connection
        else { return .nothing }
        memberships[found].phase = .connecting(isLeaving: false)
        if version == .four { return memberships[found].namespace.isEmpty ? .expect : .connect(.four, recovery: nil) }
        let recovery = memberships[found].privateID.map { privateID in
            let offset = memberships[found].offset
            return RecoveryRequest(
                privateID: privateID, offset: offset.isEmpty ? nil : String(decoding: offset, as: UTF8.self))
        }
        return .connect(.five, recovery: recovery)
    }

    /// The connection is gone. Returns the sockets that want another one, and whether each was connected.
    public mutating func closed() -> [(socket: Socket, wasConnected: Bool)] {
        connection = .closed
        incomplete = []
        var ended: [(Socket, Bool)] = []
        for index in memberships.indices {
            forgetEarly(at: index)
            switch memberships[index].phase {
            case .inactive: break
            case .connecting(isLeaving: true): memberships[index].phase = .inactive
            case .waiting, .connecting(isLeaving: false):
                memberships[index].phase = .waiting
                ended.append((memberships[index].socket, false))
            case .connected:
                memberships[index].phase = .waiting
                ended.append((memberships[index].socket, true))
            }
        }
        return ended
    }

    // MARK: Receiving

    public enum TextAction {
        case event(Socket)
        /// An event before the server's answer: keep it with ``keep(_:_:attachments:)``.
        case early
        case acknowledgement(Socket, id: UInt64)
        /// The server lets the client in: call ``accepted(_:_:)`` with what it says.
        case connect(Socket)
        /// It does not; the namespace is not wanted any more.
        case refused(Socket)
        /// Version 4 has a packet for what an application has against an event.
        case error(Socket)
        /// The server has ended it; it is not wanted any more.
        case disconnect(Socket)
        /// The client is in, and does not want to be: tell the server.
        case leave(Socket)
        case ignore
        /// End the connection: the server broke a rule.
        case violation(ConnectionViolation)
    }

    /// A valid packet arrived; `bytes` is its text. One with attachments is kept until they are complete. What is for a
    /// namespace that the client is not in is nobody's.
    public mutating func received(_ packet: ParsedPacket, _ bytes: UnsafeRawBufferPointer) -> TextAction {
        guard case .open(let version, _) = connection else { return .ignore }
        guard incomplete.isEmpty else { return .violation(.textAmongAttachments) }
        let header = packet.header
        if header.type.isBinary, header.attachmentCount > 0 {
            incomplete.append(BinaryPacket(packet, text: bytes))
            return .ignore
        }
        guard let found = position(of: UnsafeRawBufferPointer(rebasing: bytes[header.namespace])) else {
            return .ignore
        }
        let socket = memberships[found].socket
        switch (header.type, memberships[found].phase) {
        case (.event, .connected), (.binaryEvent, .connected): return .event(socket)
        case (.event, .connecting(isLeaving: false)), (.binaryEvent, .connecting(isLeaving: false)): return .early
        case (.ack, .connected), (.binaryAck, .connected):
            guard let id = header.acknowledgement else { return .ignore }
            return .acknowledgement(socket, id: id)
        case (.connect, .connecting(isLeaving: false)): return .connect(socket)
        case (.connect, .connecting(isLeaving: true)):
            memberships[found].phase = .inactive
            return .leave(socket)
        case (.connectError, .connecting(let isLeaving)):
            memberships[found].phase = .inactive
            forgetEarly(at: found)
            forgetSession(at: found)
            return isLeaving ? .ignore : .refused(socket)
        case (.connectError, .connected): return version == .four ? .error(socket) : .ignore
        case (.disconnect, .connected), (.disconnect, .connecting(isLeaving: false)):
            memberships[found].phase = .inactive
            forgetEarly(at: found)
            forgetSession(at: found)
            return .disconnect(socket)
        case (.disconnect, .connecting(isLeaving: true)):
            memberships[found].phase = .inactive
            return .ignore
        case (.connect, .connected), (.connect, .inactive), (.connect, .waiting), (.connectError, .inactive),
            (.connectError, .waiting), (.disconnect, .inactive), (.disconnect, .waiting), (.event, .inactive),
            (.event, .waiting), (.event, .connecting(isLeaving: true)), (.binaryEvent, .inactive),
            (.binaryEvent, .waiting), (.binaryEvent, .connecting(isLeaving: true)), (.ack, .inactive),
            (.ack, .waiting), (.ack, .connecting), (.binaryAck, .inactive), (.binaryAck, .waiting),
            (.binaryAck, .connecting):
            return .ignore
        }
    }

    public enum BinaryAction {
        /// The bytes that arrived are the last attachment of the packet, which has the others.
        case event(Socket, BinaryPacket)
        case early(BinaryPacket)
        case acknowledgement(Socket, id: UInt64, BinaryPacket)
        case ignore
        case violation(ConnectionViolation)
    }

    /// A binary message arrived.
    public mutating func received(binary bytes: UnsafeRawBufferPointer) -> BinaryAction {
        guard case .open = connection else { return .ignore }
        // The packet alone holds its bytes from here on, so that they are changed where they lie.
        guard var packet = incomplete.popLast() else { return .violation(.unexpectedAttachment) }
        guard packet.awaitsOne else {
            packet.append(bytes)
            incomplete.append(packet)
            return .ignore
        }
        // The namespace may have been left while the attachments were on their way.
        let found = packet.withNamespace { position(of: $0) }
        guard let found else { return .ignore }
        let socket = memberships[found].socket
        switch (memberships[found].phase, packet.packet.header.type == .binaryEvent) {
        case (.connected, true): return .event(socket, packet)
        case (.connected, false):
            guard let id = packet.packet.header.acknowledgement else { return .ignore }
            return .acknowledgement(socket, id: id, packet)
        case (.connecting(isLeaving: false), true): return .early(packet)
        case (.connecting, _), (.inactive, _), (.waiting, _): return .ignore
        }
    }

    /// Keeps an event that came before the server's answer. False if there is no room.
    public mutating func keep(
        _ packet: ParsedPacket, _ text: UnsafeRawBufferPointer, attachments: Attachments
    ) -> Bool {
        guard let found = position(of: UnsafeRawBufferPointer(rebasing: text[packet.header.namespace])) else {
            return true
        }
        let kept = BinaryPacket(packet, text: text, attachments: attachments)
        guard kept.size <= earlyLimit &- memberships[found].earlySize else {
            // The session to go on with has more than fits: the next connection begins a new one.
            forgetSession(at: found)
            return false
        }
        memberships[found].early.append(kept)
        memberships[found].earlySize &+= kept.size
        return true
    }

    public enum Acceptance: Equatable {
        /// The client is in.
        case connected(id: String, recovered: Bool)
        /// The server speaks version 4, and was addressed in version 5.
        case wrongVersion
    }

    /// The server lets the client into a namespace.
    public mutating func accepted(_ namespace: [UInt8], _ answer: ConnectAnswer) -> Acceptance {
        guard let found = position(of: namespace), case .open(let version, let session) = connection else {
            return .wrongVersion
        }
        switch version {
        case .four:
            memberships[found].phase = .connected
            let name = String(decoding: memberships[found].namespace, as: UTF8.self)
            return .connected(id: name.isEmpty ? session : "\(name)#\(session)", recovered: false)
        case .five:
            guard let id = answer.id else {
                memberships[found].phase = .inactive
                forgetEarly(at: found)
                return .wrongVersion
            }
            memberships[found].phase = .connected
            let isRecovered = answer.privateID != nil && answer.privateID == memberships[found].privateID
            if !isRecovered { memberships[found].offset = [] }
            memberships[found].privateID = answer.privateID
            return .connected(id: id, recovered: isRecovered)
        }
    }

    /// What came before the server's answer, to be delivered now.
    public mutating func takeEarly(_ namespace: [UInt8]) -> [BinaryPacket] {
        guard let found = position(of: namespace) else { return [] }
        defer { forgetEarly(at: found) }
        return memberships[found].early
    }

    /// Whether the server keeps a session to go on with: then ``delivered(_:arguments:)`` is to be called.
    public func recovers(_ namespace: [UInt8]) -> Bool {
        position(of: namespace).map { memberships[$0].privateID != nil } ?? false
    }

    /// An event that asks for no reply was delivered; `arguments` is the text of an array.
    public mutating func delivered(_ namespace: [UInt8], arguments: UnsafeRawBufferPointer) {
        guard let found = position(of: namespace), memberships[found].privateID != nil,
            let offset = EventOffset.find(in: arguments)
        else { return }
        memberships[found].offset.removeAll(keepingCapacity: true)
        memberships[found].offset.append(contentsOf: offset)
    }

    // MARK: Looking up

    private func position(of namespace: [UInt8]) -> Int? {
        namespace.withUnsafeBytes { position(of: $0) }
    }

    private func position(of namespace: UnsafeRawBufferPointer) -> Int? {
        var name = namespace
        if case .open(.four, _) = connection, let mark = namespace.firstIndex(of: ASCII.questionMark) {
            // Version 4 has a query behind the name.
            name = UnsafeRawBufferPointer(rebasing: namespace[..<mark])
        }
        // The root namespace may be written as nothing or as "/".
        let size = name.count == 1 ? 0 : name.count
        for index in memberships.indices where memberships[index].namespace.count == size {
            if size == 0 || memberships[index].namespace.elementsEqual(name) { return index }
        }
        return nil
    }
}
