/// What a WebSocket frame carries (RFC 6455, section 5.2). Other values are reserved and refused.
public enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    /// Control frames may stand between the fragments of a message, and are small and whole.
    public var isControl: Bool {
        rawValue >= 8
    }
}

/// The header of one WebSocket frame.
public struct WebSocketFrameHeader: Equatable, Sendable {
    /// Whether this is the last, or only, fragment of its message.
    public var fin: Bool
    public var opcode: WebSocketOpcode
    /// Whether this begins a message that is compressed (RSV1; RFC 7692, section 6).
    public var isCompressed: Bool
    /// The size of the payload.
    public var length: Int
    /// The masking key as it stands in memory; 0, which changes nothing, if the frame is not masked.
    public var maskKey: UInt32
    /// The size of the header itself, masking key included.
    public var headerSize: Int

    public init(
        fin: Bool, opcode: WebSocketOpcode, isCompressed: Bool = false, length: Int, maskKey: UInt32, headerSize: Int
    ) {
        self.fin = fin
        self.opcode = opcode
        self.isCompressed = isCompressed
        self.length = length
        self.maskKey = maskKey
        self.headerSize = headerSize
    }

    /// The size of header and payload. The parser admits no header for which this does not fit.
    public var frameSize: Int {
        headerSize &+ length
    }
}
