/// JSON as its grammar reads (RFC 8259), for comparison: one byte at a time, one function for a rule, and no thought for
/// speed.
struct PlainJSON {
    private let bytes: [UInt8]
    private var offset = 0

    /// Whether `bytes`, which are UTF-8, are a JSON text.
    static func isValid(_ bytes: [UInt8]) -> Bool {
        var reader = PlainJSON(bytes: bytes)
        reader.whitespace()
        guard reader.value() else { return false }
        reader.whitespace()
        return reader.offset == bytes.count
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func take(_ characters: String) -> Bool {
        guard offset < bytes.count, characters.utf8.contains(bytes[offset]) else { return false }
        offset += 1
        return true
    }

    private mutating func take(word: String) -> Bool {
        guard bytes[offset...].starts(with: word.utf8) else { return false }
        offset += word.utf8.count
        return true
    }

    private mutating func whitespace() {
        while take(" \t\n\r") {}
    }

    private mutating func value() -> Bool {
        switch offset < bytes.count ? bytes[offset] : 0 {
        case UInt8(ascii: "["): array()
        case UInt8(ascii: "{"): object()
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "t"): take(word: "true")
        case UInt8(ascii: "f"): take(word: "false")
        case UInt8(ascii: "n"): take(word: "null")
        default: number()
        }
    }

    private mutating func array() -> Bool {
        guard take("[") else { return false }
        whitespace()
        if take("]") { return true }
        repeat {
            whitespace()
            guard value() else { return false }
            whitespace()
        } while take(",")
        return take("]")
    }

    private mutating func object() -> Bool {
        guard take("{") else { return false }
        whitespace()
        if take("}") { return true }
        repeat {
            whitespace()
            guard string() else { return false }
            whitespace()
            guard take(":") else { return false }
            whitespace()
            guard value() else { return false }
            whitespace()
        } while take(",")
        return take("}")
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        while offset < bytes.count, bytes[offset] >= 0x20 {
            if take("\"") { return true }
            if take("\\") {
                if take("u") {
                    for _ in 0..<4 where !take("0123456789abcdefABCDEF") { return false }
                } else if !take("\"\\/bfnrt") {
                    return false
                }
            } else {
                offset += 1
            }
        }
        return false
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0"), !digits() { return false }
        if take("."), !digits() { return false }
        if take("eE") {
            _ = take("+-")
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        guard take("0123456789") else { return false }
        while take("0123456789") {}
        return true
    }
}
