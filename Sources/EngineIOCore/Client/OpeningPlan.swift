/// Which transports and revisions are tried, one after the other, until one of them opens the session.
public struct OpeningPlan: Sendable {
    /// What is asked for.
    public struct Attempt: Sendable, Equatable {
        public let transport: Transport
        public let revision: ProtocolRevision
    }

    /// The revisions that a program wants.
    public enum Revisions: Sendable, Hashable {
        case only(ProtocolRevision)
        /// 4, and 3 if the server says that it does not know 4.
        case automatic
    }

    private var transports: ArraySlice<Transport>
    private let revisions: Revisions
    private let triesAll: Bool
    /// What is being tried; nil: there is nothing to try.
    public private(set) var current: Attempt?

    /// - Parameters:
    ///   - transports: in the order in which they are tried; the first alone, unless `triesAll`.
    ///   - startsWithWebSocket: whether WebSocket comes first if it is among them: it has worked before.
    public init(transports: [Transport], revisions: Revisions, triesAll: Bool, startsWithWebSocket: Bool = false) {
        var ordered = transports
        if startsWithWebSocket, let index = ordered.firstIndex(of: .webSocket) {
            ordered.remove(at: index)
            ordered.insert(.webSocket, at: 0)
        }
        self.transports = ordered[...]
        self.revisions = revisions
        self.triesAll = triesAll
        current = ordered.first.map { Attempt(transport: $0, revision: Self.first(of: revisions)) }
    }

    private static func first(of revisions: Revisions) -> ProtocolRevision {
        if case .only(let revision) = revisions { revision } else { .four }
    }

    /// What failed has failed: moves on to what is tried next, if anything is. `refusesRevision`: the server said that
    /// it speaks another one.
    public mutating func advance(refusesRevision: Bool) -> Attempt? {
        guard let failed = current else { return nil }
        if refusesRevision, case .automatic = revisions, failed.revision == .four {
            current = Attempt(transport: failed.transport, revision: .three)
            return current
        }
        transports = transports.dropFirst()
        current = triesAll ? transports.first.map { Attempt(transport: $0, revision: Self.first(of: revisions)) } : nil
        return current
    }

    /// The server turned out to speak revision 3.
    public mutating func foundRevision3() {
        current = current.map { Attempt(transport: $0.transport, revision: .three) }
    }

    /// Whether another revision than the one asked for would do.
    public var takesRevision3: Bool {
        if case .automatic = revisions { return true }
        return current?.revision == .three
    }
}
