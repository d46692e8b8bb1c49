/// Handlers of one thing that may happen, in the order of their calls.
package struct HandlerList<Handler: Sendable>: Sendable {
    package private(set) var handlers: [Handler] = []
    /// Those of ``handlers``, beside them: a call counts no references of theirs.
    private var registrations: [Registration] = []

    package init() {}

    package var isEmpty: Bool { handlers.isEmpty }
    package var count: Int { handlers.count }

    package mutating func add(_ handler: Handler, _ registration: Registration, first: Bool) {
        handlers.insert(handler, at: first ? 0 : handlers.count)
        registrations.insert(registration, at: first ? 0 : registrations.count)
    }

    package mutating func append(_ other: HandlerList) {
        handlers += other.handlers
        registrations += other.registrations
    }

    /// Takes out the one that was registered last of those that fit; returns it.
    package mutating func remove(_ fits: (Registration) -> Bool) -> Registration? {
        guard let position = registrations.lastIndex(where: fits) else { return nil }
        handlers.remove(at: position)
        return registrations.remove(at: position)
    }
}
