import Testing

@testable import SocketIOCore

func parse(_ text: String, limits: PacketLimits = PacketLimits()) throws(PacketError) -> ParsedPacket {
    try parse(Array(text.utf8), limits: limits)
}

func parse(_ bytes: [UInt8], limits: PacketLimits = PacketLimits()) throws(PacketError) -> ParsedPacket {
    try withBytes(bytes) { bytes throws(PacketError) in
        try PacketParser.parse(bytes, limits: limits)
    }
}

/// Why a packet is refused; nil when it is not.
func refusal(of text: String, limits: PacketLimits = PacketLimits()) -> PacketError.Kind? {
    do throws(PacketError) {
        _ = try parse(text, limits: limits)
        return nil
    } catch {
        return error.kind
    }
}

/// A packet as its parts read, for comparison in tables.
struct ReadablePacket: Equatable {
    var type: PacketType
    var attachments = 0
    var namespace = ""
    var id: UInt64?
    var payload = ""

    init(_ type: PacketType, attachments: Int = 0, namespace: String = "", id: UInt64? = nil, _ payload: String = "") {
        self.type = type
        self.attachments = attachments
        self.namespace = namespace
        self.id = id
        self.payload = payload
    }

    init(parsing text: String) throws(PacketError) {
        let header = try parse(text).header
        let bytes = Array(text.utf8)
        type = header.type
        attachments = header.attachmentCount
        namespace = String(decoding: bytes.slice(header.namespace), as: UTF8.self)
        id = header.acknowledgement
        payload = String(decoding: bytes.slice(header.payload), as: UTF8.self)
    }
}

extension ReadablePacket {
    /// The packet as the server would send it; the name of an event has no escapes.
    func withOutgoing<Result>(_ body: (OutgoingPacket) -> Result) -> Result {
        // For events and acknowledgements: what stands between the brackets, without the name.
        var arguments = payload.dropFirst().dropLast()
        let isArray = [.event, .ack, .binaryEvent, .binaryAck].contains(type)
        var name = ""
        if type == .event || type == .binaryEvent {
            let parts = arguments.split(separator: ",", maxSplits: 1)
            name = String((parts.first ?? "").dropFirst().dropLast())
            arguments = parts.dropFirst().first ?? ""
        }
        return withBytes(namespace) { namespace in
            withBytes(name) { name in
                withBytes(isArray ? String(arguments) : payload) { json in
                    switch type {
                    case .connect: body(.connect(namespace: namespace, json: json))
                    case .disconnect: body(.disconnect(namespace: namespace))
                    case .connectError: body(.connectError(namespace: namespace, json: json))
                    case .ack, .binaryAck:
                        body(
                            .ack(
                                namespace: namespace, acknowledgement: id ?? 0, attachments: attachments,
                                arguments: json))
                    case .event, .binaryEvent:
                        body(
                            .event(
                                namespace: namespace, acknowledgement: id, attachments: attachments, name: name,
                                arguments: json))
                    }
                }
            }
        }
    }
}
