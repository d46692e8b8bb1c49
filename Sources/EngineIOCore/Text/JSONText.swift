/// The little JSON that Engine.IO itself writes: error bodies.
enum JSONText {
    /// `text` as a JSON string literal, quotes included.
    static func quoted(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "\u{0}"..."\u{1F}":
                let hex = String(scalar.value, radix: 16)
                literal += hex.utf8.count == 1 ? "\\u000" : "\\u00"
                literal += hex
            default: literal.unicodeScalars.append(scalar)
            }
        }
        literal += "\""
        return literal
    }
}
