import EngineIOCore
import NIOCore

/// permessage-deflate of one connection: compresses what it sends, inflates what it receives. On its loop.
///
/// Where messages are compressed each for itself it uses the loop's streams, and keeps nothing. Where they refer to
/// those before, it has a stream of its own for the direction, made with the first message that needs it.
final class MessageCompression {
    private let loop: EngineLoop
    /// Whether what is sent, and what is received, refers to nothing before.
    private let sendsWithoutContext: Bool
    private let receivesWithoutContext: Bool
    private let receiveWindowBits: Int32
    private let parameters: DeflateParameters
    private var ownDeflate: DeflateStream?
    private var ownInflate: InflateStream?

    /// Each end compresses by what was agreed for it.
    init(_ agreement: DeflateAgreement, _ options: PerMessageDeflate, on side: WebSocketSide, loop: EngineLoop) {
        self.loop = loop
        let sendWindowBits: Int
        switch side {
        case .server:
            sendsWithoutContext = agreement.serverNoContextTakeover
            receivesWithoutContext = agreement.clientNoContextTakeover
            sendWindowBits = agreement.serverWindowBits
            receiveWindowBits = Int32(clamping: agreement.clientWindowBits)
        case .client:
            sendsWithoutContext = agreement.clientNoContextTakeover
            receivesWithoutContext = agreement.serverNoContextTakeover
            sendWindowBits = agreement.clientWindowBits
            receiveWindowBits = Int32(clamping: agreement.serverWindowBits)
        }
        parameters = DeflateParameters(
            format: .raw, windowBits: Int32(clamping: sendWindowBits),
            level: options.level.map { Int32(clamping: $0) } ?? -1, memLevel: Int32(clamping: options.memoryLevel))
    }

    // MARK: Sending

    /// Calls `body` with a message as it is sent: compressed, if that makes it smaller, or if later ones will refer to
    /// it. Without memory for it, it is sent as it is.
    func compress(_ message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, _ isCompressed: Bool) -> Void) {
        guard message.count <= CompressionLimit.bytes, let stream = deflate() else { return body(message, false) }
        loop.outputMemory.withMemory(message.count) { memory in
            guard stream.flush(message, into: &memory) else {
                // The peer's window has nothing of it: a new stream refers to nothing before.
                ownDeflate = nil
                return body(message, false)
            }
            if sendsWithoutContext, memory.count >= message.count { return body(message, false) }
            body(memory.bytes, true)
        }
    }

    private func deflate() -> DeflateStream? {
        guard !sendsWithoutContext else { return loop.compression.deflate(parameters) }
        if ownDeflate == nil { ownDeflate = DeflateStream(parameters) }
        return ownDeflate
    }

    /// The frame of a packet that others get too, if they are sent the same bytes: it is compressed for the first of
    /// them. Nil if it is to be compressed for each.
    func sharedFrame(of packet: EnginePacket) -> ByteBuffer? {
        guard sendsWithoutContext else { return nil }
        return loop.compression.frame(of: packet, parameters) {
            var frame: ByteBuffer?
            packet.withPayload { payload in
                compress(payload) { bytes, isCompressed in
                    frame = isCompressed ? EnginePacket.compressedFrame(bytes, isBinary: packet.isBinary) : packet.frame
                }
            }
            return frame ?? packet.frame
        }
    }

    // MARK: Receiving

    /// Calls `body` with what a message holds; it may be changed, and bytes behind it may be written to, as in
    /// ``ScratchMemory``.
    func inflate(
        _ message: UnsafeRawBufferPointer, limit: Int,
        _ body: (InflateStream.Outcome, UnsafeMutableRawBufferPointer) -> Void
    ) {
        let none = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        guard let stream = inflate() else { return body(.corrupt, none) }
        loop.outputMemory.withMemory(message.count) { memory in
            let outcome = stream.inflate(message, limit: limit, into: &memory)
            guard case .done = outcome else {
                // The connection ends with it.
                ownInflate = nil
                return body(outcome, none)
            }
            body(.done, memory.mutableBytes(slack: ScratchMemory.slack))
        }
    }

    private func inflate() -> InflateStream? {
        guard !receivesWithoutContext else { return loop.compression.inflate(windowBits: receiveWindowBits) }
        if ownInflate == nil { ownInflate = InflateStream(windowBits: receiveWindowBits) }
        return ownInflate
    }
}
