import SocketIOCore

extension ServerSocket {
    /// What its client is told when it is in, as JSON.
    func welcome(_ version: ProtocolVersion) -> String {
        guard version == .five else { return "" }
        if let recovery { return "{\"sid\":\"\(id)\",\"pid\":\"\(recovery.privateID)\"}" }
        return socketID.characters.withUTF8 { Self.welcome(as: $0) }
    }

    /// By hand: to interpolate would take longer than to make the socket.
    private static func welcome(as id: UnsafeRawBufferPointer) -> String {
        let (head, tail): (StaticString, StaticString) = (#"{"sid":""#, #""}"#)
        let size = head.utf8CodeUnitCount &+ id.count &+ tail.utf8CodeUnitCount
        return String(unsafeUninitializedCapacity: size) { text in
            var rest = UnsafeMutableRawBufferPointer(text)
            func append(_ part: UnsafeRawBufferPointer) {
                rest.copyMemory(from: part)
                rest = UnsafeMutableRawBufferPointer(rebasing: rest[part.count...])
            }
            append(UnsafeRawBufferPointer(start: head.utf8Start, count: head.utf8CodeUnitCount))
            append(id)
            append(UnsafeRawBufferPointer(start: tail.utf8Start, count: tail.utf8CodeUnitCount))
            return size
        }
    }
}
