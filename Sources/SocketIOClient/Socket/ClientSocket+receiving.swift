import SocketIOCore
import SocketIOHandlers

/// The events that come, on the loop.
extension ClientSocket {
    func dispatch(
        _ name: UnsafeRawBufferPointer, _ arguments: UnsafeRawBufferPointer, _ attachments: Attachments,
        acknowledgement: UInt64?
    ) {
        refreshListeners()
        let table = listeners.events
        let named = table.entry(of: name)
        // An event that nobody handles costs nothing, a place for its reply least of all.
        if named != nil || !table.any.isEmpty {
            let event = ClientEvent(
                socket: self, bytes: EventBytes(name: name, arguments: arguments, attachments: attachments),
                ack: acknowledgement.flatMap { self.acknowledgement($0) })
            call(table, named, event)
        }
        // An event that asks for a reply has no offset.
        if recovers, acknowledgement == nil { manager.machine.delivered(wireNameBytes, arguments: arguments) }
    }

    private func call(_ table: HandlerTable<EventCall>, _ named: Int?, _ event: borrowing ClientEvent) {
        let loop = manager.clientLoop
        let outer = loop.beginDelivering(event.bytes.arguments, attachments: event.bytes.attachments.count)
        defer { loop.endDelivering(outer) }
        // By index: an iterator would count a reference to the array for each event.
        for index in table.any.handlers.indices {
            guard !manager.isClosing else { return }
            table.any.handlers[index](event)
        }
        guard let named else { return }
        for index in table.entries[named].list.handlers.indices {
            guard !manager.isClosing else { return }
            table.entries[named].list.handlers[index](event)
        }
    }

    private func acknowledgement(_ id: UInt64) -> ClientAcknowledgement? {
        let limit = manager.options.maxPendingReplies
        let loop = manager.clientLoop
        let key = loop.replies.withLock { $0.insert(id, of: handle, counter: manager.counter, limit: limit) }
        return key.map { ClientAcknowledgement(handle: Handle(.clientReply, loop: loop.engineLoop.index, $0)) }
    }
}
