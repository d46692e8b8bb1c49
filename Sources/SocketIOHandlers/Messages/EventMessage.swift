import EngineIOCore
import SocketIOCore
import SocketIOTransport

/// What an application emits, as it gave it: borrowed bytes, not yet looked at.
package struct EventMessage: ~Copyable {
    package let name: UnsafeRawBufferPointer
    /// The JSON text of an array; empty: no arguments.
    package let args: UnsafeRawBufferPointer
    package let attachments: Attachments
    /// Whether it may be compressed on its way.
    package let compresses: Bool
    /// An event with the same key that waits for the same socket is replaced; empty: none is.
    package let coalesceKey: UnsafeRawBufferPointer
    /// What becomes of it if it does not fit; nil: what the server's options say.
    package let overflow: QueuePolicy?

    package init(
        name: UnsafeRawBufferPointer, args: UnsafeRawBufferPointer,
        attachments: Attachments = Attachments(start: nil, count: 0), compresses: Bool = true,
        coalesceKey: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        overflow: QueuePolicy? = nil
    ) {
        self.name = name
        self.args = args
        self.attachments = attachments
        self.compresses = compresses
        self.coalesceKey = coalesceKey
        self.overflow = overflow
    }

    /// Lends the bytes of strings. Nothing here is generic, nor copied but attachments: programs in Swift emit so.
    package static func withBytes(
        name: String, args: String, attachments: [[UInt8]], compresses: Bool = true, coalesceKey: String? = nil,
        overflow: QueuePolicy? = nil, _ body: (borrowing EventMessage) throws(SocketError) -> Void
    ) throws(SocketError) {
        var (name, args, key) = (name, args, coalesceKey ?? "")
        // The functions that lend a string's bytes pass on no error with its type.
        var failure: SocketError?
        func lend(_ attachments: Attachments) {
            name.withUTF8 { name in
                args.withUTF8 { args in
                    key.withUTF8 { key in
                        do throws(SocketError) {
                            try body(
                                EventMessage(
                                    name: UnsafeRawBufferPointer(name), args: UnsafeRawBufferPointer(args),
                                    attachments: attachments, compresses: compresses,
                                    coalesceKey: UnsafeRawBufferPointer(key), overflow: overflow))
                        } catch {
                            failure = error
                        }
                    }
                }
            }
        }
        if attachments.isEmpty {
            lend(Attachments(start: nil, count: 0))
        } else {
            withBorrowed(attachments) { pieces in pieces.withUnsafeBufferPointer { lend($0) } }
        }
        if let failure { throw failure }
    }

    /// Bytes of a key, of which many may wait.
    private static var maximumKeySize: Int { 256 }

    /// What can be sent: valid JSON, whose placeholders have their attachments. `isDelivered`: whether the arguments are
    /// those of an event that is being delivered, which are valid.
    package func validated(
        isDelivered: (borrowing EventMessage) -> Bool
    ) throws(SocketError) -> ValidMessage {
        try SizeLimit.check(name.count, "The name")
        try SizeLimit.check(args.count, "The text of the arguments")
        for attachment in attachments { try SizeLimit.check(attachment.count, "An attachment") }
        guard !args.isEmpty else {
            guard attachments.isEmpty else {
                throw SocketError(.json, "There are attachments, but no arguments with placeholders for them.")
            }
            return valid(arguments: args)
        }
        if args.count >= 2, isDelivered(self) {
            // They were validated when they came: nobody can have changed them since.
            let inner = UnsafeRawBufferPointer(rebasing: args[1..<(args.count &- 1)])
            return valid(arguments: inner)
        }
        guard UTF8Text.isValid(args) else { throw SocketError(.json, "The text of the arguments is not UTF-8.") }
        do {
            let array = try JSONValidator.validateArguments(args, attachments: attachments.count)
            return valid(arguments: UnsafeRawBufferPointer(rebasing: args[array.inner]))
        } catch {
            throw SocketError(
                .json,
                "The arguments are not the JSON text of an array at byte \(error.offset) (\(error.kind)): "
                    + "give [] for none, [\"text\"] for one, and a placeholder for each attachment.")
        }
    }

    private func valid(arguments: UnsafeRawBufferPointer) -> ValidMessage {
        ValidMessage(
            name: name, arguments: arguments, attachments: attachments, compresses: compresses,
            coalesceKey: coalesceKey, overflow: overflow)
    }

    /// As ``validated(isDelivered:)``, and the name may be emitted.
    package func validatedEvent(
        isDelivered: (borrowing EventMessage) -> Bool
    ) throws(SocketError) -> ValidMessage {
        guard !ReservedName.isReserved(name) else {
            throw SocketError(
                .reserved, "\"\(String(decoding: name, as: UTF8.self))\" is a reserved event name: choose another.")
        }
        guard UTF8Text.isValid(name) else { throw SocketError(.argument, "The event's name is not UTF-8.") }
        guard coalesceKey.count <= Self.maximumKeySize else {
            throw SocketError(
                .limit, "The key has \(coalesceKey.count) bytes; \(Self.maximumKeySize) are the most.")
        }
        return try validated(isDelivered: isDelivered)
    }
}

/// A message that can be sent as it is. What it holds is borrowed, so that to pass it on counts no reference.
package struct ValidMessage {
    package let name: UnsafeRawBufferPointer
    /// What stands between the brackets.
    package let arguments: UnsafeRawBufferPointer
    package let attachments: Attachments
    package let compresses: Bool
    package let coalesceKey: UnsafeRawBufferPointer
    package let overflow: QueuePolicy?

    package func event(namespace: UnsafeRawBufferPointer, acknowledgement: UInt64?) -> OutgoingPacket {
        .event(
            namespace: namespace, acknowledgement: acknowledgement, attachments: attachments.count, name: name,
            arguments: arguments)
    }

    package func reply(namespace: UnsafeRawBufferPointer, acknowledgement: UInt64) -> OutgoingPacket {
        .ack(
            namespace: namespace, acknowledgement: acknowledgement, attachments: attachments.count,
            arguments: arguments)
    }

    /// The Engine.IO packets of a Socket.IO packet: its text, then its attachments, or all in one.
    package func enginePackets(
        _ packet: OutgoingPacket, _ parser: SocketParser
    ) throws(SocketError) -> [EnginePacket] {
        guard parser == .msgpack else {
            return [EnginePacket(message: packet, compresses: compresses)]
                + attachments.map { EnginePacket(binary: $0, compresses: compresses) }
        }
        guard let packet = EnginePacket(msgpack: packet, attachments: Array(attachments), compresses: compresses) else {
            throw SocketError(
                .limit,
                "The event with its attachments is more than \(SizeLimit.bytes) bytes, which is the limit for one "
                    + "packet of the msgpack parser. Send it in pieces.")
        }
        return [packet]
    }
}

extension EnginePacket {
    /// The text of a Socket.IO packet.
    package init(message packet: OutgoingPacket, compresses: Bool = true) {
        self.init(isBinary: false, payload: packet.encodedSize &+ 1, compresses: compresses) { memory in
            memory[0] = UInt8(ascii: "4")
            return 1 &+ packet.write(into: UnsafeMutableRawBufferPointer(rebasing: memory[1...]))
        }
    }

    /// A packet of the msgpack parser; nil if it would be too long.
    package init?(
        msgpack packet: OutgoingPacket, attachments: [UnsafeRawBufferPointer] = [], compresses: Bool = true
    ) {
        guard let bytes = packet.msgpack(attachments: attachments, limit: SizeLimit.bytes) else { return nil }
        self = bytes.withUnsafeBytes { EnginePacket(binary: $0, compresses: compresses) }
    }
}
