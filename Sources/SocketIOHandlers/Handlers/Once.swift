import Synchronization

/// What makes a handler one that is called once: it is taken back before the call, by whoever is first.
public final class Once: Sendable {
    private let isSpent = Atomic<Bool>(false)
    private let takeBack: @Sendable () -> Void

    public init(_ takeBack: @escaping @Sendable () -> Void) {
        self.takeBack = takeBack
    }

    /// Whether this is the one call.
    public func begins() -> Bool {
        guard isSpent.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
            return false
        }
        takeBack()
        return true
    }

    /// `handler`, called once.
    package func wrap<Argument: ~Copyable>(
        _ handler: @escaping @Sendable (borrowing Argument) -> Void
    ) -> @Sendable (borrowing Argument) -> Void {
        { argument in if self.begins() { handler(argument) } }
    }
}
