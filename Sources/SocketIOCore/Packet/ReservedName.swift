/// The names that a peer may not give to an event, because the library emits them itself.
public enum ReservedName {
    private static let longest = 14

    public static func isReserved(_ name: UnsafeRawBufferPointer) -> Bool {
        isReserved(ByteView(name))
    }

    private static func isReserved(_ name: ByteView) -> Bool {
        // Nearly every name is out after the length, or after its first byte.
        switch name.count {
        case 7: name.equals("connect")
        case 10: name.equals("disconnect")
        case 11: name.equals("newListener")
        case 13: name.equals("connect_error") || name.equals("disconnecting")
        case 14: name.equals("removeListener")
        default: false
        }
    }

    /// The same for a name as it stands between the quotes: escapes do not hide it.
    static func isReserved(contents: ByteView, hasEscapes: Bool) -> Bool {
        JSONString.withUnescaped(contents, hasEscapes: hasEscapes, limit: longest, isReserved)
    }
}
