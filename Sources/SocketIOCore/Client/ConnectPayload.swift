/// What a client sends along when it asks for a namespace.
public enum ConnectPayload {
    /// The payload of a CONNECT packet: what is known of the session to go on with, and the members of `auth`, the text
    /// of a JSON object. Those of the same name count instead, as in JavaScript.
    public static func json(auth: [UInt8], recovery: RecoveryRequest?) -> [UInt8] {
        guard let recovery else { return auth }
        var result: [UInt8] = [ASCII.openBrace]
        append("pid", recovery.privateID, to: &result)
        if let offset = recovery.offset {
            result.append(ASCII.comma)
            append("offset", offset, to: &result)
        }
        let members = inside(of: auth)
        if !members.isEmpty {
            result.append(ASCII.comma)
            result += members
        }
        result.append(ASCII.closeBrace)
        return result
    }

    private static func append(_ name: String, _ value: String, to result: inout [UInt8]) {
        result += "\"\(name)\":".utf8
        var value = value
        result += value.withUTF8 { JSONString.quoted(UnsafeRawBufferPointer($0)) }
    }

    /// What stands between the braces of an object.
    private static func inside(of object: [UInt8]) -> ArraySlice<UInt8> {
        guard let open = object.firstIndex(of: ASCII.openBrace), let close = object.lastIndex(of: ASCII.closeBrace),
            open < close
        else { return [] }
        let members = object[(open &+ 1)..<close]
        return members.contains { $0 > ASCII.space } ? members : []
    }

    /// The same for servers of Socket.IO 1 and 2, which take a query behind the name of the namespace: "?token=abc".
    /// Values that are no strings are sent as their JSON text.
    public static func query(auth: [UInt8]) -> [UInt8] {
        auth.withUnsafeBytes { auth in
            var result: [UInt8] = []
            guard var members = JSONMembers(auth) else { return result }
            while let (key, value) = members.next() {
                result.append(result.isEmpty ? ASCII.questionMark : UInt8(ascii: "&"))
                percentEncode(members.text(of: key).utf8, to: &result)
                result.append(UInt8(ascii: "="))
                if let text = JSONString.text(ofValue: value) {
                    percentEncode(text.utf8, to: &result)
                } else {
                    percentEncode(value, to: &result)
                }
            }
            return result
        }
    }

    /// As `encodeURIComponent`.
    private static func percentEncode(_ text: some Sequence<UInt8>, to result: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                ASCII.zero...ASCII.nine, ASCII.minus, ASCII.dot, UInt8(ascii: "_"), UInt8(ascii: "~"),
                UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"):
                result.append(byte)
            default:
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]]
            }
        }
    }
}
