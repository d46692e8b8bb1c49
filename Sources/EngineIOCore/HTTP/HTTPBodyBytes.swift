/// The bytes of a message of HTTP/1.1 that requests and responses have in common: the end of a head, counted bodies,
/// chunks.
enum HTTPBodyBytes {
    /// Whether the empty line that ends a head may end at `start` or behind it.
    static func hasEndOfHead(_ head: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var offset = max(start, 3)
        while offset < head.count {
            let rest = UnsafeRawBufferPointer(rebasing: head[offset...])
            guard let found = ByteSearch.firstOffset(of: UInt8(ascii: "\n"), in: rest) else { return false }
            offset &+= found
            if head[offset &- 1] == UInt8(ascii: "\n") || head[offset &- 2] == UInt8(ascii: "\n") { return true }
            offset &+= 1
        }
        return false
    }

    static func take(_ left: Int, of bytes: UnsafeRawBufferPointer, at offset: inout Int) -> Range<Int>? {
        let count = min(left, bytes.count &- offset)
        guard count > 0 else { return nil }
        defer { offset &+= count }
        return offset..<(offset &+ count)
    }

    static func takeLineBreak(
        in bytes: UnsafeRawBufferPointer, at offset: inout Int
    ) throws(HTTPRequestError) -> Bool {
        if offset < bytes.count, bytes[offset] != UInt8(ascii: "\r") { throw .chunk }
        guard offset &+ 1 < bytes.count else { return false }
        guard bytes[offset &+ 1] == UInt8(ascii: "\n") else { throw .chunk }
        offset &+= 2
        return true
    }

    /// The size of a chunk, and what is behind the line it stands in: "1f", or "1f;name=value", which nobody uses.
    static func chunkLine(
        in bytes: UnsafeRawBufferPointer, at start: Int
    ) throws(HTTPRequestError) -> (size: Int, end: Int)? {
        var offset = start
        var size = 0
        while offset < bytes.count, let digit = PercentEncoding.hexadecimalDigit(bytes[offset]) {
            guard size >> 48 == 0 else { throw .chunk }
            size = size << 4 | Int(digit)
            offset &+= 1
        }
        guard offset > start || offset == bytes.count else { throw .chunk }
        while offset < bytes.count, bytes[offset] == UInt8(ascii: ";") {
            offset = try endOfToken(in: bytes, at: offset &+ 1)
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "=") {
                offset = try endOfToken(in: bytes, at: offset &+ 1)
            }
        }
        guard offset &- start <= HTTPLimits.chunkLineBytes else { throw .chunk }
        return try takeLineBreak(in: bytes, at: &offset) ? (size, offset) : nil
    }

    /// The offset behind the token at `start`, which has at least one character unless the bytes end there.
    private static func endOfToken(in bytes: UnsafeRawBufferPointer, at start: Int) throws(HTTPRequestError) -> Int {
        var offset = start
        while offset < bytes.count, HTTPSyntax.isToken(bytes[offset]) { offset &+= 1 }
        guard offset > start || offset == bytes.count else { throw .chunk }
        return offset
    }
}
