import EngineIOCore

/// A ``PayloadPacket`` that owns its data.
enum DecodedPacket: Equatable {
    case text(PacketType, String)
    case binary([UInt8])
    case malformed

    init(_ packet: PayloadPacket) {
        switch packet {
        case .text(let type, let data): self = .text(type, String(decoding: data, as: UTF8.self))
        case .binary(let bytes): self = .binary(Array(bytes))
        case .malformed: self = .malformed
        }
    }

    static func all(in body: some Collection<UInt8>) -> [DecodedPacket] {
        withMemory(body) { body in
            var decoder = PayloadDecoder(body)
            var packets: [DecodedPacket] = []
            while let packet = decoder.next() {
                packets.append(DecodedPacket(packet))
            }
            return packets
        }
    }
}
