import EngineIOCore

/// The id of a socket, as clients see it.
///
/// Mostly 20 random characters. A client of Socket.IO 1 or 2 takes its ids from the session's without being told: in "/"
/// it is the session's own, in others that behind the namespace and a "#", `/chat#lv_VI97HAXpY6yYWAAAB`.
struct SocketID: Equatable {
    /// Unlike that of any other socket in the namespace.
    let characters: SessionID
    /// Whether the text begins with the namespace.
    let isQualified: Bool

    init(_ characters: SessionID, isQualified: Bool) {
        self.characters = characters
        self.isQualified = isQualified
    }

    /// Reads an id; nil for what can be none of a socket in `namespace`.
    init?(_ text: String, in namespace: Namespace) {
        if let characters = SessionID(text.utf8) {
            self.init(characters, isQualified: false)
            return
        }
        let prefix = namespace.name.utf8
        let rest = text.utf8.dropFirst(prefix.count)
        guard text.utf8.starts(with: prefix), rest.first == UInt8(ascii: "#"),
            let characters = SessionID(String(Substring(rest.dropFirst())).utf8)
        else { return nil }
        self.init(characters, isQualified: true)
    }

    func text(in namespace: Namespace) -> String {
        isQualified ? "\(namespace.name)#\(characters)" : characters.description
    }
}
