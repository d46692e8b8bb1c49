/// A line "name: value" of a head or of trailers, as positions in the bytes it was read from.
struct HTTPFieldLine {
    let name: Range<Int>
    /// Without the blanks around it.
    let value: Range<Int>
    /// Behind the line.
    let end: Int

    /// The line at `start`; nil if its end has not come yet.
    static func parse(_ bytes: UnsafeRawBufferPointer, at start: Int) throws(HTTPRequestError) -> HTTPFieldLine? {
        if start < bytes.count, HTTPSyntax.isBlank(bytes[start]) { throw .foldedField }
        var colon = start
        while colon < bytes.count, HTTPSyntax.isToken(bytes[colon]) { colon &+= 1 }
        guard colon < bytes.count else {
            guard bytes.count &- start <= HTTPLimits.lineBytes else { throw .tooLarge }
            return nil
        }
        guard bytes[colon] == UInt8(ascii: ":"), colon > start else { throw .fieldName }
        guard let end = try endOfLine(in: bytes, from: colon) else { return nil }
        guard end &- start <= HTTPLimits.lineBytes else { throw .tooLarge }
        let value = HTTPSyntax.trimmed((colon &+ 1)..<end, in: bytes)
        return HTTPFieldLine(name: start..<colon, value: value, end: end &+ 2)
    }

    /// Calls `body` with the lines from `start` on, up to the empty one; returns the offset behind that, nil if it has not
    /// come yet. More than `most` are refused.
    @inline(__always)
    static func forEach(
        in bytes: UnsafeRawBufferPointer, from start: Int, most: Int,
        _ body: (HTTPFieldLine) throws(HTTPRequestError) -> Void
    ) throws(HTTPRequestError) -> Int? {
        var offset = start
        var count = 0
        while offset < bytes.count {
            if bytes[offset] == UInt8(ascii: "\r") {
                guard offset &+ 1 < bytes.count else { return nil }
                guard bytes[offset &+ 1] == UInt8(ascii: "\n") else { throw .lineEnd }
                return offset &+ 2
            }
            count &+= 1
            guard count <= most else { throw .tooLarge }
            guard let field = try parse(bytes, at: offset) else { return nil }
            offset = field.end
            try body(field)
        }
        return nil
    }

    /// The offset of the CR and LF that end the line; nil if they have not come yet.
    static func endOfLine(in bytes: UnsafeRawBufferPointer, from start: Int) throws(HTTPRequestError) -> Int? {
        guard let end = HTTPSyntax.firstControl(in: bytes, from: start) else {
            guard bytes.count &- start <= HTTPLimits.lineBytes else { throw .tooLarge }
            return nil
        }
        guard end &- start <= HTTPLimits.lineBytes else { throw .tooLarge }
        guard bytes[end] == UInt8(ascii: "\r") else { throw .lineEnd }
        guard end &+ 1 < bytes.count else { return nil }
        guard bytes[end &+ 1] == UInt8(ascii: "\n") else { throw .lineEnd }
        return end
    }
}
