/// What a frame amounts to.
public enum WebSocketAssembly {
    /// Nothing to do: a fragment that others follow, or a frame after the end.
    case none
    /// A whole message in one frame, in the memory of the frame. Text is valid UTF-8.
    case text(UnsafeMutableRawBufferPointer)
    case binary(UnsafeMutableRawBufferPointer)
    /// A whole message that came in fragments. Text is valid UTF-8.
    case assembledText([UInt8])
    case assembledBinary([UInt8])
    /// A whole message that is compressed, in one frame or in fragments. Once it is inflated, it goes to
    /// ``WebSocketMessageAssembler/receive(inflated:isText:)``.
    case compressed(UnsafeMutableRawBufferPointer, isText: Bool)
    case assembledCompressed([UInt8], isText: Bool)
    /// To be answered with a pong of the same payload.
    case ping(UnsafeMutableRawBufferPointer)
    case pong
    /// The peer ends the connection, with the code it gave. To be answered with a Close frame.
    case close(WebSocketCloseCode?)
    /// The peer broke a rule; the connection fails with this code.
    case violation(WebSocketCloseCode, reason: StaticString)
}

/// The rules between the frames of one connection: fragmentation, control frames, text, the end.
///
/// A message in one frame passes through without a copy. Fragments gather in a single array, which leaves with the
/// message: what is held grows with the bytes of a message, up to `maxPayload`, and not with the number of its
/// fragments, however many of them are tiny or empty.
public struct WebSocketMessageAssembler: Sendable {
    private enum State {
        case idle
        case gathering(isText: Bool, isCompressed: Bool, bytes: [UInt8])
        /// After a Close frame or a violation nothing more is received.
        case ended
    }

    private let maxPayload: Int
    private var state = State.idle

    /// - Parameter maxPayload: the largest size of a message, all fragments together.
    public init(maxPayload: Int) {
        self.maxPayload = maxPayload
    }

    /// The largest size of a compressed message: one that does not compress may become larger, by an eighth in the
    /// worst case that zlib knows of.
    public static func maxCompressed(_ maxPayload: Int) -> Int {
        let (size, overflow) = maxPayload.addingReportingOverflow(maxPayload / 8 &+ maxPayload / 64 &+ 64)
        return overflow ? maxPayload : size
    }

    private func limit(isCompressed: Bool) -> Int {
        isCompressed ? Self.maxCompressed(maxPayload) : maxPayload
    }

    /// Receives a frame that ``WebSocketFrameParser`` accepted, with its payload complete and unmasked.
    ///
    /// - Parameter isASCII: true if that is known of the payload, which then need not be validated.
    @inline(__always)
    public mutating func receive(
        _ header: WebSocketFrameHeader, payload: UnsafeMutableRawBufferPointer, isASCII: Bool = false
    ) -> WebSocketAssembly {
        if case .ended = state { return .none }
        return switch header.opcode {
        case .text: start(header, payload, isText: true, isASCII: isASCII)
        case .binary: start(header, payload, isText: false, isASCII: isASCII)
        case .continuation: proceed(fin: header.fin, payload)
        case .ping: .ping(payload)
        case .pong: .pong
        case .close: end(UnsafeRawBufferPointer(payload))
        }
    }

    @inline(__always)
    private mutating func start(
        _ header: WebSocketFrameHeader, _ payload: UnsafeMutableRawBufferPointer, isText: Bool, isASCII: Bool
    ) -> WebSocketAssembly {
        guard case .idle = state else {
            return fail(.protocolError, "a message starts inside another one")
        }
        guard payload.count <= limit(isCompressed: header.isCompressed) else {
            return fail(.tooBig, "a message is larger than the limit")
        }
        guard header.fin else {
            state = .gathering(isText: isText, isCompressed: header.isCompressed, bytes: Array(payload))
            return .none
        }
        guard !header.isCompressed else { return .compressed(payload, isText: isText) }
        return whole(payload, isText: isText, isASCII: isASCII)
    }

    /// A message in one piece, as the application will get it.
    @inline(__always)
    private mutating func whole(
        _ payload: UnsafeMutableRawBufferPointer, isText: Bool, isASCII: Bool
    ) -> WebSocketAssembly {
        guard isText else { return .binary(payload) }
        guard isASCII || UTF8Text.isValid(UnsafeRawBufferPointer(payload)) else {
            return fail(.invalidData, "a text message is not UTF-8")
        }
        return .text(payload)
    }

    /// Receives what a compressed message holds.
    public mutating func receive(
        inflated payload: UnsafeMutableRawBufferPointer, isText: Bool
    ) -> WebSocketAssembly {
        if case .ended = state { return .none }
        return whole(payload, isText: isText, isASCII: false)
    }

    private mutating func proceed(fin: Bool, _ payload: UnsafeMutableRawBufferPointer) -> WebSocketAssembly {
        guard case .gathering(let isText, let isCompressed, var bytes) = state else {
            return fail(.protocolError, "a continuation has no message to continue")
        }
        // Leaves `bytes` the only owner of the array: appending must not copy it once a fragment.
        state = .idle
        guard payload.count <= limit(isCompressed: isCompressed) - bytes.count else {
            return fail(.tooBig, "a message is larger than the limit")
        }
        bytes.append(contentsOf: payload.assumingMemoryBound(to: UInt8.self))
        guard fin else {
            state = .gathering(isText: isText, isCompressed: isCompressed, bytes: bytes)
            return .none
        }
        guard !isCompressed else { return .assembledCompressed(bytes, isText: isText) }
        guard isText else { return .assembledBinary(bytes) }
        guard bytes.withUnsafeBytes({ UTF8Text.isValid($0) }) else {
            return fail(.invalidData, "a text message is not UTF-8")
        }
        return .assembledText(bytes)
    }

    /// A Close frame: nothing, or a code and a reason.
    private mutating func end(_ payload: UnsafeRawBufferPointer) -> WebSocketAssembly {
        guard payload.count > 0 else {
            state = .ended
            return .close(nil)
        }
        guard payload.count >= 2 else {
            return fail(.protocolError, "a Close frame holds half a code")
        }
        let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isLegalOnTheWire else {
            return fail(.protocolError, "a Close frame has a code that must not be sent")
        }
        guard UTF8Text.isValid(UnsafeRawBufferPointer(rebasing: payload[2...])) else {
            return fail(.invalidData, "the reason in a Close frame is not UTF-8")
        }
        state = .ended
        return .close(code)
    }

    private mutating func fail(_ code: WebSocketCloseCode, _ reason: StaticString) -> WebSocketAssembly {
        state = .ended
        return .violation(code, reason: reason)
    }
}
