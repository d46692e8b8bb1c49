/// The fields of a query, of a request target's or of a form's, still encoded, in the order of the text.
///
/// Reads as `URLSearchParams` does, which is what the reference server uses: `&` separates, empty fields do not count,
/// a field without `=` has an empty value.
struct QueryFields {
    private var rest: UnsafeRawBufferPointer?
    /// Whether any of the fields has to be decoded.
    let isEncoded: Bool

    init(query: UnsafeRawBufferPointer) {
        rest = query
        isEncoded = PercentEncoding.isEncoded(query)
    }

    init(target: UnsafeRawBufferPointer) {
        let mark = ByteSearch.firstOffset(of: UInt8(ascii: "?"), in: target) ?? target.count
        self.init(query: UnsafeRawBufferPointer(rebasing: target[min(mark + 1, target.count)...]))
    }

    /// The next field. The slices borrow the target.
    mutating func next() -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        while let query = rest {
            let end = ByteSearch.firstOffset(of: UInt8(ascii: "&"), in: query)
            let field = UnsafeRawBufferPointer(rebasing: query[..<(end ?? query.count)])
            rest = end.map { UnsafeRawBufferPointer(rebasing: query[($0 + 1)...]) }
            guard field.count > 0 else { continue }
            let nameEnd = ByteSearch.firstOffset(of: UInt8(ascii: "="), in: field) ?? field.count
            return (
                UnsafeRawBufferPointer(rebasing: field[..<nameEnd]),
                UnsafeRawBufferPointer(rebasing: field[min(nameEnd + 1, field.count)...])
            )
        }
        return nil
    }
}
