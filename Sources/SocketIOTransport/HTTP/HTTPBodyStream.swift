import NIOCore

/// What a body is read from that is too large to be held in memory.
package protocol HTTPBodySource: AnyObject, Sendable {
    /// Reads on: calls `then` on `loop` with the next bytes, at least one and at most `count`, or with nil if they
    /// cannot be had. Not again before that. Who wants no more lets go of the source.
    func read(_ count: Int, on loop: EngineLoop, _ then: @escaping @Sendable (ByteBuffer?) -> Void)
}

/// A body that is read while it is sent.
package struct HTTPBodyStream: Sendable {
    /// How much is read at a time, and so what a slow client costs.
    package static var pieceBytes: Int { 64 * 1024 }

    let source: any HTTPBodySource
    let count: Int

    package init(_ source: any HTTPBodySource, count: Int) {
        self.source = source
        self.count = count
    }
}
