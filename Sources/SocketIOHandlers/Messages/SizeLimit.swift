/// The largest piece of data that the library takes from an application, in bytes: NIO's buffers hold less than 4 GiB,
/// and base64 makes more of it.
package enum SizeLimit {
    package static let bytes = 1 << 30

    /// Throws for what is larger; `name` is what it is.
    package static func check(_ size: Int, _ name: StaticString) throws(SocketError) {
        guard size <= bytes else {
            throw SocketError(.limit, "\(name) is \(size) bytes; the limit is \(bytes). Send it in pieces.")
        }
    }
}
