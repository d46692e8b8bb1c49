import EngineIOCore
import SocketIOTransport

/// What a manager asks of its connection: an ``EngineClient``, or what a test puts in its place.
package protocol ClientEngine: AnyObject {
    /// What carries the packets now.
    var transport: Transport { get }
    /// Whether a message would leave at once.
    var canSendNow: Bool { get }
    /// How much waits to be sent.
    var bufferedBytes: Int { get }
    func open()
    func send(text size: Int, compresses: Bool, _ encode: (UnsafeMutableRawBufferPointer) -> Int)
    func send(binary bytes: UnsafeRawBufferPointer, compresses: Bool)
    func send(_ packet: EnginePacket)
    /// What is queued leaves first.
    func close()
    func abort()
}

extension EngineClient: ClientEngine {}

/// Makes an engine, on the loop.
package typealias EngineMaker =
    @Sendable (
        EngineLoop, EngineURL, EngineClientOptions, any EngineClientDelegate
    ) -> any ClientEngine

/// One connection of a manager, or an attempt at one. It and its engine hold each other until the end; the manager lets
/// go of it first when it wants no more of it, and hears nothing of it from then on. On the loop.
final class ManagerConnection: EngineClientDelegate {
    private let manager: Manager
    private(set) var engine: (any ClientEngine)?
    /// The same once it is open: what is sent before is not of this connection.
    private(set) var openEngine: (any ClientEngine)?
    /// Whether it is not known yet where to connect.
    private(set) var isUnopened = true

    init(_ manager: Manager) {
        self.manager = manager
    }

    func open(_ engine: any ClientEngine) {
        isUnopened = false
        self.engine = engine
        engine.open()
    }

    /// Once the client is being closed, what comes is nothing to it.
    private var isCurrent: Bool { manager.connection === self && !manager.isClosing }

    func opened(_ session: ClientHandshake) {
        openEngine = engine
        if isCurrent { manager.opened(session) }
    }

    func received(text: UnsafeMutableRawBufferPointer) {
        if isCurrent { manager.received(text: text) }
    }

    func received(binary: UnsafeMutableRawBufferPointer) {
        if isCurrent { manager.received(binary: binary) }
    }

    func upgraded() {
        if isCurrent { manager.upgraded() }
    }

    func heartbeat() {
        if isCurrent { manager.tell(.ping) }
    }

    func drained() {
        if isCurrent { manager.drained() }
    }

    /// The loop has ended without it: its engine says no more.
    func abandon() {
        engine = nil
        openEngine = nil
    }

    func closed(_ end: EngineClientEnd) {
        engine = nil
        openEngine = nil
        if isCurrent { manager.ended(end) } else { manager.left(self) }
    }
}
