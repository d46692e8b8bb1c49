import Glibc
import NIOCore

/// What a connection writes: gathered while a turn of the loop lasts, then given to the kernel in one call.
///
/// The call goes past the channel as long as the channel holds nothing back: the way through it costs half as much
/// again as the call itself (docs/performance.md). What the kernel does not take goes to the channel, which waits
/// until there is room, and until then everything else follows it there, in order. A connection without a descriptor,
/// of a test or behind TLS, writes everything to the channel.
///
/// On the connection's loop.
final class ConnectionOutput {
    /// Beyond this, what was gathered is written before the turn ends, so that the channel's water mark sees it.
    private static let gatheredBytes = 64 * 1024
    /// What is larger is not copied to be gathered with other pieces.
    private static let copiedBytes = 16 * 1024

    private enum Gathered {
        case nothing
        /// One piece as it is: a broadcast's, which all its receivers share.
        case shared(ByteBuffer)
        case own(OutputBuffer)
    }

    /// The handler's whose connection this is; nil before it is added and after it is removed.
    var context: ChannelHandlerContext?
    private let loop: EngineLoop
    /// -1 for none.
    private let descriptor: CInt
    private var gathered = Gathered.nothing
    /// How many writes the channel holds.
    private var heldWrites = 0

    /// `descriptor` is the socket's, if the bytes reach it as they are written; else -1.
    init(loop: EngineLoop, descriptor: CInt) {
        self.loop = loop
        self.descriptor = descriptor
    }

    // MARK: Gathering

    /// Adds `size` bytes at most, which `write` puts into the memory it is given; it returns how many it used.
    @inline(__always)
    func append(_ size: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) {
        let buffer = ownBuffer(for: size)
        buffer.append(size, write)
        if buffer.count >= Self.gatheredBytes { self.write() }
    }

    /// Adds bytes that others share: they are not copied if they leave alone, or are many.
    func append(shared piece: ByteBuffer) {
        if case .nothing = gathered {
            gathered = .shared(piece)
        } else if piece.readableBytes > Self.copiedBytes {
            write()
            gathered = .shared(piece)
        } else {
            piece.withUnsafeReadableBytes { bytes in
                append(bytes.count) { memory in
                    memory.copyMemory(from: bytes)
                    return bytes.count
                }
            }
        }
    }

    private func ownBuffer(for size: Int) -> OutputBuffer {
        switch gathered {
        case .own(let buffer): return buffer
        case .nothing:
            let buffer = loop.outputBuffers.take(size)
            gathered = .own(buffer)
            return buffer
        case .shared(let piece):
            let buffer = loop.outputBuffers.take(piece.readableBytes &+ size)
            piece.withUnsafeReadableBytes { buffer.append($0) }
            gathered = .own(buffer)
            return buffer
        }
    }

    func discard() {
        gathered = .nothing
    }

    // MARK: Writing

    /// Writes what was gathered.
    func write() {
        let gathered = gathered
        self.gathered = .nothing
        switch gathered {
        case .nothing: break
        case .shared(var piece):
            piece.moveReaderIndex(forwardBy: piece.withUnsafeReadableBytes { send($0) })
            if piece.readableBytes > 0 { hold(piece) }
        case .own(let buffer):
            let sent = send(buffer.bytes)
            if sent < buffer.count { hold(ByteBuffer(bytes: buffer.bytes[sent...])) }
            loop.outputBuffers.giveBack(buffer)
        }
    }

    /// How many bytes the kernel took. After a failure the channel meets the same one, and closes the connection.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard descriptor >= 0, heldWrites == 0, context != nil else { return 0 }
        while true {
            let sent = Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
            if sent >= 0 { return min(sent, bytes.count) }
            guard errno == EINTR else { return 0 }
        }
    }

    private func hold(_ rest: ByteBuffer) {
        guard let context else { return }
        heldWrites &+= 1
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.heldWrites &-= 1 }
        context.writeAndFlush(NIOAny(rest), promise: promise)
    }
}
