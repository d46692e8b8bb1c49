import EngineIOCore
import NIOCore

/// Bodies that are read while they are sent.
extension HTTPHandler {
    func send(_ body: HTTPBodyStream, of response: HTTPResponse, to exchange: HTTPExchange, keepAlive: Bool) {
        response.write(to: output, date: loop.date.now(), keepAlive: keepAlive, withBody: false)
        output.flush()
        // The flush may have closed the connection.
        guard isCurrent(exchange) else { return }
        let sender = HTTPBodySender(body, to: output, for: exchange, keepAlive: keepAlive) {
            [weak self] sender, isWhole in
            self?.sent(sender, isWhole)
        }
        state = .sending(sender)
        awaitRequest()
        sender.send()
    }

    private func sent(_ sender: HTTPBodySender, _ isWhole: Bool) {
        guard case .sending(let current) = state, current === sender, let context else { return }
        guard isWhole else {
            engine.log(.warning, .unreadableFile, on: loop) {
                "What was to be sent for \(sender.exchange.head.text.loggedPath) can no longer be read."
            }
            sender.exchange.detach()
            state = .closing
            // The client was told of more bytes: it learns from the end that they do not come.
            context.close(promise: nil)
            return
        }
        state = .discarding(sender.exchange)
        sender.keepAlive ? finish() : endBehindResponse(context)
    }
}
