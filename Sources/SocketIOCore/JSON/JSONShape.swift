/// What the outermost value of a JSON text may be.
public enum JSONShape: Sendable {
    case any
    case array
    case object
    case stringOrObject

    /// The first byte of a value tells its kind.
    func allows(_ firstByte: UInt8) -> Bool {
        switch self {
        case .any: true
        case .array: firstByte == ASCII.openBracket
        case .object: firstByte == ASCII.openBrace
        case .stringOrObject: firstByte == ASCII.quote || firstByte == ASCII.openBrace
        }
    }
}
