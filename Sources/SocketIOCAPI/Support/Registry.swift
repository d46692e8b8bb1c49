import CSocketIO
import Glibc
import SocketIOClient
import SocketIOHandlers
import SocketIOServer
import SocketIOTransport
import Synchronization

/// A runtime of the C API: event loops, and the way of receiving.
final class RuntimeObject: Sendable {
    let engine: EngineRuntime
    let log: LogSink
    /// Nil in inline dispatch.
    let queue: EventQueue?

    private struct Owned {
        var servers: [ObjectIdentifier: ServerObject] = [:]
        var clients: [ObjectIdentifier: ClientObject] = [:]
        var isEnding = false
    }

    private let owned = Mutex(Owned())

    init(threads: Int, queueCapacity: Int?, queueBytes: Int) throws(Failure) {
        let engine = EngineRuntime(threads: threads)
        self.engine = engine
        log = LogSink()
        guard let queueCapacity else {
            queue = nil
            return
        }
        let made = EventQueue(capacity: queueCapacity, byteCapacity: queueBytes) { queue in
            for loop in engine.loops {
                loop.run { queue.isReadingPaused ? loop.pauseReading() : loop.resumeReading() }
            }
        }
        guard let made else {
            throw Failure(SIO_E_SYSTEM, "The system has no file descriptor left: raise the limit (ulimit -n).")
        }
        queue = made
    }

    // MARK: Its servers and clients

    /// False if the runtime is ending.
    func adopt(_ server: ServerObject) -> Bool {
        owned.withLock { owned in
            if !owned.isEnding { owned.servers[ObjectIdentifier(server)] = server }
            return !owned.isEnding
        }
    }

    func forget(_ server: ServerObject) {
        owned.withLock { _ = $0.servers.removeValue(forKey: ObjectIdentifier(server)) }
    }

    func adopt(_ client: ClientObject) -> Bool {
        owned.withLock { owned in
            if !owned.isEnding { owned.clients[ObjectIdentifier(client)] = client }
            return !owned.isEnding
        }
    }

    func forget(_ client: ClientObject) {
        owned.withLock { _ = $0.clients.removeValue(forKey: ObjectIdentifier(client)) }
    }

    /// Nothing is adopted any more; returns what is left.
    func end() -> (servers: [ServerObject], clients: [ClientObject]) {
        owned.withLock { owned in
            owned.isEnding = true
            return (Array(owned.servers.values), Array(owned.clients.values))
        }
    }

    // MARK: Delivering

    /// Gives a message to the application, in the way of this runtime, on the loop of its socket. What the event
    /// points to is borrowed; its name, arguments and attachments are put into it here.
    @inline(__always)
    func deliver(message event: inout sio_event, _ bytes: EventBytes, to callback: Callback) {
        event.args = sio_text(borrowing: bytes.arguments)
        // Every message has a writable byte behind it, so that this one can be read.
        guard bytes.attachments.isEmpty, let base = bytes.name.baseAddress,
            base.load(fromByteOffset: bytes.name.count, as: UInt8.self) == 0
        else { return deliver(attached: &event, bytes, to: callback) }
        event.name = sio_text(borrowing: bytes.name)
        deliver(message: &event, to: callback)
    }

    /// The same with attachments, or for a name without a NUL behind it.
    @inline(never)
    private func deliver(attached event: inout sio_event, _ bytes: EventBytes, to callback: Callback) {
        Events.withTerminated(bytes.name) { name in
            event.name = name
            Events.withAttachments(bytes.attachments, in: event) {
                var event = $0
                deliver(message: &event, to: callback)
            }
        }
    }

    @inline(__always)
    private func deliver(message event: inout sio_event, to callback: Callback) {
        event.struct_size = MemoryLayout<sio_event>.size
        event.context = callback.context
        if let queue {
            queue.push(EventRecord(copying: event, to: callback, holding: []))
        } else {
            callback.callOnLoop(&event)
        }
    }

    /// Gives any event to the application, on whatever thread. What the event points to is borrowed.
    func deliver(_ event: sio_event, to callback: Callback, holding sockets: [ServerSocket] = []) {
        var event = event
        event.struct_size = MemoryLayout<sio_event>.size
        event.context = callback.context
        if let queue {
            queue.push(EventRecord(copying: event, to: callback, holding: sockets))
        } else {
            withUnsafePointer(to: &event) { callback.call($0) }
        }
    }
}

/// A server of the C API.
final class ServerObject: Sendable, EventQueueOwner {
    let server: SocketServer
    let runtime: RuntimeObject
    private let id = Atomic<UInt64>(0)

    init(server: SocketServer, runtime: RuntimeObject) {
        self.server = server
        self.runtime = runtime
        server.setOwner(self)
    }

    var queuedEvents: Int { runtime.queue?.count ?? 0 }

    /// What events carry as their server.
    var handle: sio_server { sio_server(id: id.load(ordering: .relaxed)) }

    func setHandle(_ handle: sio_server) {
        id.store(handle.id, ordering: .relaxed)
    }
}

/// The runtimes, servers and clients of the process, by handle.
enum Registry {
    private struct Objects {
        var runtimes = SlotTable<RuntimeObject>()
        var servers = SlotTable<ServerObject>()
        var clients = SlotTable<ClientObject>()
        /// Questions of clients for what to show, and for where to connect.
        var authRequests = SlotTable<AuthRequest>()
        var openRequests = SlotTable<OpenRequest>()
        var defaultRuntime: UInt64?
    }

    private static let objects = Mutex(Objects())

    // MARK: Runtimes

    static func add(_ runtime: RuntimeObject) throws(Failure) -> sio_runtime {
        guard let key = objects.withLock({ $0.runtimes.insert(runtime) }) else { throw full }
        return sio_runtime(id: Handle(.runtime, key).rawValue)
    }

    static func runtime(_ handle: sio_runtime) throws(Failure) -> RuntimeObject {
        let key: SlotTable<RuntimeObject>.Key? = Handle(rawValue: handle.id).key(of: .runtime)
        guard let key, let runtime = objects.withLock({ $0.runtimes[key] }) else { throw .handle("runtime") }
        return runtime
    }

    /// The default runtime, made at the first call.
    static func defaultRuntime() throws(Failure) -> sio_runtime {
        if let id = objects.withLock({ $0.defaultRuntime }) { return sio_runtime(id: id) }
        let made = try RuntimeObject(threads: Self.coreCount, queueCapacity: nil, queueBytes: 0)
        let id: UInt64? = objects.withLock { objects in
            if let id = objects.defaultRuntime { return id }
            objects.defaultRuntime = objects.runtimes.insert(made).map { Handle(.runtime, $0).rawValue }
            return objects.defaultRuntime
        }
        guard let id else { throw full }
        return sio_runtime(id: id)
    }

    static func isDefault(_ handle: sio_runtime) -> Bool {
        objects.withLock { $0.defaultRuntime == handle.id }
    }

    /// Ends the handle, for the one who asks first.
    static func remove(_ handle: sio_runtime) throws(Failure) {
        let key: SlotTable<RuntimeObject>.Key? = Handle(rawValue: handle.id).key(of: .runtime)
        guard let key, objects.withLock({ $0.runtimes.remove(key) }) != nil else { throw .handle("runtime") }
    }

    static var coreCount: Int { max(1, min(64, sysconf(CInt(_SC_NPROCESSORS_ONLN)))) }

    // MARK: Servers

    static func add(_ server: ServerObject) throws(Failure) -> sio_server {
        guard let key = objects.withLock({ $0.servers.insert(server) }) else { throw full }
        server.setHandle(sio_server(id: Handle(.server, key).rawValue))
        return server.handle
    }

    static func server(_ handle: sio_server) throws(Failure) -> ServerObject {
        let key: SlotTable<ServerObject>.Key? = Handle(rawValue: handle.id).key(of: .server)
        guard let key, let server = objects.withLock({ $0.servers[key] }) else { throw .handle("server") }
        return server
    }

    /// Ends the handle, for the one who asks first.
    static func remove(_ handle: sio_server) throws(Failure) -> ServerObject {
        let key: SlotTable<ServerObject>.Key? = Handle(rawValue: handle.id).key(of: .server)
        guard let key, let server = objects.withLock({ $0.servers.remove(key) }) else { throw .handle("server") }
        return server
    }

    // MARK: Clients

    static func add(_ client: ClientObject) throws(Failure) -> sio_client {
        guard let key = objects.withLock({ $0.clients.insert(client) }) else { throw full }
        client.setHandle(sio_client(id: Handle(.manager, key).rawValue))
        return client.handle
    }

    static func client(_ handle: sio_client) throws(Failure) -> ClientObject {
        let key: SlotTable<ClientObject>.Key? = Handle(rawValue: handle.id).key(of: .manager)
        guard let key, let client = objects.withLock({ $0.clients[key] }) else { throw .handle("client") }
        return client
    }

    /// Ends the handle, for the one who asks first.
    static func remove(_ handle: sio_client) throws(Failure) -> ClientObject {
        let key: SlotTable<ClientObject>.Key? = Handle(rawValue: handle.id).key(of: .manager)
        guard let key, let client = objects.withLock({ $0.clients.remove(key) }) else { throw .handle("client") }
        return client
    }

    /// Nil if there are too many.
    static func add(_ request: AuthRequest) -> sio_connect_request? {
        objects.withLock { $0.authRequests.insert(request) }
            .map { sio_connect_request(id: Handle(.authRequest, $0).rawValue) }
    }

    /// Ends the handle, for the one who asks first.
    static func take(_ handle: sio_connect_request) -> AuthRequest? {
        guard let key: SlotTable<AuthRequest>.Key = Handle(rawValue: handle.id).key(of: .authRequest) else {
            return nil
        }
        return objects.withLock { $0.authRequests.remove(key) }
    }

    /// Nil if there are too many.
    static func add(_ request: OpenRequest) -> sio_connect_request? {
        objects.withLock { $0.openRequests.insert(request) }
            .map { sio_connect_request(id: Handle(.openRequest, $0).rawValue) }
    }

    /// Ends the handle, for the one who asks first.
    static func takeOpening(_ handle: sio_connect_request) -> OpenRequest? {
        guard let key: SlotTable<OpenRequest>.Key = Handle(rawValue: handle.id).key(of: .openRequest) else {
            return nil
        }
        return objects.withLock { $0.openRequests.remove(key) }
    }

    private static let full = Failure(SIO_E_LIMIT, "There are more runtimes, servers or clients than handles.")
}
