/// Handlers of one thing that may happen, in the order of their calls.
public struct HandlerList<Handler: Sendable>: Sendable {
    public private(set) var handlers: [Handler] = []
    /// Those of ``handlers``, beside them: a call counts no references of theirs.
    private var registrations: [Registration] = []

    public init() {}

    public var isEmpty: Bool { handlers.isEmpty }
    public var count: Int { handlers.count }

    public mutating func add(_ handler: Handler, _ registration: Registration, first: Bool) {
        handlers.insert(handler, at: first ? 0 : handlers.count)
        registrations.insert(registration, at: first ? 0 : registrations.count)
    }

    public mutating func append(_ other: HandlerList) {
        handlers += other.handlers
        registrations += other.registrations
    }

    /// Takes out the one that was registered last of those that fit; returns it.
    public mutating func remove(_ fits: (Registration) -> Bool) -> Registration? {
        guard let position = registrations.lastIndex(where: fits) else { return nil }
        handlers.remove(at: position)
        return registrations.remove(at: position)
    }
}
