import NIOCore

/// Writes a body to a connection of HTTP/1.1: the next piece is read once the one before has left.
///
/// SAFETY of `@unchecked Sendable`: it belongs to the connection's loop, and is used there only.
final class HTTPBodySender: @unchecked Sendable {
    let exchange: HTTPExchange
    let keepAlive: Bool
    /// What is not written yet.
    private(set) var left: Int
    /// Nil once the connection has ended.
    private var source: (any HTTPBodySource)?
    private let output: ConnectionOutput
    private let completion: (HTTPBodySender, Bool) -> Void

    /// `completion` is called once, unless the sender is stopped: with true when all is written, with false if the
    /// source failed.
    init(
        _ body: HTTPBodyStream, to output: ConnectionOutput, for exchange: HTTPExchange, keepAlive: Bool,
        _ completion: @escaping (HTTPBodySender, Bool) -> Void
    ) {
        self.exchange = exchange
        self.keepAlive = keepAlive
        self.output = output
        self.completion = completion
        source = body.source
        left = body.count
    }

    func send() {
        guard let source else { return }
        guard left > 0 else { return completion(self, true) }
        source.read(min(left, HTTPBodyStream.pieceBytes), on: exchange.loop) { self.write($0) }
    }

    func stop() {
        source = nil
    }

    private func write(_ piece: ByteBuffer?) {
        guard source != nil else { return }
        guard let piece, piece.readableBytes > 0, piece.readableBytes <= left else { return completion(self, false) }
        left &-= piece.readableBytes
        output.append(shared: piece)
        output.flush()
        // The flush may have closed the connection. What of the last piece is held back leaves without us.
        if left > 0 { output.whenSent { self.send() } } else if source != nil { completion(self, true) }
    }
}
