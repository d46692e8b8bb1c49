import EngineIOCore
import NIOCore

/// The response of a stream.
extension HTTP2StreamHandler {
    func respond(_ response: consuming HTTPResponse, to exchange: HTTPExchange) {
        guard isCurrent(exchange) else { return }
        response = compressed(response, for: exchange.head)
        let isHead = exchange.head.method == .head
        if let stream = response.stream, !isHead, response.hasBody {
            return send(stream, of: response, to: exchange)
        }
        exchange.detach()
        write(response, isHead: isHead)
    }

    func write(_ response: HTTPResponse, isHead: Bool) {
        finish()
        let bytes = isHead ? ByteBuffer() : response.bodyBytes
        codec?.write(HTTP2Fields.fields(of: response, date: loop.date.now()), isEnd: bytes.readableBytes == 0)
        if bytes.readableBytes > 0 { codec?.write(bytes, isEnd: true) }
        codec?.flush()
    }

    /// No more is done for the request: what still comes of it is thrown away.
    func finish() {
        state = .done
        body = ByteBuffer()
        awaitProgress()
        readHeld()
    }

    /// Counts what is written until it is sent, or never will be.
    func count(_ bytes: Int, until sent: EventLoopFuture<Void>) {
        // Of what is read while it is sent, a stream has one piece at a time: others need not wait for that.
        let isPiece = if case .sending = state { true } else { false }
        unsentBytes &+= bytes
        if !isPiece { connection.writing(bytes) }
        sent.assumeIsolated().whenComplete { _ in
            self.unsentBytes &-= bytes
            if !isPiece { self.connection.wrote(bytes) }
        }
    }

    private func send(_ stream: HTTPBodyStream, of response: HTTPResponse, to exchange: HTTPExchange) {
        codec?.write(HTTP2Fields.fields(of: response, date: loop.date.now()), isEnd: false)
        codec?.flush()
        // The flush may have closed the stream.
        guard isCurrent(exchange) else { return }
        let sender = HTTPBodySender(stream, to: output, for: exchange, keepAlive: true) { [weak self] sender, isWhole in
            self?.sent(sender, isWhole)
        }
        state = .sending(sender)
        body = ByteBuffer()
        awaitProgress()
        readHeld()
        sender.send()
    }

    private func sent(_ sender: HTTPBodySender, _ isWhole: Bool) {
        guard case .sending(let current) = state, current === sender else { return }
        sender.exchange.detach()
        finish()
        if isWhole {
            codec?.end()
        } else {
            engine.log(.warning, .unreadableFile, on: loop) {
                "What was to be sent for \(sender.exchange.head.text.loggedPath) can no longer be read."
            }
            // The client was told of more bytes: it learns from the reset that they do not come.
            context?.close(promise: nil)
        }
    }
}
