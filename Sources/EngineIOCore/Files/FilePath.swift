/// The path of a file, as a request target names it: checked so that it can lead nowhere but down.
public struct FilePath: Equatable, Sendable {
    /// The names between the slashes, decoded. None is empty, `.` or `..`, or has a slash, a backslash or a control
    /// character in it.
    public let names: [String]
    /// Whether it ends with a slash.
    public let isFolder: Bool

    /// Nil for a target that is not such a path. Names are decoded once: `%252e` is a file called `%2e`. An empty
    /// name, `//`, is refused too: a redirect to `//host/` would lead to another host (CVE-2015-1164).
    public init?(target: UnsafeRawBufferPointer) {
        let path = target.prefix { $0 != UInt8(ascii: "?") }
        guard path.first == UInt8(ascii: "/") else { return nil }
        var names: [String] = []
        var isFolder = false
        let parts = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.isEmpty && index == parts.count - 1 {
                isFolder = true
            } else {
                guard let name = Self.decode(part) else { return nil }
                names.append(name)
            }
        }
        self.names = names
        self.isFolder = isFolder
    }

    public init?(_ path: String) {
        var path = path
        let decoded = path.withUTF8 { FilePath(target: UnsafeRawBufferPointer($0)) }
        guard let decoded else { return nil }
        self = decoded
    }

    /// Whether a name on the way is hidden: ".git", ".env".
    public var hasHiddenName: Bool { names.contains { $0.utf8.first == UInt8(ascii: ".") } }

    private static func decode(_ part: Slice<UnsafeRawBufferPointer>) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(part.count)
        var rest = part
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(PercentEncoding.hexadecimalDigit),
                let low = rest.popFirst().flatMap(PercentEncoding.hexadecimalDigit)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        let isClean = bytes.allSatisfy {
            $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\")
        }
        // Not `String(decoding:)`: what is no UTF-8, such as an overlong "..", is no name.
        guard isClean, let name = String(validating: bytes, as: UTF8.self) else { return nil }
        return name.isEmpty || name == "." || name == ".." ? nil : name
    }
}
