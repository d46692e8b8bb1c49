/// A name and a password as HTTP sends them (RFC 7617).
public enum BasicCredentials {
    /// The value of `Authorization` or `Proxy-Authorization`; `userInfo` is "name:password".
    public static func field(_ userInfo: String) -> String {
        let bytes = Array(userInfo.utf8)
        let text = bytes.withUnsafeBytes { bytes in
            String(unsafeUninitializedCapacity: Base64.encodedSize(bytes.count)) { text in
                Base64.encode(bytes, into: UnsafeMutableRawBufferPointer(text), alphabet: Base64.standardAlphabet)
            }
        }
        return "Basic \(text)"
    }

    /// Whether a field of the program's own can be sent: nobody smuggles another one in with it.
    public static func isLegal(field name: String, _ value: String) -> Bool {
        HTTPSyntax.isToken(Array(name.utf8)) && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
