import CSocketIO
import SocketIOClient
import SocketIOServer
import Synchronization

/// A client of the C API: a manager, and the namespaces that the program has named.
final class ClientObject: Sendable {
    let manager: Manager
    let runtime: RuntimeObject
    /// What namespaces are made with.
    private let socketOptions: ClientSocketOptions
    /// What is shown in every namespace, until it is told otherwise.
    private let auth: String
    private let id = Atomic<UInt64>(0)
    /// The handle of the question for where to connect that is open.
    private let openQuestion = Atomic<UInt64>(0)

    private struct Member: Sendable {
        let socket: ClientSocket
        let credentials: Credentials
    }

    /// In the order of their naming; there are few.
    private let members = Mutex<[Member]>([])

    init(_ manager: Manager, _ options: ClientOptions, runtime: RuntimeObject) {
        self.manager = manager
        socketOptions = options.sockets
        auth = options.auth
        self.runtime = runtime
    }

    /// What events carry as their client.
    var handle: sio_client { sio_client(id: id.load(ordering: .relaxed)) }

    func setHandle(_ handle: sio_client) {
        id.store(handle.id, ordering: .relaxed)
    }

    // MARK: Namespaces

    /// The socket of a namespace, made at the first call; nil if the client is closed.
    func socket(_ nsp: UnsafePointer<CChar>?) throws(Failure) -> ClientSocket? {
        try member(nsp)?.socket
    }

    /// What is shown in a namespace; nil if the client is closed.
    func credentials(_ nsp: UnsafePointer<CChar>?) throws(Failure) -> Credentials? {
        try member(nsp)?.credentials
    }

    private func member(_ nsp: UnsafePointer<CChar>?) throws(Failure) -> Member? {
        let bytes = try SocketIOCAPI.bytes(nsp, "nsp")
        if let member = existing(bytes) { return member }
        let name = try string(nsp, "nsp")
        guard name.utf8.first == UInt8(ascii: "/") else {
            throw Failure(SIO_E_ARGUMENT, "The name of a namespace begins with \"/\": \"/\" or \"/chat\".")
        }
        let credentials = Credentials(auth)
        let events = ClientEvents(self)
        var socketOptions = socketOptions
        socketOptions.auth = .function { request in credentials.answer(request, events) }
        let made: ClientSocket
        do throws(SocketError) {
            made = try manager.socket(name, options: socketOptions)
        } catch {
            if error.kind == .closed { return nil }
            throw Failure(error)
        }
        return members.withLock { members in
            if let member = members.first(where: { $0.socket === made }) { return member }
            let member = Member(socket: made, credentials: credentials)
            members.append(member)
            return member
        }
    }

    /// A namespace that was named before, found without making a `String`.
    private func existing(_ name: UnsafeRawBufferPointer) -> Member? {
        members.withLock { members in
            // By index: an iterator would count a reference to the array for each call.
            for index in members.indices where members[index].socket.nameText.count == name.count {
                if members[index].socket.nameText.elementsEqual(name) { return members[index] }
            }
            return nil
        }
    }

    /// The namespace, if it was named before; else nil.
    func existingSocket(_ nsp: UnsafePointer<CChar>?) throws(Failure) -> ClientSocket? {
        existing(try SocketIOCAPI.bytes(nsp, "nsp"))?.socket
    }

    func disconnect(_ nsp: UnsafePointer<CChar>?) throws(Failure) {
        guard let member = existing(try SocketIOCAPI.bytes(nsp, "nsp")) else { return }
        member.credentials.forgetQuestion()
        member.socket.disconnect()
    }

    // MARK: Where to connect

    /// Calls `callback` before every attempt to connect.
    func setOpening(_ callback: Callback) {
        let events = ClientEvents(self)
        // The manager lets go of it at its end.
        manager.beforeOpening { request in
            self.forgetOpening()
            guard let handle = Registry.add(request) else {
                return request.fail("There are more questions for where to connect than handles.")
            }
            self.openQuestion.store(handle.id, ordering: .relaxed)
            events.deliver(opening: request, handle, to: callback)
        }
    }

    /// Nobody waits for the answer any more.
    private func forgetOpening() {
        let handle = openQuestion.exchange(0, ordering: .relaxed)
        if handle != 0 { _ = Registry.takeOpening(sio_connect_request(id: handle)) }
    }

    // MARK: The end

    func close() {
        manager.close()
        forgetOpening()
        for member in members.withLock({ $0 }) { member.credentials.forgetQuestion() }
    }

    func wait() {
        manager.wait()
    }

    /// Ends it at once, and waits for that; its contexts are released.
    func end() {
        manager.abort()
        manager.wait()
        forgetOpening()
        for member in members.withLock({ $0 }) { member.credentials.end() }
        if let queue = runtime.queue {
            for ack in queue.discard(of: handle.id) { ack.deliver() }
        }
        runtime.forget(self)
    }
}

/// What a client shows in one namespace: a value, or what a function of the application's says.
final class Credentials: Sendable {
    private enum Source: Sendable {
        case value(String)
        case function(Callback)
    }

    private struct State: Sendable {
        var source: Source
        /// The handle of the question that is open.
        var question: UInt64 = 0
    }

    private let state: Mutex<State>

    init(_ value: String) {
        state = Mutex(State(source: .value(value)))
    }

    func set(_ value: String) { set(.value(value)) }

    func set(_ callback: Callback) { set(.function(callback)) }

    private func set(_ source: Source) {
        let old = state.withLock { state in
            let old = state.source
            state.source = source
            return old
        }
        // Its context is released here, without the lock.
        withExtendedLifetime(old) {}
    }

    /// Before every attempt, on the loop.
    func answer(_ request: AuthRequest, _ events: ClientEvents) {
        forgetQuestion()
        switch state.withLock({ $0.source }) {
        case .value(let value): request.provide(value)
        case .function(let callback):
            guard let handle = Registry.add(request) else {
                return request.fail("There are more questions for what to show than handles.")
            }
            state.withLock { $0.question = handle.id }
            events.deliver(auth: request, handle, to: callback)
        }
    }

    /// Nobody waits for the answer any more.
    func forgetQuestion() {
        let handle = state.withLock { state in
            defer { state.question = 0 }
            return state.question
        }
        if handle != 0 { _ = Registry.take(sio_connect_request(id: handle)) }
    }

    func end() {
        forgetQuestion()
        set("")
    }
}
