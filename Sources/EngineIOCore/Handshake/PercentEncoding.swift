/// The encoding of names and values in a query.
enum PercentEncoding {
    /// Calls `body` with the bytes of an encoded name or value, which it borrows where nothing is encoded.
    static func withDecoded<Result>(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        isEncoded(bytes) ? decodedBytes(bytes).withUnsafeBytes(body) : body(bytes)
    }

    /// The text of an encoded name or value: `+` is a space, `%XX` a byte. A `%` without two hexadecimal digits stays
    /// as it is, and bytes that are not UTF-8 become U+FFFD.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> String {
        isEncoded(bytes) ? String(decoding: decodedBytes(bytes), as: UTF8.self) : String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes a value over itself and returns the part that now holds the bytes.
    static func decodeInPlace(_ bytes: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
        var written = 0
        decode(UnsafeRawBufferPointer(bytes)) { byte in
            // A byte takes one of the text or three, so that nothing unread is overwritten.
            bytes[written] = byte
            written += 1
        }
        return UnsafeMutableRawBufferPointer(rebasing: bytes[..<written])
    }

    static func isEncoded(_ bytes: UnsafeRawBufferPointer) -> Bool {
        ByteSearch.firstOffset(of: UInt8(ascii: "%"), in: bytes) != nil
            || ByteSearch.firstOffset(of: UInt8(ascii: "+"), in: bytes) != nil
    }

    private static func decodedBytes(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        decode(bytes) { decoded.append($0) }
        return decoded
    }

    @inline(__always)
    private static func decode(_ bytes: UnsafeRawBufferPointer, _ write: (UInt8) -> Void) {
        var offset = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "%"), bytes.count - offset >= 2,
                let high = hexadecimalDigit(bytes[offset]), let low = hexadecimalDigit(bytes[offset + 1])
            {
                write(high << 4 | low)
                offset += 2
            } else {
                write(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
    }

    static func hexadecimalDigit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
