/// The parts of a polling body of revision 4; see ``PayloadDecoder`` for its form.
public enum PayloadEncoder {
    /// Stands between two packets, never before the first or after the last.
    public static let separator: UInt8 = 0x1E

    /// Starts a binary message, in the place of the type digit.
    public static let binaryMarker = UInt8(ascii: "b")

    /// The size of the base64 text of `count` bytes, without the marker.
    public static func base64Size(_ count: Int) -> Int {
        Base64.encodedSize(count)
    }

    /// Writes the base64 text of `bytes`, without the marker, and returns its size.
    ///
    /// Writes nothing and returns 0 if `text` is smaller than ``base64Size(_:)``.
    public static func writeBase64(
        _ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer
    ) -> Int {
        Base64.encode(bytes, into: text, alphabet: Base64.standardAlphabet)
    }
}

// The head of a packet in the bodies of revision 3: see ``MeasuredPayloadDecoder``.
extension PayloadEncoder {
    /// The length of a text packet as its head tells it.
    public static func utf16Length(of packet: UnsafeRawBufferPointer) -> Int {
        UTF16Length.units(of: packet)
    }

    /// The size of a length and its colon.
    public static func countedHeadSize(length: Int) -> Int {
        digits(of: length) &+ 1
    }

    /// Writes a length and a colon and returns their size; writes nothing, and returns 0, if they do not fit.
    public static func writeCountedHead(length: Int, into text: UnsafeMutableRawBufferPointer) -> Int {
        let digits = digits(of: length)
        guard text.count > digits else { return 0 }
        write(length, digits, zero: UInt8(ascii: "0"), into: text)
        text[digits] = UInt8(ascii: ":")
        return digits &+ 1
    }

    /// The size of kind, length and separator.
    public static func binaryHeadSize(length: Int) -> Int {
        digits(of: length) &+ 2
    }

    /// Writes kind, length and separator and returns their size; writes nothing, and returns 0, if they do not fit.
    public static func writeBinaryHead(
        isText: Bool, length: Int, into bytes: UnsafeMutableRawBufferPointer
    ) -> Int {
        let digits = digits(of: length)
        guard bytes.count > digits &+ 1 else { return 0 }
        bytes[0] = isText ? 0 : 1
        write(length, digits, zero: 0, into: UnsafeMutableRawBufferPointer(rebasing: bytes[1...]))
        bytes[digits &+ 1] = 0xFF
        return digits &+ 2
    }

    private static func digits(of number: Int) -> Int {
        var digits = 1
        var left = number
        while left >= 10 {
            left /= 10
            digits &+= 1
        }
        return digits
    }

    private static func write(
        _ number: Int, _ digits: Int, zero: UInt8, into bytes: UnsafeMutableRawBufferPointer
    ) {
        var left = number
        for position in (0..<digits).reversed() {
            bytes[position] = zero &+ UInt8(truncatingIfNeeded: left % 10)
            left /= 10
        }
    }
}
