/// What a client says about the session that it wants to go on with, among the members of its auth object.
public struct RecoveryRequest: Equatable, Sendable {
    /// The private id of the session.
    public let privateID: String
    /// That of the last event that it got; nil if it got none. Empty for what cannot be one.
    public let offset: String?

    public init(privateID: String, offset: String?) {
        self.privateID = privateID
        self.offset = offset
    }

    /// Reads it from the text of a JSON object; nil if the client starts anew.
    public init?(auth: String) {
        var auth = auth
        let members = auth.withUTF8 { Self.members(of: UnsafeRawBufferPointer($0)) }
        guard let privateID = members.privateID else { return nil }
        self.init(privateID: privateID, offset: members.offset)
    }

    /// Longer texts are none of ours.
    private static let limit = 64

    private static func members(of text: UnsafeRawBufferPointer) -> (privateID: String?, offset: String?) {
        let view = ByteView(text)
        var tokens = JSONTokens(view)
        var members: (privateID: String?, offset: String?) = (nil, nil)
        guard case .object = tokens.next() else { return members }
        var depth = 1
        /// The key whose value comes next, in the outermost object.
        var key: String?
        while depth > 0, let token = tokens.next() {
            switch token {
            case .array, .object:
                if depth == 1, key == "offset" { members.offset = "" }
                depth &+= 1
            case .end: depth &-= 1
            case .key(let string, _):
                key = depth == 1 ? Self.string(string, in: view) : nil
                continue
            case .string(let string) where depth == 1:
                // The last one counts, as in JSON.parse.
                if key == "pid" { members.privateID = Self.string(string, in: view) }
                if key == "offset" { members.offset = Self.string(string, in: view) ?? "" }
            case .string, .number, .bool, .null:
                if depth == 1, key == "offset" { members.offset = "" }
            }
            key = nil
        }
        return members
    }

    private static func string(_ token: JSONLexer.StringToken, in view: ByteView) -> String? {
        guard !token.hasEscapes, token.end &- token.start <= limit else { return nil }
        return String(decoding: (token.start..<token.end).map { view.byte(at: $0) }, as: UTF8.self)
    }
}
