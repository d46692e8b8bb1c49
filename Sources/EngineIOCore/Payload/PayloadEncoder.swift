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
