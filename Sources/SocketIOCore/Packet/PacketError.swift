/// Why a packet was refused, and where in it.
public struct PacketError: Error, Equatable, Sendable {
    public enum Kind: Sendable {
        case unknownType
        /// The number of attachments is malformed, or a placeholder refers to an attachment that was not announced.
        case illegalAttachments
        case tooManyAttachments
        case idTooLarge
        /// The payload is missing, is not JSON, or is not what the type of the packet asks for.
        case invalidPayload
        case reservedName
        case depthExceeded
        /// Of the msgpack parser: not MessagePack, or not a map with the fields of a packet.
        case notMsgpack
        case notUTF8
        /// A key that is neither text nor an integer.
        case invalidKey
        case unknownExtension
        case invalidNamespace
        case invalidID
    }

    public var kind: Kind
    /// Where in the packet the error was found.
    public var offset: Int

    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    init(_ error: JSONError) {
        offset = error.offset
        kind =
            switch error.kind {
            case .syntax, .shape: .invalidPayload
            case .depth: .depthExceeded
            case .placeholder: .illegalAttachments
            }
    }
}

extension PacketError {
    /// The cause, in the words of the reference parser where it has some.
    public var message: String {
        switch kind {
        case .unknownType: "unknown packet type"
        case .illegalAttachments: "illegal attachments"
        case .tooManyAttachments: "too many attachments"
        case .idTooLarge: "invalid payload: the acknowledgement id does not fit 64 bits"
        case .invalidPayload: "invalid payload"
        case .reservedName: "invalid payload: the event name is reserved"
        case .depthExceeded: "invalid payload: nested too deeply"
        case .notMsgpack: "not a packet in MessagePack"
        case .notUTF8: "invalid payload: text that is not UTF-8"
        case .invalidKey: "invalid payload: a key that is neither text nor an integer"
        case .unknownExtension: "invalid payload: an extension that is neither a date nor bytes"
        case .invalidNamespace: "invalid namespace"
        case .invalidID: "invalid packet id"
        }
    }
}
