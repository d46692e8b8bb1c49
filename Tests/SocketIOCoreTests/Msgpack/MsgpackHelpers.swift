import Testing

@testable import SocketIOCore

/// Bytes written as hexadecimal digits; spaces are for the reader.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { $0 != " " }.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// What a message says: the text of its packet, and its attachments.
struct ReadableMessage: Equatable {
    var packet: ReadablePacket
    var attachments: [[UInt8]] = []

    init(_ packet: ReadablePacket, attachments: [[UInt8]] = []) {
        self.packet = packet
        self.packet.attachments = attachments.count
        self.attachments = attachments
    }

    init(parsing message: [UInt8], limits: PacketLimits = PacketLimits()) throws(PacketError) {
        (packet, attachments) = try withBytes(message) { message throws(PacketError) in
            var parsed = try MsgpackPacket(parsing: message, limits: limits)
            var packet = ReadablePacket(.connect)
            var attachments: [[UInt8]] = []
            try parsed.withParts(of: message) { (text, parts) throws(PacketError) in
                let header = try PacketParser.parse(UnsafeRawBufferPointer(text), limits: limits).withoutWaiting.header
                packet.type = header.type
                packet.attachments = header.attachmentCount
                packet.id = header.acknowledgement
                packet.namespace = String(decoding: text.slice(header.namespace), as: UTF8.self)
                packet.payload = String(decoding: text.slice(header.payload), as: UTF8.self)
                attachments = parts.map { Array($0) }
            }
            return (packet, attachments)
        }
    }
}

/// The data of an event, as JSON. `data` is what stands behind the name.
func arguments(_ data: String, count: UInt8 = 1, limits: PacketLimits = PacketLimits()) throws(PacketError) -> String {
    let message = try ReadableMessage(parsing: event(bytes(data), count: count), limits: limits)
    return String(message.packet.payload.dropFirst(#"["e","#.utf8.count).dropLast())
}

/// A message with an event "e", and arguments behind its name.
func event(_ data: [UInt8], count: UInt8 = 1) -> [UInt8] {
    bytes("83 a474797065 02 a36e7370 a12f a464617461") + [0x91 + count] + bytes("a165") + data
}

/// Why an event is refused; nil when it is not.
func refusal(ofArguments data: String, count: UInt8 = 1, limits: PacketLimits = PacketLimits()) -> PacketError.Kind? {
    refusal(ofMessage: event(bytes(data), count: count), limits: limits)
}

func refusal(ofMessage message: [UInt8], limits: PacketLimits = PacketLimits()) -> PacketError.Kind? {
    do throws(PacketError) {
        _ = try ReadableMessage(parsing: message, limits: limits)
        return nil
    } catch {
        return error.kind
    }
}

/// The message of an event "e" with these arguments.
func written(_ arguments: String, attachments: [[UInt8]] = [], limit: Int = 1 << 20) -> [UInt8]? {
    withAttachments(attachments) { attachments in
        withBytes(arguments) { arguments in
            withBytes("e") { name in
                OutgoingPacket.event(
                    namespace: UnsafeRawBufferPointer(start: nil, count: 0), acknowledgement: nil,
                    attachments: attachments.count, name: name, arguments: arguments
                ).msgpack(attachments: attachments, limit: limit)
            }
        }
    }
}

/// How an argument is written, as hexadecimal digits.
func written(argument: String, attachments: [[UInt8]] = []) -> String? {
    written(argument, attachments: attachments).map { hex($0.dropFirst(event([]).count)) }
}

func withAttachments<Result>(_ attachments: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) -> Result) -> Result {
    let copies = attachments.map { attachment in
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: attachment.count, alignment: 1)
        copy.copyBytes(from: attachment)
        return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    return body(copies.map { UnsafeRawBufferPointer($0) })
}
