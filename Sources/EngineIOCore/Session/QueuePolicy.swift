/// What becomes of a message that does not fit into the queue of a client that reads too slowly.
///
/// Before any of them, what is volatile makes room, and what may be dropped makes room for what may not.
public enum QueuePolicy: UInt8, Sendable {
    /// The client is disconnected.
    case close
    /// The message is dropped.
    case dropNewest
    /// The oldest messages that may be dropped make room for it.
    case dropOldest
    /// As ``dropOldest``, but first those without a key: of the others each is the latest of its key.
    case coalesce
}

/// Why a message was dropped.
public enum DropReason: Int, Sendable, CaseIterable {
    /// It was volatile, and could not leave.
    case volatile = 0
    /// There was no room for it.
    case newest
    /// It made room for a later one.
    case oldest
    /// A later one with its key has taken its place.
    case coalesced
    /// What waits for all clients together was too much.
    case server
}

/// A message that was dropped.
public struct Dropped<Ticket> {
    public let reason: DropReason
    /// What its sender had it carry.
    public let ticket: Ticket?

    public init(reason: DropReason, ticket: Ticket?) {
        self.reason = reason
        self.ticket = ticket
    }
}

/// What may be told apart of the messages of one client: those of one key replace each other.
public struct MessageKey: Hashable, Sendable {
    /// Whose key it is: that of another socket of the client is another one.
    let scope: UInt64
    let text: String

    public init(_ text: String, scope: UInt64 = 0) {
        self.scope = scope
        self.text = text
    }
}

/// What may become of a message while it waits.
public struct MessageTerms<Ticket> {
    /// With ``QueuePolicy/close`` it is not dropped.
    public var policy = QueuePolicy.close
    /// It leaves soon, or not at all.
    public var isVolatile = false
    /// A message that waits with the same key is replaced.
    public var key: MessageKey?
    /// Given back if the message is dropped.
    public var ticket: Ticket?

    public init(
        policy: QueuePolicy = .close, isVolatile: Bool = false, key: MessageKey? = nil, ticket: Ticket? = nil
    ) {
        self.policy = policy
        self.isVolatile = isVolatile
        self.key = key
        self.ticket = ticket
    }

    /// Whether it stays until it leaves, as nearly all do.
    public var isKept: Bool { policy == .close && !isVolatile && key == nil }
}
