extension StringProtocol {
    /// Whether the text has `needle` in it, byte for byte. The standard library's `contains(_:)` would link the
    /// engine of regular expressions, which is a tenth of this library.
    public func containsBytes(_ needle: String) -> Bool {
        var rest = utf8[...]
        while rest.count >= needle.utf8.count {
            if rest.starts(with: needle.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
