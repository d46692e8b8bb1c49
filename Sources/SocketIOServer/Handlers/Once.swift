import Synchronization

/// What makes a handler one that is called once: it is taken back before the call, by whoever is first.
final class Once: Sendable {
    private let isSpent = Atomic<Bool>(false)
    private let takeBack: @Sendable () -> Void

    init(_ takeBack: @escaping @Sendable () -> Void) {
        self.takeBack = takeBack
    }

    /// Whether this is the one call.
    func begins() -> Bool {
        guard isSpent.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
            return false
        }
        takeBack()
        return true
    }

    func wrap(_ handler: @escaping EventHandler) -> EventHandler {
        { event in if self.begins() { handler(event) } }
    }

    func wrap(_ handler: @escaping ConnectionHandler) -> ConnectionHandler {
        { socket in if self.begins() { handler(socket) } }
    }

    func wrap(_ handler: @escaping OutgoingHandler) -> OutgoingHandler {
        { event in if self.begins() { handler(event) } }
    }
}
