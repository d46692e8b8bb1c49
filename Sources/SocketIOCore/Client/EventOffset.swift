/// The offset of an event: its last argument, by which the server knows what a client has got.
public enum EventOffset {
    /// Longer texts are none.
    private static let limit = 128

    /// The contents of the last argument, if that is a short string without escapes; `arguments` is the text of a valid
    /// JSON array. Looks at the end alone.
    public static func find(in arguments: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var end = arguments.count &- 1
        guard end > 0, arguments[end] == ASCII.closeBracket else { return nil }
        end &-= 1
        while end > 0, arguments[end] <= ASCII.space { end &-= 1 }
        guard end > 0, arguments[end] == ASCII.quote else { return nil }
        var start = end &- 1
        // The next quote before is the opening one, unless it is escaped.
        while start > 0, arguments[start] != ASCII.quote {
            guard end &- start <= limit, arguments[start] != ASCII.backslash else { return nil }
            start &-= 1
        }
        guard start > 0, arguments[start] == ASCII.quote, arguments[start &- 1] != ASCII.backslash else { return nil }
        return UnsafeRawBufferPointer(rebasing: arguments[(start &+ 1)..<end])
    }
}
