import SocketIOHandlers

/// What concerns one socket alone. Nearly no socket has any: they are in memory of their own.
///
/// SAFETY of `@unchecked Sendable`: used under the lock of the socket.
final class OwnListeners: @unchecked Sendable {
    struct Content {
        var listeners = Listeners()
        var middlewares: [PacketMiddleware] = []
        /// Where the events are found that wait for a middleware of the C API.
        var packetRequests: [SlotTable<PacketRequest>.Key] = []
    }

    var content = Content()
}
