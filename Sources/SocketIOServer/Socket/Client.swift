import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport

/// The Socket.IO side of one connection: takes its packets to the sockets of its namespaces.
///
/// On the connection's loop.
final class Client: EngineSessionDelegate {
    let server: SocketServer
    let session: EngineSession
    let loop: SocketLoop
    let version: ProtocolVersion
    private var connection: ConnectionStateMachine<ServerSocket>
    /// Namespaces that do not exist, about which somebody is asked.
    private var namespaceRequests: [[UInt8]: NamespaceRequest] = [:]
    private static let namespaceRequestLimit = 64
    /// Namespaces that the client is let into once its old connection is ended.
    private var takeovers: Set<[UInt8]> = []
    // What is the same for all clients is not kept for each.
    private var limits: PacketLimits { server.packetLimits }
    private var parser: ServerOptions.Parser { server.options.parser }

    init(server: SocketServer, session: EngineSession) {
        self.server = server
        self.session = session
        loop = SocketLoop.of(session.loop)
        version = session.revision == .three ? .four : .five
        connection = ConnectionStateMachine(version)
        session.setOwnerDeadline(session.loop.now &+ server.options.connectTimeout.wholeMilliseconds)
    }

    // MARK: From the connection

    func opened() {
        // A client of version 4 does not ask.
        if version == .four { connect([], auth: "{}") }
    }

    func received(text: UnsafeMutableRawBufferPointer) {
        guard parser == .json else { return receivedOtherParser("The client sends text, the server reads msgpack") }
        let packet: ParsedPacket
        do {
            packet = try PacketParser.parse(UnsafeRawBufferPointer(text), limits: limits)
        } catch {
            return refuse(error)
        }
        received(packet, text, attachments: Self.noAttachments)
    }

    @inline(__always)
    private func received(
        _ packet: ParsedPacket, _ text: UnsafeMutableRawBufferPointer, attachments: Attachments
    ) {
        let bytes = UnsafeRawBufferPointer(text)
        switch connection.received(packet, bytes) {
        case .event(let socket): deliver(packet, text, attachments: attachments, to: socket)
        case .acknowledgement(let socket, let id):
            deliver(reply: packet, text, attachments: attachments, to: socket, id)
        case .connect(let namespace, let query):
            session.traffic.received(.connect)
            connect(namespace, auth: auth(bytes[packet.header.payload], query: query))
        case .disconnect(let socket):
            session.traffic.received(.disconnect)
            socket.becomeDisconnected(DisconnectReason.clientNamespaceDisconnect)
        case .ignore: break
        case .violation(let violation): violated(violation)
        }
    }

    private func refuse(_ error: PacketError) {
        end(.malformedPacket, "A client sent a packet that is not one: \(error.message) at byte \(error.offset).")
    }

    /// Disconnects a client that did what it may not.
    private func end(_ cause: LogCause, _ sentence: String) {
        server.warn(cause, on: session.loop) { sentence }
        session.close(.forcedClose, .other(sentence))
    }

    private func receivedOtherParser(_ what: StaticString) {
        end(
            .otherParser,
            "A client is disconnected: its parser is not the server's. \(what): give both the same parser.")
    }

    func received(binary: UnsafeMutableRawBufferPointer) {
        let last = UnsafeRawBufferPointer(binary)
        guard parser == .json else { return received(msgpack: last) }
        switch connection.received(binary: last) {
        case .event(let socket, var packet):
            let parsed = packet.packet
            packet.withParts(last: last) { deliver(parsed, $0, attachments: $1, to: socket) }
        case .acknowledgement(let socket, let id, var packet):
            let parsed = packet.packet
            packet.withParts(last: last) { deliver(reply: parsed, $0, attachments: $1, to: socket, id) }
        case .ignore: break
        case .violation(.unexpectedAttachment) where MsgpackPacket.looksLikeOne(last):
            receivedOtherParser("The client sends msgpack, the server reads text")
        case .violation(let violation): violated(violation)
        }
    }

    private func received(msgpack message: UnsafeRawBufferPointer) {
        do throws(PacketError) {
            var packet = try MsgpackPacket(parsing: message, limits: limits)
            try packet.withParts(of: message) { (text, attachments) throws(PacketError) in
                let packet = try PacketParser.parse(UnsafeRawBufferPointer(text), limits: limits)
                received(packet.withoutWaiting, text, attachments: attachments)
            }
        } catch {
            refuse(error)
        }
    }

    func upgraded() {
        for socket in connection.sockets { socket.becomeUpgraded() }
    }

    func closed(_ reason: CloseReason, _ details: CloseDetails) {
        if !namespaceRequests.isEmpty {
            let requests = namespaceRequests
            namespaceRequests = [:]
            for request in requests.values { request.abandon() }
        }
        takeovers = []
        let failure: AckFailure = reason == .serverShuttingDown ? .closed : .disconnected
        for socket in connection.closed() { socket.becomeDisconnected(reason.rawValue, details, acks: failure) }
    }

    func ownerDeadlineReached() {
        guard !connection.hasJoined else { return }
        end(.noNamespace, "A client joined no namespace in time and is disconnected.")
    }

    var hearsOfDrains: Bool { server.counters.hearsOfDrains.load(ordering: .relaxed) }

    func drained() {
        for socket in connection.sockets { socket.drained() }
    }

    private func violated(_ violation: ConnectionViolation) {
        let sentence = "A client is disconnected: it \(violation.rawValue)."
        server.warn(.brokenRule, on: session.loop) { sentence }
        session.close(
            violation.isUndecodable || session.canTellNow ? .forcedClose : .forcedServerClose, .other(sentence))
    }

    // MARK: Events

    private func deliver(
        _ packet: ParsedPacket, _ text: UnsafeMutableRawBufferPointer, attachments: Attachments,
        to socket: ServerSocket
    ) {
        session.traffic.received(packet.header.type)
        guard let (name, args) = packet.cutEvent(in: text) else { return }
        dispatch(name, args, attachments, acknowledgement: packet.header.acknowledgement, to: socket)
    }

    private func deliver(
        reply packet: ParsedPacket, _ text: UnsafeMutableRawBufferPointer, attachments: Attachments,
        to socket: ServerSocket, _ id: UInt64
    ) {
        session.traffic.received(packet.header.type)
        socket.received(
            reply: AckReply(rawArguments: packet.cutReply(in: text), rawAttachments: attachments), to: id)
    }

    private static var noAttachments: Attachments { Attachments(start: nil, count: 0) }

    private func dispatch(
        _ name: UnsafeRawBufferPointer, _ args: UnsafeRawBufferPointer, _ attachments: Attachments,
        acknowledgement: UInt64?, to socket: ServerSocket
    ) {
        let shared = socket.membership.handlers
        let own = socket.handlers
        let named = shared.entry(of: name)
        let ownNamed = own?.entry(of: name)
        let isFiltered = own != nil && socket.packetMiddleware(at: 0) != nil
        // An event that nobody handles costs nothing, a place for its reply least of all.
        guard named != nil || ownNamed != nil || !shared.any.isEmpty || own?.any.isEmpty == false || isFiltered
        else { return }
        let event = SocketEvent(
            socket: socket, bytes: EventBytes(name: name, arguments: args, attachments: attachments),
            ack: acknowledgement.flatMap { self.acknowledgement($0, of: socket) })
        guard !isFiltered else { return PacketRequest(event).proceed() }
        let outer = loop.delivered
        loop.delivered = DeliveredArguments(args, attachments: attachments.count)
        defer { loop.delivered = outer }
        withExtendedLifetime(socket) {
            own?.callAny(event)
            shared.callAny(event)
            own?.call(ownNamed, event)
            shared.call(named, event)
        }
    }

    private func acknowledgement(_ id: UInt64, of socket: ServerSocket) -> Acknowledgement? {
        let limit = server.options.maxPendingReplies
        let key = loop.replies.withLock {
            $0.insert(id, of: socket.handle, counter: socket.namespace.counters.pendingReplies, limit: limit)
        }
        guard let key else { return nil }
        return Acknowledgement(handle: Handle(.reply, loop: loop.index, key))
    }

    /// An emit asked for a reply of a socket that owes as many as it may.
    func tooManyAcks(_ socket: ServerSocket) {
        server.warn(.tooManyAcks, on: session.loop) {
            "An emit to the socket \(socket.id) asks for a reply, and \(socket.namespace.socketLimits.pendingAcks) "
                + "are awaited from it already, which is the limit: emit with a timeout, or raise max_pending_acks."
        }
    }

    // MARK: Connecting

    /// What the client sent along when it asked for a namespace: as JSON or, in version 4, as a query.
    private func auth(_ payload: Slice<UnsafeRawBufferPointer>, query: [UInt8]) -> String {
        switch version {
        case .four: NamespaceQuery.json(of: query)
        case .five: payload.isEmpty ? "{}" : String(decoding: payload, as: UTF8.self)
        }
    }

    private func connect(_ name: [UInt8], auth: String) {
        guard namespaceRequests[name] == nil, !takeovers.contains(name == [UInt8(ascii: "/")] ? [] : name) else {
            return violated(.connectedTwice)
        }
        let limit = server.options.maxNamespacesPerConnection
        guard connection.count &+ namespaceRequests.count &+ takeovers.count < limit else {
            server.warn(.tooManyNamespaces, on: session.loop) {
                "A client asked for \(LogText.of(name)), and is in \(limit) namespaces already, "
                    + "which is the limit: raise max_namespaces_per_connection."
            }
            return send(
                name, packet: { .connectError(namespace: $0, json: $1) }, json: #"{"message":"Too many namespaces"}"#)
        }
        if let namespace = server.namespaces.entered(name) { return connect(to: namespace, auth: auth) }
        guard name.count <= Namespace.maximumNameSize, namespaceRequests.count < Self.namespaceRequestLimit,
            let text = String(validating: name, as: UTF8.self)
        else { return refuse(namespace: name) }
        ask(NamespaceRequest(name: text, wireName: name, auth: auth, client: self, position: 0))
    }

    /// Asks one of those that decide about namespaces that do not exist.
    private func ask(_ request: NamespaceRequest) {
        guard let parent = server.namespaces.parent(at: request.position),
            parent.namespace.wireNameBytes != request.wireName
        else { return refuse(namespace: request.wireName) }
        namespaceRequests[request.wireName] = request
        parent.matcher(request)
    }

    func decided(_ request: NamespaceRequest, isAccepted: Bool) {
        guard namespaceRequests[request.wireName] === request else { return }
        namespaceRequests[request.wireName] = nil
        guard isAccepted, let parent = server.namespaces.parent(at: request.position) else {
            return ask(
                NamespaceRequest(
                    name: request.name, wireName: request.wireName, auth: request.auth, client: self,
                    position: request.position &+ 1))
        }
        guard let child = server.namespaces.child(request.name, of: parent.namespace) else {
            server.warn(.unknownNamespace, on: session.loop) {
                "A client asked for \(LogText.of(request.wireName)), and clients have \(self.server.options.maxChildNamespaces) "
                    + "namespaces already, which is the limit: raise maxChildNamespaces."
            }
            return refuse(namespace: request.wireName)
        }
        connect(to: child, auth: request.auth)
    }

    private func refuse(namespace name: [UInt8]) {
        server.warn(.unknownNamespace, on: session.loop) {
            "A client asked for \(LogText.of(name)), which does not exist."
        }
        send(name, packet: { .connectError(namespace: $0, json: $1) }, json: #"{"message":"Invalid namespace"}"#)
    }

    private func connect(to namespace: Namespace, auth: String) {
        guard let old = rival(in: namespace, auth: auth) else { return join(namespace, auth: auth) }
        takeovers.insert(namespace.wireNameBytes)
        Takeover(of: namespace, auth: auth, by: self).begin(old)
    }

    /// The socket of another connection whose session the client wants to go on with.
    private func rival(in namespace: Namespace, auth: String) -> ServerSocket? {
        guard let recovery = namespace.recovery, version == .five, let request = RecoveryRequest(auth: auth),
            let old = recovery.live(request), old.session !== session
        else { return nil }
        return old
    }

    func taken(_ takeover: Takeover) {
        guard takeovers.remove(takeover.namespace.wireNameBytes) != nil else { return takeover.namespace.left() }
        join(takeover.namespace, auth: takeover.auth)
    }

    private func join(_ namespace: Namespace, auth: String) {
        guard let socket = ServerSocket(namespace: namespace, client: self, auth: auth) else {
            namespace.left()
            return session.close(.forcedClose)
        }
        connection.connecting(namespace.wireNameBytes, as: socket)
        if case .failed(let why) = socket.recoveryOutcome {
            server.log(.info, .notRecovered, on: session.loop) {
                "A client of \(LogText.of(namespace.wireNameBytes)) could not go on where it was, and begins anew. \(why)"
            }
        }
        proceed(socket, from: 0)
    }

    /// Asks the middleware at `position`, or lets the client in behind the last.
    func proceed(_ socket: ServerSocket, from position: Int) {
        guard !socket.isDisconnected, !socket.isConnected else { return }
        let skipsMiddlewares = socket.recovered && server.options.connectionStateRecovery?.skipMiddlewares == true
        if !skipsMiddlewares, let middleware = socket.namespace.middleware(at: position) {
            return middleware(ConnectRequest(socket: socket, position: position))
        }
        guard connection.accepted(socket.namespace.wireNameBytes) else { return }
        guard let missed = socket.becomeConnected() else {
            // What it missed has been dropped while a middleware decided, or is too much: the next time it begins anew.
            return session.close(.forcedClose)
        }
        session.setOwnerDeadline(nil)
        // The client keeps them until it knows that it is in.
        for packets in missed { socket.write(packets, .kept) }
        guard !socket.isDisconnected else { return }
        send(
            socket.namespace.wireNameBytes, packet: { .connect(namespace: $0, json: $1) },
            json: socket.welcome(version))
        socket.namespace.connected(socket)
    }

    func refuse(_ socket: ServerSocket, _ refusal: Refusal) {
        guard !socket.isDisconnected, !socket.isConnected else { return }
        let name = socket.namespace.wireNameBytes
        guard connection.remove(name) != nil else { return }
        send(name, packet: { .connectError(namespace: $0, json: $1) }, json: refusal.json(version))
        socket.becomeRefused()
    }

    // MARK: Disconnecting

    func disconnect(_ socket: ServerSocket) {
        let name = socket.namespace.wireNameBytes
        guard connection.remove(name) != nil else { return }
        send(name, packet: { name, _ in .disconnect(namespace: name) }, json: "")
        socket.becomeDisconnected(DisconnectReason.serverNamespaceDisconnect)
    }

    func disconnectAll() {
        for socket in connection.sockets { disconnect(socket) }
        session.close(.forcedClose)
    }

    private func send(
        _ namespace: [UInt8], packet: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> OutgoingPacket, json: String
    ) {
        var json = json
        namespace.withUnsafeBytes { namespace in
            json.withUTF8 { json in
                let packet = packet(namespace, UnsafeRawBufferPointer(json))
                session.traffic.sent(packet.type)
                if parser == .json {
                    session.send(text: packet.encodedSize) { packet.write(into: $0) }
                } else if let packet = EnginePacket(msgpack: packet) {
                    session.send(packet)
                }
            }
        }
    }
}
