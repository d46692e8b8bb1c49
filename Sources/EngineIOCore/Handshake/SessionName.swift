/// The id of a session as the wire has it: one that the library made, or one that the program did.
public enum SessionName: Hashable, Sendable, CustomStringConvertible {
    case made(SessionID)
    /// Of another length than those that are made.
    case given(String)

    /// How many characters an id may have. A UUID has 36.
    public static var longest: Int { 64 }

    /// Reads an id: letters and digits, "-" and "_".
    public init?(_ text: UnsafeRawBufferPointer) {
        if let id = SessionID(text) {
            self = .made(id)
        } else if (1...Self.longest).contains(text.count), text.allSatisfy(SessionID.isLegal) {
            self = .given(String(decoding: text, as: UTF8.self))
        } else {
            return nil
        }
    }

    /// Reads an id: letters and digits, "-" and "_".
    public init?(_ text: String) {
        var text = text
        guard let name = text.withUTF8({ SessionName(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = name
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .made(let id): id.hash(into: &hasher)
        case .given(let text): text.hash(into: &hasher)
        }
    }

    public var description: String {
        switch self {
        case .made(let id): id.description
        case .given(let text): text
        }
    }
}
