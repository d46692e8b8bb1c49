import EngineIOCore
import SocketIOHandlers

/// An event that another server of the cluster has sent to the servers.
public struct ServerSideEvent: Sendable {
    public let namespace: Namespace
    public let name: String
    /// The JSON text of an array.
    public let args: String
    public let attachments: [[UInt8]]
}

public typealias ServerSideHandler = @Sendable (ServerSideEvent) -> Void

/// How an emit to the other servers that asked for replies ended.
public struct ServerSideOutcome: Sendable {
    /// What they have replied: the JSON text of an array, with one value for each.
    public let replies: String
    /// Nil if all have replied.
    public let failure: AckFailure?
}

/// What the servers of a cluster say to each other. There are no clusters yet: this server is alone in its own, and what
/// it says to the others nobody hears. Programs that are written for a cluster work, as they do in one of a single server.
extension Namespace {
    /// Sends an event to the other servers of the cluster, not to this one and to no client.
    public func serverSideEmit(
        _ event: String, _ args: String = "[]", attachments: [[UInt8]] = []
    ) throws(SocketError) {
        try EventMessage.withBytes(name: event, args: args, attachments: attachments) {
            (message) throws(SocketError) in try serverSideEmit(message)
        }
    }

    /// The same, and asks each of them for a reply. `completion` is called once: before this returns, if there is nobody
    /// to ask.
    public func serverSideEmit(
        _ event: String, _ args: String = "[]", attachments: [[UInt8]] = [], timeout: Duration? = nil,
        completion: @escaping @Sendable (ServerSideOutcome) -> Void
    ) throws(SocketError) {
        try EventMessage.withBytes(name: event, args: args, attachments: attachments) {
            (message) throws(SocketError) in try serverSideEmit(message, completion: completion)
        }
    }

    /// Calls `handler` for every event of that name that another server of the cluster sends.
    @discardableResult
    public func onServerSide(
        _ event: String, as registration: Registration = Registration(), _ handler: @escaping ServerSideHandler
    ) throws(SocketError) -> Registration {
        try Self.check(serverSide: event)
        changeListeners { $0.serverSide[event, default: HandlerList()].add(handler, registration, first: false) }
        return registration
    }

    package func serverSideEmit(
        _ message: borrowing EventMessage, completion: (@Sendable (ServerSideOutcome) -> Void)? = nil
    ) throws(SocketError) {
        guard UTF8Text.isValid(message.name) else {
            throw SocketError(.argument, "The event's name is not UTF-8.")
        }
        try Self.check(serverSide: String(decoding: message.name, as: UTF8.self))
        _ = try message.validated()
        completion?(ServerSideOutcome(replies: "[]", failure: nil))
    }

    /// An event has come from another server.
    package func received(_ event: ServerSideEvent) {
        for handler in handlers({ $0.serverSide[event.name] ?? HandlerList() }) { handler(event) }
    }

    private static func check(serverSide event: String) throws(SocketError) {
        guard !["connect", "connection", "new_namespace"].contains(event) else {
            throw SocketError(.reserved, "\"\(event)\" is an event of the server's own: choose another name.")
        }
    }
}
