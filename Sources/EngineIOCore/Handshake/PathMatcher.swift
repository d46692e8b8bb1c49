/// Tells the requests of this server from those of the HTTP application beside it.
///
/// A request belongs here if its raw target, before any decoding, starts with the path. That is crude, and what every
/// client, proxy rule and firewall rule was written against: `/socket.io/anything?x` matches, `/socket.io?x` does not.
public struct PathMatcher: Sendable {
    /// What a target has to start with.
    public let prefix: String
    private let prefixBytes: [UInt8]

    /// - Parameters:
    ///   - path: with or without a slash at either end.
    ///   - addTrailingSlash: false also admits `/socket.io?x`, and with it `/socket.iofoo`.
    public init(path: String = "/socket.io", addTrailingSlash: Bool = true) {
        let start = path.utf8.first == UInt8(ascii: "/") ? path : "/" + path
        let stem = start.utf8.last == UInt8(ascii: "/") ? String(start.utf8.dropLast()) ?? start : start
        prefix = addTrailingSlash ? stem + "/" : stem
        prefixBytes = Array(prefix.utf8)
    }

    public func matches(_ target: UnsafeRawBufferPointer) -> Bool {
        guard target.count >= prefixBytes.count else { return false }
        for index in prefixBytes.indices where target[index] != prefixBytes[index] { return false }
        return true
    }

    /// What of a target that matches is behind the path and its slash.
    public func rest(of target: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var size = min(prefixBytes.count, target.count)
        if prefixBytes.last != UInt8(ascii: "/"), size < target.count, target[size] == UInt8(ascii: "/") { size &+= 1 }
        return UnsafeRawBufferPointer(rebasing: target[size...])
    }
}
