import Glibc
import NIOHTTP1

/// The request that opened a session, kept in one piece of memory: most programs never look, and every connection
/// pays.
package final class HandshakeRecord: Sendable {
    /// When, in milliseconds since 1970.
    package let issued: Int64
    package let peer: PeerAddress
    package let isSecure: Bool
    /// The request target, then name, value, name, value..., each followed by a NUL, which none of them contains.
    private let text: [UInt8]

    init(head: HTTPRequestHead, peer: PeerAddress, isSecure: Bool) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        issued = Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000
        self.peer = peer
        self.isSecure = isSecure
        var text: [UInt8] = []
        func append(_ string: some StringProtocol) {
            text.append(contentsOf: string.utf8.lazy.filter { $0 != 0 })
            text.append(0)
        }
        append(head.uri)
        for (name, value) in head.headers {
            append(name.lowercased())
            append(value)
        }
        text.reserveCapacity(0)
        self.text = Array(text)
    }

    private var fields: [Substring] {
        String(decoding: text, as: UTF8.self).split(separator: "\0", omittingEmptySubsequences: false)
    }

    /// The request target, "/socket.io/?EIO=4&transport=polling".
    package var url: String { fields.first.map(String.init) ?? "" }

    /// The header fields, names in lower case.
    package var headers: [(name: String, value: String)] {
        let fields = fields
        return stride(from: 1, to: fields.count - 1, by: 2).compactMap { index in
            index + 1 < fields.count ? (String(fields[index]), String(fields[index + 1])) : nil
        }
    }

    package var isCrossDomain: Bool { headers.contains { $0.name == "origin" } }
}
