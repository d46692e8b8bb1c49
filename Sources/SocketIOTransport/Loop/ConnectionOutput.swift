import Glibc
import NIOCore

/// What a connection writes: gathered while a turn of the loop lasts, then given to the kernel in one call.
///
/// The call goes past the channel as long as the channel holds nothing back: the way through it nearly doubles the
/// instructions of a message (docs/performance.md). What the kernel does not take goes to the channel, which waits
/// until there is room, and until then everything else follows it there, in order. A connection without a descriptor,
/// of a test or behind TLS, writes everything to the channel.
///
/// On the connection's loop.
final class ConnectionOutput {
    /// Beyond this, what was gathered is written before the turn ends, so that the channel's water mark sees it.
    private static let gatheredBytes = 64 * 1024
    /// What is larger is not copied to be gathered with other pieces.
    private static let copiedBytes = 16 * 1024
    /// What is smaller is copied rather than remembered as a piece of its own.
    private static let sharedBytes = 512
    /// How many pieces leave in one call, at the most.
    private static let sharedPieces = 256
    /// How much a channel without a descriptor is given before it is full.
    private static let unflushedBytes = 256 * 1024
    /// What a channel is given at once.
    private static let pieceBytes = 256 * 1024

    /// The handler's whose connection this is; nil before it is added, and as soon as the connection has ended: the
    /// descriptor may be another's from then on, before the handler is removed.
    var context: ChannelHandlerContext?
    private let loop: EngineLoop
    /// -1 for none, ``closedDescriptor`` once the channel takes no more.
    private(set) var descriptor: CInt
    private static let closedDescriptor: CInt = -2
    /// How many bytes are shared; beside the descriptor it takes no memory of its own.
    private var sharedCount: Int32 = 0
    /// What was gathered: in memory of our own, or pieces as they are, those of broadcasts, which all their receivers
    /// share: `shared`, and those that came after it. One is the rule; more are there when the loop is behind, and then
    /// to copy each for each receiver takes the time and the memory that are missing already.
    private var own: OutputMemory?
    private var shared: ByteBuffer?
    private var otherShared: [ByteBuffer] = []
    /// What goes through the channel; nil as long as that holds nothing and nobody waits for it: most connections need
    /// no memory for it.
    private var held: Held?

    private final class Held {
        /// How many writes the channel holds.
        var writes = 0
        /// Bytes that it holds of large writes. Of others it holds no more than its water mark and one more.
        var bytes = 0
        var needsFlush = false
        /// Called when the channel holds nothing back any more.
        var onSent: (() -> Void)?
        /// What a channel without a descriptor was given since the last flush. Its water mark counts what is encrypted,
        /// and that is done at the flush.
        var unflushed = 0
        var isFull = false
        var onFull: ((_ isFull: Bool) -> Void)?
    }

    /// `descriptor` is the socket's, if the bytes reach it as they are written; else -1.
    init(loop: EngineLoop, descriptor: CInt) {
        self.loop = loop
        self.descriptor = descriptor
    }

    /// Whether the bytes reach the socket as they are written.
    var hasDescriptor: Bool { descriptor >= 0 }

    /// How much the channel holds of what was large.
    var heldBytes: Int { held?.bytes ?? 0 }

    /// Whether a channel without a descriptor was given more than it should be since the last flush.
    var isFull: Bool { held?.isFull ?? false }

    /// Called when that changes; until the end. Never for a connection with a descriptor.
    func whenFull(_ body: @escaping (_ isFull: Bool) -> Void) {
        ownHeld.onFull = body
    }

    private var ownHeld: Held {
        if let held { return held }
        let held = Held()
        self.held = held
        return held
    }

    deinit { own?.deallocate() }

    // MARK: Gathering

    /// Adds `size` bytes at most, which `write` puts into the memory it is given; it returns how many it used. It
    /// must not write to this output.
    @inline(__always)
    func append(_ size: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) {
        if sharedCount > Self.copiedBytes { self.write() }
        if own == nil { takeMemory(size) }
        guard let room = own?.room(for: size) else { return }
        own?.use(min(write(room), size))
        if let count = own?.count, count >= Self.gatheredBytes { self.write() }
    }

    /// Adds bytes that others share: they are not copied if they leave alone, or are many.
    func append(shared piece: ByteBuffer) {
        if own == nil && shared == nil {
            shared = piece
            sharedCount = Int32(clamping: piece.readableBytes)
            if sharedCount >= Self.gatheredBytes { write() }
        } else {
            append(another: piece)
        }
    }

    @inline(never)
    private func append(another piece: ByteBuffer) {
        let size = piece.readableBytes
        if size > Self.copiedBytes && (own != nil || !hasDescriptor) {
            write()
            append(shared: piece)
        } else if own == nil && size >= Self.sharedBytes && hasDescriptor {
            otherShared.append(piece)
            sharedCount = Int32(clamping: Int(sharedCount) &+ size)
            if sharedCount >= Self.gatheredBytes || otherShared.count >= Self.sharedPieces &- 1 { write() }
        } else {
            piece.withUnsafeReadableBytes { bytes in
                append(size) { memory in
                    memory.copyMemory(from: bytes)
                    return size
                }
            }
        }
    }

    /// Makes what was gathered so far the beginning of memory of our own.
    private func takeMemory(_ size: Int) {
        let sharedSize = otherShared.reduce(shared?.readableBytes ?? 0) { $0 &+ $1.readableBytes }
        var memory = loop.outputMemory.take(sharedSize &+ size)
        shared?.withUnsafeReadableBytes { memory.append($0) }
        for piece in otherShared { piece.withUnsafeReadableBytes { memory.append($0) } }
        forgetShared()
        own = memory
    }

    private func forgetShared() {
        shared = nil
        sharedCount = 0
        if !otherShared.isEmpty { otherShared = [] }
    }

    func discard() {
        forgetShared()
        guard let memory = own else { return }
        own = nil
        loop.outputMemory.giveBack(memory)
    }

    // MARK: Writing

    /// Writes what was gathered, and lets the channel write what it holds: the end of a turn.
    func flush() {
        write()
        if let held, held.needsFlush { flushChannel(held) }
    }

    @inline(never)
    private func flushChannel(_ held: Held) {
        held.needsFlush = false
        held.unflushed = 0
        context?.flush()
        guard held.isFull else { return }
        held.isFull = false
        held.onFull?(false)
    }

    /// Calls `body` once the kernel has all that was written and flushed: now, or when the channel has written what it
    /// holds. For one at a time; not if the connection ends first.
    func whenSent(_ body: @escaping () -> Void) {
        guard descriptor != Self.closedDescriptor else { return }
        guard let held, held.writes > 0 else { return body() }
        held.onSent = body
    }

    /// The connection has ended: nothing is written any more.
    func end() {
        discard()
        context = nil
        held?.onSent = nil
        held?.onFull = nil
    }

    /// Writes what was gathered. Nothing comes of a failure before the channel is flushed: it would read what is left,
    /// deliver it, and close, while a handler runs that writes.
    private func write() {
        if let memory = own {
            own = nil
            let sent = send(memory.bytes)
            if sent < memory.count { hold(ByteBuffer(bytes: memory.bytes[sent...])) }
            loop.outputMemory.giveBack(memory)
        } else if !otherShared.isEmpty {
            writePieces()
        } else if var piece = shared {
            shared = nil
            sharedCount = 0
            piece.moveReaderIndex(forwardBy: piece.withUnsafeReadableBytes { send($0) })
            if piece.readableBytes > 0 { hold(piece) }
        }
    }

    @inline(never)
    private func writePieces() {
        guard let first = shared else { return }
        var pieces = [first] + otherShared
        forgetShared()
        var sent = send(pieces)
        // What is left of them is behind what is left of the first.
        for index in pieces.indices {
            let count = min(sent, pieces[index].readableBytes)
            sent &-= count
            pieces[index].moveReaderIndex(forwardBy: count)
        }
        hold(pieces.filter { $0.readableBytes > 0 })
    }

    /// The channel gets what the kernel has not taken; one promise tells of all.
    private func hold(_ pieces: [ByteBuffer]) {
        guard let last = pieces.last else { return }
        for piece in pieces.dropLast() { context?.write(NIOAny(piece), promise: nil) }
        hold(last)
    }

    private func send(_ pieces: [ByteBuffer]) -> Int {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: pieces.count) { vectors in
            for (index, piece) in pieces.enumerated() {
                piece.withUnsafeReadableBytes { bytes in
                    // SAFETY: `pieces` keeps the memory, and nobody changes it: the kernel only reads.
                    vectors.initializeElement(
                        at: index,
                        to: iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count))
                }
            }
            return send { descriptor, flags in
                var message = msghdr()
                message.msg_iov = vectors.baseAddress
                message.msg_iovlen = vectors.count
                return sendmsg(descriptor, &message, flags)
            }
        }
    }

    /// How many bytes the kernel took. After a failure the channel gets the bytes, fails too, and closes the connection.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        min(send { Glibc.send($0, bytes.baseAddress, bytes.count, $1) }, bytes.count)
    }

    @inline(__always)
    private func send(_ call: (_ descriptor: CInt, _ flags: CInt) -> Int) -> Int {
        guard descriptor >= 0, (held?.writes ?? 0) == 0, context != nil else { return 0 }
        while true {
            let sent = call(descriptor, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
            if sent >= 0 { return sent }
            guard errno == EINTR else { return 0 }
        }
    }

    private func hold(_ rest: ByteBuffer) {
        guard context != nil else { return }
        let held = ownHeld
        if descriptor < 0 { count(rest.readableBytes, in: held) }
        let isLarge = rest.readableBytes >= Self.gatheredBytes
        if isLarge { held.bytes &+= rest.readableBytes }
        held.needsFlush = true
        var rest = rest
        // In pieces, so that it is known how much is left of what is large.
        while rest.readableBytes > 0, let context,
            let piece = rest.readSlice(length: min(rest.readableBytes, Self.pieceBytes))
        {
            let counted = isLarge ? piece.readableBytes : 0
            held.writes &+= 1
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { result in
                if case .failure = result { self.lostHeld() }
                self.wroteHeld(counted)
            }
            context.write(NIOAny(piece), promise: promise)
        }
    }

    /// The channel takes no more. If it has closed its socket, it tells its handlers last: nothing is sent past it from
    /// now on, to a descriptor that may be another connection's.
    private func lostHeld() {
        descriptor = Self.closedDescriptor
        held?.onSent = nil
    }

    private func wroteHeld(_ counted: Int) {
        guard let held else { return }
        held.writes &-= 1
        held.bytes &-= counted
        guard held.writes == 0 else { return }
        let onSent = held.onSent
        held.onSent = nil
        if held.onFull == nil, !held.needsFlush { self.held = nil }
        onSent?()
    }

    private func count(_ bytes: Int, in held: Held) {
        held.unflushed &+= bytes
        guard held.unflushed > Self.unflushedBytes, !held.isFull, let onFull = held.onFull else { return }
        held.isFull = true
        onFull(true)
    }
}
