import SocketIOCore

/// What the other side replied; borrowed while the completion runs.
public struct AckReply: ~Copyable {
    package let rawArguments: UnsafeRawBufferPointer
    package let rawAttachments: Attachments

    package init(rawArguments: UnsafeRawBufferPointer, rawAttachments: Attachments) {
        self.rawArguments = rawArguments
        self.rawAttachments = rawAttachments
    }

    /// The arguments: the JSON text of an array.
    public var args: String { String(decoding: rawArguments, as: UTF8.self) }

    /// What the placeholders in ``args`` stand for, in order.
    public var attachments: [[UInt8]] { rawAttachments.map { Array($0) } }
}

/// Why there is no reply.
public enum AckFailure: Error, Sendable {
    /// Nothing came in time.
    case timeout
    /// The other side went away first.
    case disconnected
    /// This side, a server or a client, was closed first.
    case closed
    /// As many replies of the socket are awaited as may be: see `maxPendingAcks` of the options. Or the event was
    /// dropped: see `overflowPolicy`.
    case limit
}

/// How an emit that asked for a reply ended.
public enum AckOutcome: ~Copyable {
    case success(AckReply)
    case failure(AckFailure)
}
