import EngineIOCore
import NIOCore

/// The client's end of a WebSocket. What both ends do is in ``WebSocketEnd``.
final class ClientWebSocketHandler: ChannelInboundHandler, ChannelOutboundHandler, WebSocketEnd {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    static var side: WebSocketSide { .client }

    let loop: EngineLoop
    /// The session that uses the connection, or probes it; nil once they have parted. They hold each other until then.
    var client: EngineClient?
    /// That of the session's revision, which may turn out to be another than was asked for.
    var binaryForm: BinaryForm
    let output: ConnectionOutput
    var context: ChannelHandlerContext?
    var state = WebSocketState.open
    var assembler: WebSocketMessageAssembler
    let rules: WebSocketRules
    var incomplete: ByteBuffer?
    var isWritable = false
    var needsFlush = false
    var isReading = false
    var isReadHeld = false
    var closing: Scheduled<Void>?
    var unansweredPing: [UInt8]?
    private var systemError: CInt = 0

    /// `descriptor` is the socket's; -1 if the bytes do not reach it as they are written.
    init(_ client: EngineClient, _ descriptor: CInt, _ agreement: DeflateAgreement?) {
        let options = client.options
        self.client = client
        loop = client.loop
        output = ConnectionOutput(loop: client.loop, descriptor: descriptor)
        binaryForm = BinaryForm(revision: client.revision, b64: options.forcesBase64)
        assembler = WebSocketMessageAssembler(maxPayload: options.maxPayload)
        rules = WebSocketRules(
            maxPayload: options.maxPayload, agreement, options.deflate, on: .client, loop: client.loop)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) { added(context) }

    func handlerRemoved(context: ChannelHandlerContext) {
        loop.forgetRead(of: self)
        closing?.cancel()
        closing = nil
        lost()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        lost()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        systemError = (error as? IOError)?.errnoCode ?? 0
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        noteWritability(of: context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { received(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) { readEnded() }

    func read(context: ChannelHandlerContext) { readOrHold(context) }

    // MARK: The client

    func received(text: UnsafeMutableRawBufferPointer) { client?.received(text: text, from: self) }

    func received(binary: UnsafeMutableRawBufferPointer) { client?.received(binary: binary, from: self) }

    func writabilityChanged() { client?.webSocketWritabilityChanged(self, isWritable: isWritable) }

    // MARK: The end

    private func lost() {
        let cause = systemError == 0 ? "" : " (\(EngineClientFailure.text(of: systemError)))"
        ended(
            .transportClose,
            EngineClientFailure(
                .lost, transport: .webSocket, systemError: systemError,
                "The connection was closed by the server, or something on the way to it\(cause)."))
    }

    /// Tells the client, once, that the connection is gone.
    private func ended(_ reason: CloseReason, _ failure: EngineClientFailure) {
        guard state != .closed else { return }
        state = .closed
        output.end()
        incomplete = nil
        let client = client
        self.client = nil
        client?.webSocketEnded(self, reason, failure)
    }

    /// Ends the connection at once.
    func abort() {
        client = nil
        context?.close(promise: nil)
    }

    @inline(never)
    func peerClosed(_ code: WebSocketCloseCode?) {
        writeClose(code)
        readEnded()
        let context = context
        ended(.transportClose, Self.failure(code))
        // The server closes the connection; if it does not, we do.
        if context != nil { closeChannel(in: .seconds(1)) }
    }

    private static func failure(_ code: WebSocketCloseCode?) -> EngineClientFailure {
        switch code {
        case .tooBig?:
            EngineClientFailure(
                .tooLarge, transport: .webSocket,
                "The server closed the WebSocket with code 1009: a message is larger than it takes. Send less at once, or "
                    + "raise its maxHttpBufferSize.")
        case let code?:
            EngineClientFailure(
                .lost, transport: .webSocket,
                "The server closed the WebSocket with code \(code.rawValue): its log may say why.")
        case nil:
            EngineClientFailure(
                .lost, transport: .webSocket, "The server closed the WebSocket: its log may say why.")
        }
    }

    @inline(never)
    func violated(_ code: WebSocketCloseCode, _ reason: StaticString) {
        guard state == .open else {
            context?.close(promise: nil)
            return
        }
        writeClose(code)
        readEnded()
        let context = context
        ended(
            .transportError,
            EngineClientFailure(
                code == .tooBig ? .tooLarge : .protocolError, transport: .webSocket,
                code == .tooBig
                    ? "A message of the server is larger than \(rules.maxPayload) bytes: "
                        + "raise the limit, or send less at once."
                    : "The server broke the rules of WebSocket: \(reason)."))
        context?.close(promise: nil)
    }
}
