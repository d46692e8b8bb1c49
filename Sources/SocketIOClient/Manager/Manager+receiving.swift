import EngineIOCore
import SocketIOCore
import SocketIOTransport

/// What comes from the server, to the sockets of its namespaces. On the loop.
extension Manager {
    private static var noAttachments: Attachments { Attachments(start: nil, count: 0) }

    func received(text: UnsafeMutableRawBufferPointer) {
        guard parser == .json else { return violated(Self.otherParser("text", "msgpack")) }
        do throws(PacketError) {
            let packet = try PacketParser.parse(UnsafeRawBufferPointer(text), limits: packetLimits)
            received(packet, text, attachments: Self.noAttachments)
        } catch {
            refuse(error)
        }
    }

    func received(binary: UnsafeMutableRawBufferPointer) {
        let last = UnsafeRawBufferPointer(binary)
        guard parser == .json else { return received(msgpack: last) }
        switch machine.received(binary: last) {
        case .event(let socket, var packet):
            let parsed = packet.packet
            packet.withParts(last: last) { text, attachments in
                show(parsed, text, attachments)
                // Whoever was shown it may have left.
                if socket.isJoined { deliver(parsed, text, attachments: attachments, to: socket) }
            }
        case .early(var packet):
            let parsed = packet.packet
            packet.withParts(last: last) { text, attachments in
                keep(parsed.withoutWaiting, text, attachments: attachments)
                show(parsed, text, attachments)
            }
        case .acknowledgement(let socket, let id, var packet):
            let parsed = packet.packet
            packet.withParts(last: last) { text, attachments in
                show(parsed, text, attachments)
                socket.received(
                    reply: AckReply(rawArguments: parsed.cutReply(in: text), rawAttachments: attachments), to: id)
            }
        case .ignore: break
        case .violation(.unexpectedAttachment) where MsgpackPacket.looksLikeOne(last):
            violated(Self.otherParser("msgpack", "text"))
        case .violation(let violation): violated("The server \(violation.rawValue).")
        }
    }

    private static func otherParser(_ server: String, _ client: String) -> String {
        "The server sends \(server), this client reads \(client): give both the same parser."
    }

    private func received(msgpack message: UnsafeRawBufferPointer) {
        do throws(PacketError) {
            var packet = try MsgpackPacket(parsing: message, limits: packetLimits)
            try packet.withParts(of: message) { (text, attachments) throws(PacketError) in
                let packet = try PacketParser.parse(UnsafeRawBufferPointer(text), limits: packetLimits)
                received(packet.withoutWaiting, text, attachments: attachments)
            }
        } catch {
            refuse(error)
        }
    }

    private func refuse(_ error: PacketError) {
        violated("The server sent a packet that is not one: \(error.message) at byte \(error.offset).")
    }

    private func received(
        _ packet: ParsedPacket, _ text: UnsafeMutableRawBufferPointer, attachments: Attachments
    ) {
        let bytes = UnsafeRawBufferPointer(text)
        // One with attachments is not whole yet.
        if packet.header.attachmentCount == 0 || !packet.header.type.isBinary { show(packet, text, attachments) }
        switch machine.received(packet, bytes) {
        case .event(let socket): deliver(packet, text, attachments: attachments, to: socket)
        case .early: keep(packet, text, attachments: attachments)
        case .acknowledgement(let socket, let id):
            socket.received(
                reply: AckReply(rawArguments: packet.cutReply(in: text), rawAttachments: attachments), to: id)
        case .connect(let socket):
            accepted(socket, ConnectAnswer(payload: UnsafeRawBufferPointer(rebasing: bytes[packet.header.payload])))
        case .refused(let socket):
            let failure = Self.failure(packet, bytes, connection)
            socket.wasRefused(failure)
        case .error(let socket): socket.failed(Self.failure(packet, bytes, connection))
        case .disconnect(let socket):
            let disconnection = Disconnection(reason: ClientDisconnectReason.server, details: nil)
            endIfUnwanted()
            socket.becomeDisconnected(disconnection)
        case .leave(let socket):
            socket.sendDisconnect()
            endIfUnwanted()
        case .ignore: break
        case .violation(let violation): violated("The server \(violation.rawValue).")
        }
    }

    /// To those who look at packets, before anything in it is changed.
    private func show(_ packet: ParsedPacket, _ text: UnsafeMutableRawBufferPointer, _ attachments: Attachments) {
        guard watchesPackets.load(ordering: .relaxed) else { return }
        tell(ManagerPacket(packet, UnsafeRawBufferPointer(text), attachments))
    }

    private static func failure(
        _ packet: ParsedPacket, _ bytes: UnsafeRawBufferPointer, _ connection: ManagerConnection?
    ) -> ClientFailure {
        let refusal = ConnectRefusal(payload: UnsafeRawBufferPointer(rebasing: bytes[packet.header.payload]))
        return ClientFailure(
            .refused, refusal.message, data: refusal.data, transport: connection?.engine.map { .init($0.transport) })
    }

    private func keep(
        _ packet: ParsedPacket, _ text: UnsafeMutableRawBufferPointer, attachments: Attachments
    ) {
        guard !machine.keep(packet, UnsafeRawBufferPointer(text), attachments: attachments) else { return }
        violated(
            "The server sent more than \(options.maxEarlyBytes) bytes of events before it let the client in, which is "
                + "the limit: raise maxEarlyBytes, or keep less for clients that come back.")
    }

    private func accepted(_ socket: ClientSocket, _ answer: ConnectAnswer) {
        switch machine.accepted(socket.wireNameBytes, answer) {
        case .connected(let id, let recovered): socket.becomeConnected(id, recovered: recovered)
        case .wrongVersion:
            socket.wasRefused(
                ClientFailure(
                    .version,
                    "The server is one of Socket.IO 2, and this client speaks the protocol of 3 and later: set "
                        + "serverVersion to old or automatic."))
        }
    }

    func deliver(
        _ packet: ParsedPacket, _ text: UnsafeMutableRawBufferPointer, attachments: Attachments,
        to socket: ClientSocket
    ) {
        guard let (name, arguments) = packet.cutEvent(in: text) else { return }
        socket.dispatch(name, arguments, attachments, acknowledgement: packet.header.acknowledgement)
    }
}
