/// Lends copies of byte arrays, in one piece of memory, so that their addresses hold for the call. Behind each stands a
/// NUL.
package func withBorrowed<Result, Failure: Error>(
    _ pieces: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) throws(Failure) -> Result
) throws(Failure) -> Result {
    var all: [UInt8] = []
    all.reserveCapacity(pieces.reduce(0) { $0 &+ $1.count &+ 1 })
    let places = pieces.map { piece in
        let start = all.count
        all += piece
        all.append(0)
        return start..<(start &+ piece.count)
    }
    return try all.span.withUnsafeBytes { (all) throws(Failure) in
        try body(places.map { UnsafeRawBufferPointer(rebasing: all[$0]) })
    }
}
