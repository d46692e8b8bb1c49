/// What a WebSocket frame carries (RFC 6455, section 5.2). Other values are reserved and refused.
package enum WebSocketOpcode: UInt8, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    /// Control frames may stand between the fragments of a message, and are small and whole.
    package var isControl: Bool {
        rawValue >= 8
    }
}

/// The header of one WebSocket frame.
package struct WebSocketFrameHeader: Equatable, Sendable {
    /// Whether this is the last, or only, fragment of its message.
    package var fin: Bool
    package var opcode: WebSocketOpcode
    /// The size of the payload.
    package var length: Int
    /// The masking key as it stands in memory; 0, which changes nothing, if the frame is not masked.
    package var maskKey: UInt32
    /// The size of the header itself, masking key included.
    package var headerSize: Int

    package init(fin: Bool, opcode: WebSocketOpcode, length: Int, maskKey: UInt32, headerSize: Int) {
        self.fin = fin
        self.opcode = opcode
        self.length = length
        self.maskKey = maskKey
        self.headerSize = headerSize
    }

    /// The size of header and payload. The parser admits no header for which this does not fit.
    package var frameSize: Int {
        headerSize &+ length
    }
}
