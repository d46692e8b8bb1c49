import Synchronization

/// Room for what another thread has handed to an event loop, among all that the loops have not come to yet. It ends with
/// the last of the work that holds it, done or not.
package final class Reservation: Sendable {
    private let engine: EngineServer
    private let bytes: Int

    fileprivate init(_ bytes: Int, of engine: EngineServer) {
        self.bytes = bytes
        self.engine = engine
        engine.handedOver.wrappingAdd(bytes, ordering: .relaxed)
    }

    deinit { engine.handedOver.wrappingSubtract(bytes, ordering: .relaxed) }
}

extension EngineServer {
    /// What a piece of work takes besides the packets.
    private static var workSize: Int { 256 }

    /// Room for packets that go to so many clients of one loop, which will write them; nil, and they are counted as
    /// dropped, if the loops are so far behind that there is none. On any thread.
    package func reserve(_ packets: [EnginePacket], clients: Int = 1) -> Reservation? {
        let size = packets.reduce(Self.workSize &+ clients &* MemoryLayout<UInt>.size) { $0 &+ $1.byteCount }
        guard size <= options.limits.pendingEmitBytes &- handedOver.load(ordering: .relaxed) else {
            for _ in 0..<clients { metrics.dropped(.server) }
            return nil
        }
        return Reservation(size, of: self)
    }
}
