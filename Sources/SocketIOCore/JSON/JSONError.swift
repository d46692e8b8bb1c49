/// Why a text is not the JSON that was expected, and where.
public struct JSONError: Error, Equatable, Sendable {
    public enum Kind: UInt8, Sendable {
        /// Not JSON as RFC 8259 defines it.
        case syntax
        /// Arrays and objects nested deeper than allowed.
        case depth
        /// JSON, but not of the expected shape.
        case shape
        /// A placeholder that refers to no attachment.
        case placeholder
    }

    public var kind: Kind
    /// Where in the bytes the error was found.
    public var offset: Int

    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }
}
