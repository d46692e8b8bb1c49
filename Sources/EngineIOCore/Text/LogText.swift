/// What a stranger sent, fit for a line of a log: it neither begins another line, nor steers a terminal, nor fills the
/// disk.
public enum LogText {
    static let maximumSize = 100

    /// `text` is UTF-8; what is not is replaced.
    public static func of(_ text: some Collection<UInt8>) -> String {
        var line = ""
        // As much as may be shown, and one character more, to see whether it has to be cut.
        for scalar in String(decoding: text.prefix(maximumSize + 4), as: UTF8.self).unicodeScalars {
            let shown = isPlain(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
            guard line.utf8.count + shown.utf8.count <= maximumSize else { return line + "…" }
            line += shown
        }
        return line
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // What turns the direction of text is a format.
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        // Else what we write ourselves could be a stranger's.
        default: scalar != "\\"
        }
    }
}
