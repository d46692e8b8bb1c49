import EngineIOCore
import NIOCore

/// A body of polling: packets, which are put together when it is written.
package struct PollingBody {
    private let packets: [EnginePacket]
    private let form: PayloadForm
    /// In bytes.
    let count: Int

    init(_ packets: [EnginePacket], _ form: PayloadForm) {
        self.packets = packets
        self.form = form
        var count = form == .separated ? max(0, packets.count &- 1) : 0
        for packet in packets { count &+= packet.size(in: form) }
        self.count = count
    }

    /// Writes the body, and returns its size. `memory` has room for it.
    func write(into memory: UnsafeMutableRawBufferPointer) -> Int {
        var writer = MemoryWriter(memory)
        var isFirst = true
        for packet in packets {
            if form == .separated && !isFirst { writer.write(byte: PayloadEncoder.separator) }
            isFirst = false
            packet.write(in: form, with: &writer)
        }
        return writer.count
    }

    var bytes: ByteBuffer {
        var body = ByteBufferAllocator().buffer(capacity: count)
        body.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { write(into: $0) }
        return body
    }
}

extension EnginePacket {
    package func size(in form: PayloadForm) -> Int {
        let payload = payloadCount
        switch form {
        case .separated: return isBinary ? 1 &+ PayloadEncoder.base64Size(payload) : payload
        case .counted:
            let size = isBinary ? 2 &+ PayloadEncoder.base64Size(payload) : payload
            return PayloadEncoder.countedHeadSize(length: countedLength(of: size)) &+ size
        case .binary:
            let size = isBinary ? 1 &+ payload : payload
            return PayloadEncoder.binaryHeadSize(length: size) &+ size
        }
    }

    fileprivate func write(in form: PayloadForm, with writer: inout MemoryWriter) {
        withPayload { payload in
            switch form {
            case .separated: break
            case .counted:
                let size = isBinary ? 2 &+ PayloadEncoder.base64Size(payload.count) : payload.count
                writer.write { PayloadEncoder.writeCountedHead(length: countedLength(of: size), into: $0) }
            case .binary:
                let size = isBinary ? 1 &+ payload.count : payload.count
                writer.write { PayloadEncoder.writeBinaryHead(isText: !isBinary, length: size, into: $0) }
                if isBinary { writer.write(byte: PacketType.message.rawValue) }
            }
            guard isBinary, form != .binary else { return writer.write(payload) }
            writer.write(byte: PayloadEncoder.binaryMarker)
            if form == .counted { writer.write(byte: PacketType.message.digit) }
            writer.write { PayloadEncoder.writeBase64(payload, into: $0) }
        }
    }

    /// What the head of a packet of `size` bytes tells: base64 is as long as it is.
    private func countedLength(of size: Int) -> Int {
        isBinary ? size : withPayload { PayloadEncoder.utf16Length(of: $0) }
    }
}
