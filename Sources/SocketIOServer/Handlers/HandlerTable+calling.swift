import SocketIOHandlers

/// What is called for an event.
public typealias EventHandler = @Sendable (borrowing SocketEvent) -> Void

typealias EventHandlers = HandlerTable<EventHandler>

extension HandlerTable where Handler == EventHandler {
    // By index: an iterator would count a reference to the array for each event.

    /// Calls the handlers of every event.
    func callAny(_ event: borrowing SocketEvent) {
        for index in any.handlers.indices { any.handlers[index](event) }
    }

    /// Calls the handlers of a name; see ``HandlerTable/entry(of:)``.
    func call(_ entry: Int?, _ event: borrowing SocketEvent) {
        guard let entry else { return }
        for index in entries[entry].list.handlers.indices { entries[entry].list.handlers[index](event) }
    }
}
