import EngineIOCore
import NIOCore

/// The response of a stream.
extension HTTP2StreamHandler {
    /// A response in memory is written in pieces, so that it is seen whether the client takes it.
    static let pieceBytes = 64 * 1024

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
        var bytes = isHead ? ByteBuffer() : response.bodyBytes
        codec?.write(HTTP2Fields.fields(of: response, date: loop.date.now()), isEnd: bytes.readableBytes == 0)
        while let piece = bytes.readSlice(length: min(bytes.readableBytes, Self.pieceBytes)), piece.readableBytes > 0 {
            codec?.write(piece, isEnd: bytes.readableBytes == 0)
        }
        codec?.flush()
    }

    /// No more is done for the request: what still comes of it is thrown away.
    func finish() {
        state = .done
        body = ByteBuffer()
        awaitProgress()
        readHeld()
    }

    func writing(_ count: Int) {
        unsentBytes &+= count
        connection.writing(count)
    }

    func wrote(_ count: Int) {
        unsentBytes &-= count
        connection.wrote(count)
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
                "What was to be sent for \(sender.exchange.head.text.target) can no longer be read."
            }
            // The client was told of more bytes: it learns from the reset that they do not come.
            context?.close(promise: nil)
        }
    }
}
