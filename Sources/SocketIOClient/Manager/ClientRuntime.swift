import SocketIOTransport

/// The event loops of clients. They start with the first manager.
public final class ClientRuntime: Sendable {
    package let engine: EngineRuntime

    /// What managers use that are told of no other: one loop, for the life of the program.
    public static let shared = ClientRuntime(threads: 1)

    /// Managers are spread over `threads` loops.
    public init(threads: Int = 1) {
        engine = EngineRuntime(threads: threads)
    }

    package init(_ engine: EngineRuntime) {
        self.engine = engine
    }

    /// Ends the threads, and waits for them. Close the managers first. Not from a handler.
    public func stop() {
        engine.stop()
    }
}
