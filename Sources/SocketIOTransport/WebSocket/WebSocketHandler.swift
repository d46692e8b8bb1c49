import EngineIOCore
import NIOCore

/// A WebSocket connection: parses all frames of a read in place, unmasks each message into the loop's scratch memory,
/// answers control frames itself, and gathers what a turn of the loop writes into one write.
final class WebSocketHandler: ChannelInboundHandler, ChannelOutboundHandler, LoopConnection, ReadHolder, Flushable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case open
        /// A Close frame was sent; the peer's answer is awaited.
        case closing
        /// The peer broke a rule and was told: what it still sends is thrown away until it ends the connection. Where
        /// its frames begin is not known any more, and to close with bytes unread would take the Close frame from it.
        case failed
        case closed
    }

    /// How long the answer to a Close frame may take.
    private static let closeTimeout = TimeAmount.seconds(5)
    /// How long a peer that broke a rule may go on sending.
    private static let failureTimeout = TimeAmount.seconds(2)
    /// The same when the whole server closes, which nobody should hold up.
    private static let shutdownTimeout = TimeAmount.milliseconds(200)

    let engine: EngineServer
    let loop: EngineLoop
    /// The session that uses the connection, or probes it; `nil` once they have parted. They hold each other until
    /// then: a weak reference would give the session a side table, which makes every use of it slower.
    var session: EngineSession?

    private let binaryForm: BinaryForm
    /// Whether the server counts this as a connection: not what is a part of another.
    private let isConnection: Bool
    private let output: ConnectionOutput
    private var context: ChannelHandlerContext?
    private var state = State.open
    private var assembler: WebSocketMessageAssembler
    /// permessage-deflate, if it was negotiated.
    private let compression: MessageCompression?
    /// Larger payloads are compressed; without permessage-deflate none is as large.
    private let largestPlain: Int
    private let maxFrame: Int
    /// The start of a frame that has not arrived completely.
    private var incomplete: ByteBuffer?
    /// Whether the channel takes more without buffering beyond its water mark.
    private(set) var isWritable = false
    private var needsFlush = false
    private var isReading = false
    private var isReadHeld = false
    private var closing: Scheduled<Void>?
    /// The latest ping that could not be answered, because the peer does not read.
    private var unansweredPing: [UInt8]?

    init(
        engine: EngineServer, loop: EngineLoop, output: ConnectionOutput, binaryForm: BinaryForm = .bytes,
        deflate: DeflateAgreement? = nil, isConnection: Bool = true
    ) {
        self.engine = engine
        self.loop = loop
        self.output = output
        self.binaryForm = binaryForm
        self.isConnection = isConnection
        let maxPayload = engine.options.maxHTTPBufferSize
        assembler = WebSocketMessageAssembler(maxPayload: maxPayload)
        if let deflate, let options = engine.options.deflate {
            compression = MessageCompression(deflate, options, loop: loop)
            largestPlain = max(0, options.threshold &- 1)
            maxFrame = WebSocketMessageAssembler.maxCompressed(maxPayload)
        } else {
            compression = nil
            largestPlain = .max
            maxFrame = maxPayload
        }
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        output.context = context
        isWritable = context.channel.isWritable
        output.whenFull = { [unowned self] in isWritable = false }
        loop.connections[ObjectIdentifier(self)] = self
        if isConnection { engine.connectionOpened() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        loop.connections[ObjectIdentifier(self)] = nil
        loop.forgetRead(of: self)
        closing?.cancel()
        if isConnection { engine.connectionClosed() }
        ended(.transportClose)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.transportClose)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        engine.log(.debug) { "A WebSocket's connection failed: \(error)." }
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        noteWritability(of: context.channel)
    }

    private func noteWritability(of channel: any Channel) {
        isWritable = channel.isWritable
        if isWritable, let ping = unansweredPing {
            unansweredPing = nil
            ping.withUnsafeBytes { writeFrame(.pong, $0) }
        }
        session?.webSocketWritabilityChanged(self, isWritable: isWritable)
    }

    func read(context: ChannelHandlerContext) {
        if loop.isReadingPaused {
            isReadHeld = true
            loop.holdRead(of: self)
        } else {
            context.read()
        }
    }

    func readHeld() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    /// Tells the session, once, that the connection is gone.
    private func ended(_ reason: CloseReason) {
        guard state != .closed else { return }
        state = .closed
        output.end()
        incomplete = nil
        let session = session
        self.session = nil
        session?.webSocketEnded(self, reason: reason)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush()
    }

    /// Bytes that were read before the handler was there.
    func received(leftover bytes: ByteBuffer) {
        received(bytes)
        leftoversEnded()
    }

    /// What was left of the read that brought the request has been delivered: no end of a read follows it.
    func leftoversEnded() {
        isReading = false
        flush()
    }

    private func received(_ bytes: ByteBuffer) {
        isReading = true
        guard state != .failed else { return loop.receiveBuffers.giveBack(bytes) }
        if var whole = incomplete {
            incomplete = nil
            whole.writeImmutableBuffer(bytes)
            loop.receiveBuffers.giveBack(bytes)
            whole.moveReaderIndex(forwardBy: parse(whole))
            if whole.readableBytes > 0 && state != .closed && state != .failed {
                // Holds on to no more than what is left, but does not move the bytes of a large frame each time.
                if whole.readerIndex > 0 { whole.discardReadBytes() }
                incomplete = whole
            }
        } else {
            let consumed = parse(bytes)
            if consumed < bytes.readableBytes && state != .closed && state != .failed {
                incomplete = bytes.withUnsafeReadableBytes { bytes in
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
                    var incomplete = ByteBufferAllocator().buffer(capacity: sizeToKeep(of: rest))
                    incomplete.writeBytes(rest)
                    return incomplete
                }
            }
            loop.receiveBuffers.giveBack(bytes)
        }
    }

    /// How much memory the start of a frame is given: for all of it, so that it need not move while it grows; but not
    /// for what somebody only announces.
    private func sizeToKeep(of start: UnsafeRawBufferPointer) -> Int {
        guard case .frame(let header) = parse(frame: start) else { return start.count }
        return min(header.frameSize, max(start.count &* 4, 4096))
    }

    private func parse(frame bytes: UnsafeRawBufferPointer) -> WebSocketFrameParse {
        WebSocketFrameParser.parse(
            bytes, masked: true, maxPayload: maxFrame, allowsCompression: compression != nil)
    }

    /// Delivers every complete frame; returns how many bytes they took.
    private func parse(_ buffer: ByteBuffer) -> Int {
        buffer.withUnsafeReadableBytes { bytes in
            var offset = 0
            while offset < bytes.count, state != .closed, state != .failed {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                switch parse(frame: rest) {
                case .incomplete: return offset
                case .violation(let code, let reason):
                    violated(code, reason)
                    return bytes.count
                case .frame(let header):
                    guard header.frameSize <= rest.count else { return offset }
                    deliver(header, rest)
                    offset &+= header.frameSize
                }
            }
            return offset
        }
    }

    private func deliver(_ header: WebSocketFrameHeader, _ frame: UnsafeRawBufferPointer) {
        guard state == .open else {
            // Only the answer to our Close frame matters now.
            if header.opcode == .close { context?.close(promise: nil) }
            return
        }
        let masked = UnsafeRawBufferPointer(rebasing: frame[header.headerSize..<header.frameSize])
        loop.scratch.withBytes(header.length) { payload in
            let isASCII = WebSocketFrameParser.unmask(from: masked, into: payload, key: header.maskKey)
            deliver(assembler.receive(header, payload: payload, isASCII: isASCII))
        }
    }

    @inline(__always)
    private func deliver(_ assembly: WebSocketAssembly) {
        switch assembly {
        case .none, .pong: break
        case .text(let text): deliver(text: text)
        case .binary(let bytes): deliver(binary: bytes)
        case .assembledText(let text): deliver(assembled: text) { self.deliver(text: $0) }
        case .assembledBinary(let bytes): deliver(assembled: bytes) { self.deliver(binary: $0) }
        case .compressed(let bytes, let isText): deliver(compressed: UnsafeRawBufferPointer(bytes), isText: isText)
        case .assembledCompressed(let bytes, let isText):
            bytes.withUnsafeBytes { deliver(compressed: $0, isText: isText) }
        case .ping(let data): answer(ping: UnsafeRawBufferPointer(data))
        case .close(let code): peerClosed(code)
        case .violation(let code, let reason): violated(code, reason)
        }
    }

    private func deliver(text: UnsafeMutableRawBufferPointer) {
        guard state == .open else { return }
        session?.received(text: text, from: self)
    }

    private func deliver(binary: UnsafeMutableRawBufferPointer) {
        guard state == .open else { return }
        session?.received(binary: binary, from: self)
    }

    private func deliver(assembled message: [UInt8], _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        message.withUnsafeBytes { loop.scratch.withCopy(of: $0, body) }
    }

    @inline(never)
    private func deliver(compressed message: UnsafeRawBufferPointer, isText: Bool) {
        compression?.inflate(message, limit: engine.options.maxHTTPBufferSize) { outcome, bytes in
            switch outcome {
            case .done: deliver(inflated: assembler.receive(inflated: bytes, isText: isText))
            case .tooBig: violated(.tooBig, "a compressed message holds more than the limit")
            case .corrupt: violated(.invalidData, "a compressed message is corrupt")
            }
        }
    }

    private func deliver(inflated assembly: WebSocketAssembly) {
        switch assembly {
        case .text(let text): deliver(text: text)
        case .binary(let bytes): deliver(binary: bytes)
        case .violation(let code, let reason): violated(code, reason)
        case .none, .assembledText, .assembledBinary, .compressed, .assembledCompressed, .ping, .pong, .close: break
        }
    }

    /// RFC 6455 asks for an answer to the latest ping only, so that one who pings and does not read costs nothing.
    private func answer(ping data: UnsafeRawBufferPointer) {
        if isWritable { writeFrame(.pong, data) } else { unansweredPing = Array(data) }
    }

    private func peerClosed(_ code: WebSocketCloseCode?) {
        writeClose(code)
        isReading = false
        flush()
        let context = context
        ended(.transportClose)
        context?.close(promise: nil)
    }

    private func violated(_ code: WebSocketCloseCode, _ reason: StaticString) {
        guard state == .open else {
            state = .failed
            return
        }
        engine.log(.warning) { "A WebSocket is closed with \(code.rawValue): \(reason)." }
        let session = session
        self.session = nil
        close(code)
        state = .failed
        context?.close(mode: .output, promise: nil)
        closeChannel(in: Self.failureTimeout)
        session?.webSocketEnded(self, reason: .transportError)
    }

    // MARK: Writing

    /// Writes the answer to the handshake, in front of everything else.
    func begin(with response: ByteBuffer) {
        guard state == .open else { return }
        output.append(shared: response)
        scheduleFlush()
    }

    /// Writes a message whose payload `encode` puts into the memory it is given. `compresses`: if it is large enough, and
    /// the client knows how.
    @inline(__always)
    func write(
        _ opcode: WebSocketOpcode, payload size: Int, compresses: Bool = true,
        _ encode: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        if size > largestPlain && compresses { return writeCompressed(opcode, payload: size, encode) }
        writeFrame(opcode, payload: size, encode)
    }

    /// Writes one frame as it is.
    @inline(__always)
    private func writeFrame(
        _ opcode: WebSocketOpcode, isCompressed: Bool = false, payload size: Int,
        _ encode: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        guard state == .open else { return }
        output.append(WebSocketFrameWriter.headerSize(payload: size) &+ size) { memory in
            let header = WebSocketFrameWriter.writeHeader(
                opcode: opcode, isCompressed: isCompressed, payload: size, into: memory)
            return header &+ encode(UnsafeMutableRawBufferPointer(rebasing: memory[header...]))
        }
        scheduleFlush()
    }

    private func writeFrame(
        _ opcode: WebSocketOpcode, isCompressed: Bool = false, _ payload: UnsafeRawBufferPointer
    ) {
        writeFrame(opcode, isCompressed: isCompressed, payload: payload.count) { memory in
            memory.copyMemory(from: payload)
            return payload.count
        }
    }

    @inline(never)
    private func writeCompressed(
        _ opcode: WebSocketOpcode, payload size: Int, _ encode: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        // What is not sent must not be compressed either: later messages would refer to it.
        guard state == .open else { return }
        loop.outputMemory.withMemory(size) { memory in
            memory.use(encode(memory.room(for: size)))
            writeCompressed(opcode, memory.bytes)
        }
    }

    private func writeCompressed(_ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer) {
        guard state == .open, let compression else { return }
        compression.compress(payload) { writeFrame(opcode, isCompressed: $1, $0) }
    }

    /// Writes a binary message.
    func write(binary bytes: UnsafeRawBufferPointer, compresses: Bool = true) {
        switch binaryForm {
        case .bytes:
            if bytes.count > largestPlain && compresses { return writeCompressed(.binary, bytes) }
            writeFrame(.binary, bytes)
        case .typedBytes:
            let size = 1 &+ bytes.count
            write(.binary, payload: size, compresses: compresses) { memory in
                var writer = MemoryWriter(UnsafeMutableRawBufferPointer(rebasing: memory[..<size]))
                writer.write(byte: PacketType.message.rawValue)
                writer.write(bytes)
                return writer.count
            }
        case .base64, .typedBase64:
            let marker = binaryForm == .base64 ? "b" : "b4"
            let size = marker.utf8.count &+ PayloadEncoder.base64Size(bytes.count)
            write(.text, payload: size, compresses: compresses) { memory in
                var writer = MemoryWriter(UnsafeMutableRawBufferPointer(rebasing: memory[..<size]))
                writer.write(marker)
                writer.write { PayloadEncoder.writeBase64(bytes, into: $0) }
                return writer.count
            }
        }
    }

    /// Writes a packet that was encoded before.
    func write(_ packet: EnginePacket) {
        guard state == .open else { return }
        guard !packet.isBinary || binaryForm == .bytes else {
            return packet.withPayload { write(binary: $0, compresses: packet.compresses) }
        }
        if packet.payloadCount > largestPlain && packet.compresses { return writeCompressed(packet) }
        output.append(shared: packet.frame)
        scheduleFlush()
    }

    @inline(never)
    private func writeCompressed(_ packet: EnginePacket) {
        guard let frame = compression?.sharedFrame(of: packet) else {
            return packet.withPayload { writeCompressed(packet.isBinary ? .binary : .text, $0) }
        }
        output.append(shared: frame)
        scheduleFlush()
    }

    @inline(__always)
    private func scheduleFlush() {
        guard !needsFlush else { return }
        needsFlush = true
        // What is written while the connection is read leaves when the read is complete.
        if !isReading { loop.flushLater(self) }
    }

    func flush() {
        guard needsFlush, !isReading || state == .closed else { return }
        needsFlush = false
        output.flush()
        // A channel that could not be asked how much it holds before the flush.
        guard output.isFull else { return }
        output.isFull = false
        if !isWritable, let channel = context?.channel { noteWritability(of: channel) }
    }

    // MARK: Closing

    /// Sends a Close frame behind what was written, and waits a little for the answer.
    func close(_ code: WebSocketCloseCode? = nil) {
        guard state == .open else { return }
        writeClose(code)
        state = .closing
        isReading = false
        flush()
        closeChannel(in: Self.closeTimeout)
    }

    private func writeClose(_ code: WebSocketCloseCode?) {
        guard let code, code.isLegalOnTheWire else { return writeFrame(.close, payload: 0) { _ in 0 } }
        writeFrame(.close, payload: 2) { memory in
            memory.storeBytes(of: code.rawValue.bigEndian, as: UInt16.self)
            return 2
        }
    }

    func closeSoon() {
        close(.goingAway)
        closeChannel(in: Self.shutdownTimeout)
    }

    private func closeChannel(in time: TimeAmount) {
        guard let channel = context?.channel else { return }
        closing?.cancel()
        closing = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
