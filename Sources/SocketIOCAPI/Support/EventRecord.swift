import CSocketIO
import Glibc
import SocketIOServer

/// An event that waits in the queue: the struct and all it points to, in one piece of memory.
final class EventRecord: @unchecked Sendable {
    // SAFETY: does not change after the initializer.
    let event: UnsafeMutablePointer<sio_event>
    let callback: Callback
    /// What it takes of the queue's bytes.
    let size: Int
    /// Sockets whose handles are valid until the event has been delivered.
    private let sockets: [ServerSocket]

    init(copying original: sio_event, to callback: Callback, holding sockets: [ServerSocket]) {
        self.callback = callback
        self.sockets = sockets
        for socket in sockets { socket.holdHandle() }
        let plan = Plan(original)
        size = plan.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: plan.size, alignment: 16)
        event = memory.bindMemory(to: sio_event.self, capacity: 1)
        event.initialize(to: original)
        plan.copy(original, into: event, behind: memory + MemoryLayout<sio_event>.size)
    }

    deinit {
        UnsafeMutableRawPointer(event).deallocate()
        for socket in sockets { socket.releaseHandle() }
    }

    /// The handle of the server, or the client, that it is of.
    var owner: UInt64 { event.pointee.client.id == 0 ? event.pointee.server.id : event.pointee.client.id }

    func deliver() {
        callback.call(event)
    }

    /// How much memory a copy takes, and how it is laid out: the arrays, which are aligned, then the bytes.
    private struct Plan {
        let size: Int

        init(_ event: sio_event) {
            var size = MemoryLayout<sio_event>.size
            size &+= event.attachment_count &* MemoryLayout<sio_bytes>.stride
            size &+= event.header_count &* MemoryLayout<sio_header>.stride
            size &+= event.socket_count &* MemoryLayout<sio_socket>.stride
            size &+= event.nsp.length &+ event.name.length &+ event.args.length &+ event.reason.length &+ 4
            size &+= event.method.length &+ event.target.length &+ event.address.length &+ event.room.length &+ 4
            size &+= event.body.length &+ event.details.length &+ 2
            size &+= event.id.length &+ 1
            for attachment in UnsafeBufferPointer(start: event.attachments, count: event.attachment_count) {
                size &+= attachment.length &+ 1
            }
            for header in UnsafeBufferPointer(start: event.headers, count: event.header_count) {
                size &+= header.name.length &+ header.value.length &+ 2
            }
            self.size = size
        }

        func copy(_ original: sio_event, into event: UnsafeMutablePointer<sio_event>, behind: UnsafeMutableRawPointer) {
            let attachments = behind.bindMemory(to: sio_bytes.self, capacity: original.attachment_count)
            let headers = (behind + original.attachment_count &* MemoryLayout<sio_bytes>.stride)
                .bindMemory(to: sio_header.self, capacity: original.header_count)
            let sockets = UnsafeMutableRawPointer(headers + original.header_count)
                .bindMemory(to: sio_socket.self, capacity: original.socket_count)
            var next = UnsafeMutableRawPointer(sockets + original.socket_count)

            func copy(_ data: UnsafeRawPointer?, _ length: Int) -> UnsafeMutableRawPointer {
                let place = next
                if let data { place.copyMemory(from: data, byteCount: length) }
                (place + length).storeBytes(of: 0, as: UInt8.self)
                next = place + length + 1
                return place
            }
            func copy(_ text: sio_text) -> sio_text {
                guard text.data != nil else { return text }
                let place = copy(text.data, text.length)
                return sio_text(data: UnsafePointer(place.assumingMemoryBound(to: CChar.self)), length: text.length)
            }
            func copy(_ bytes: sio_bytes) -> sio_bytes {
                sio_bytes(data: UnsafeRawPointer(copy(bytes.data, bytes.length)), length: bytes.length)
            }

            event.pointee.nsp = copy(original.nsp)
            event.pointee.name = copy(original.name)
            event.pointee.args = copy(original.args)
            event.pointee.reason = copy(original.reason)
            event.pointee.method = copy(original.method)
            event.pointee.target = copy(original.target)
            event.pointee.address = copy(original.address)
            event.pointee.room = copy(original.room)
            event.pointee.id = copy(original.id)
            event.pointee.details = copy(original.details)
            for (index, socket) in UnsafeBufferPointer(start: original.sockets, count: original.socket_count)
                .enumerated()
            {
                sockets[index] = socket
            }
            event.pointee.sockets = original.socket_count > 0 ? UnsafePointer(sockets) : nil
            event.pointee.body = copy(original.body)
            for (index, attachment) in UnsafeBufferPointer(
                start: original.attachments, count: original.attachment_count
            ).enumerated() {
                attachments[index] = copy(attachment)
            }
            for (index, header) in UnsafeBufferPointer(start: original.headers, count: original.header_count)
                .enumerated()
            {
                headers[index] = sio_header(name: copy(header.name), value: copy(header.value))
            }
            event.pointee.attachments = original.attachment_count > 0 ? UnsafePointer(attachments) : nil
            event.pointee.headers = original.header_count > 0 ? UnsafePointer(headers) : nil
        }
    }
}
