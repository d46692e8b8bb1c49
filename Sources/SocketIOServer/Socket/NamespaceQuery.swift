import EngineIOCore
import SocketIOCore

/// What a client of version 4 of the protocol puts behind the name of a namespace: "?token=abc".
enum NamespaceQuery {
    /// The parameters as the JSON text of an object, so that handlers find them where other clients put theirs. Of a
    /// repeated one the last counts.
    static func json(of query: [UInt8]) -> String {
        var names: [String] = []
        var values: [String: String] = [:]
        for (name, value) in RequestQuery.parameters(of: String(decoding: query, as: UTF8.self)) {
            if values.updateValue(value, forKey: name) == nil { names.append(name) }
        }
        let members = names.map { quoted($0) + ":" + quoted(values[$0] ?? "") }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func quoted(_ text: String) -> String {
        var text = text
        return String(decoding: text.withUTF8 { JSONString.quoted(UnsafeRawBufferPointer($0)) }, as: UTF8.self)
    }
}
