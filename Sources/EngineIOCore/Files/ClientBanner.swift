/// The comment that the official JavaScript client begins with: " * Socket.IO v4.8.1".
public enum ClientBanner {
    /// How far the version is looked for.
    private static let reach = 256

    /// "4.8.1"; nil if there is no banner.
    public static func version(in script: UnsafeRawBufferPointer) -> String? {
        let mark = Array("Socket.IO v".utf8)
        let start = script.prefix(reach)
        guard let place = start.indices.first(where: { start[$0...].starts(with: mark) }) else { return nil }
        let version = start[place...].dropFirst(mark.count).prefix(while: isOfVersion)
        return version.isEmpty ? nil : String(decoding: version, as: UTF8.self)
    }

    private static func isOfVersion(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."),
            UInt8(ascii: "-"), UInt8(ascii: "+"):
            true
        default: false
        }
    }
}
