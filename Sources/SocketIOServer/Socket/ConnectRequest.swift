import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import Synchronization

/// A client that waits to be let into a namespace, as a middleware sees it. Decide now or later, from any thread;
/// the first decision counts.
public final class ConnectRequest: Sendable {
    public let socket: ServerSocket
    private let position: Int
    private let isDecided = Atomic<Bool>(false)

    init(socket: ServerSocket, position: Int) {
        self.socket = socket
        self.position = position
    }

    /// Lets the client in, or on to the next middleware.
    public func accept() throws(SocketError) {
        try decide()
        socket.loop.engineLoop.run { self.socket.client?.proceed(self.socket, from: self.position + 1) }
    }

    /// Refuses the client: its `connect_error` has the message, and `data`, which is JSON text. A client of Socket.IO 1
    /// or 2 is told the data alone or, without any, the message.
    public func reject(_ message: String = "Forbidden", data: String? = nil) throws(SocketError) {
        let message = Array(message.utf8)
        let data = Array((data ?? "").utf8)
        let refusal = try message.span.withUnsafeBytes { (message) throws(SocketError) in
            try data.span.withUnsafeBytes { (data) throws(SocketError) in try Self.refusal(message, data: data) }
        }
        try decide()
        socket.loop.engineLoop.run { self.socket.client?.refuse(self.socket, refusal) }
    }

    private static func refusal(
        _ message: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer
    ) throws(SocketError) -> Refusal {
        guard UTF8Text.isValid(message) else { throw SocketError(.argument, "The message is not UTF-8.") }
        if !data.isEmpty { try check(data) }
        return Refusal(
            message: String(decoding: JSONString.quoted(message), as: UTF8.self),
            data: data.isEmpty ? nil : String(decoding: data, as: UTF8.self))
    }

    /// Whether this can be the data of a refusal: JSON text, or nothing.
    package static func check(data: String) throws(SocketError) {
        let data = Array(data.utf8)
        guard !data.isEmpty else { return }
        try data.span.withUnsafeBytes { (data) throws(SocketError) in try check(data) }
    }

    private static func check(_ data: UnsafeRawBufferPointer) throws(SocketError) {
        try SizeLimit.check(data.count, "The data")
        guard UTF8Text.isValid(data) else { throw SocketError(.json, "The text of the data is not UTF-8.") }
        do {
            try JSONValidator.validate(data, expecting: .any, depth: JSONValidator.defaultDepth)
        } catch {
            throw SocketError(.json, "The data is not JSON at byte \(error.offset) (\(error.kind)).")
        }
    }

    private func decide() throws(SocketError) {
        let isFirst = isDecided.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
        guard isFirst, !socket.isDisconnected else {
            throw SocketError(.gone, "The client was accepted or refused before, or is gone.")
        }
    }
}
