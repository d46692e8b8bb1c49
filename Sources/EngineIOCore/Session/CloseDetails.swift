/// What lies behind a ``CloseReason``: a sentence for those who look for the cause. It is made when somebody asks.
public enum CloseDetails: Sendable, Equatable {
    /// The reason says it all, or nothing is known.
    case none
    /// The client sent the packet that says goodbye.
    case closePacket
    /// The client closed its WebSocket, and gave this code or none.
    case closeFrame(WebSocketCloseCode?)
    /// The connection is gone, without a word.
    case connectionEnded
    /// The connection broke, with an error of the system.
    case connectionFailed(String)
    /// The client broke a rule of WebSockets.
    case violation(WebSocketCloseCode, StaticString)
    /// The client asked for a poll while one waited.
    case secondPoll
    /// The client sent a POST while one was read.
    case secondPost
    /// The client gave up a poll or a POST.
    case requestAborted
    /// A POST was not what a session takes.
    case unusablePost
    /// What came is no packet of Engine.IO.
    case malformedPacket
    /// More waits for the client than may.
    case slowReader(bytes: Int, packets: Int, serverBytes: Int)
    /// The client does not do its part of the heartbeat, as this revision has it.
    case wrongHeartbeat(String)
    /// The client was not heard of in time.
    case silence
    /// What the layer above says.
    case other(String)

    public var text: String {
        switch self {
        case .none: ""
        case .closePacket: "The client sent a close packet."
        case .closeFrame(nil): "The client closed its WebSocket without a code."
        case .closeFrame(let code?): "The client closed its WebSocket with code \(code.rawValue)."
        case .connectionEnded: "The connection ended without a goodbye."
        case .connectionFailed(let error): "The connection failed: \(error)."
        case .violation(let code, let rule): "The client broke a rule of WebSockets, code \(code.rawValue): \(rule)."
        case .secondPoll: "The client asked for a second poll while one waited."
        case .secondPost: "The client sent a second POST while one was read."
        case .requestAborted: "The client gave up a request."
        case .unusablePost: "The client sent a POST that the session cannot take."
        case .malformedPacket: "The client sent what is no packet of Engine.IO."
        case .slowReader(let bytes, let packets, let serverBytes):
            "A client reads too slowly: more waits for it than \(bytes) bytes, \(packets) packets, or its share of "
                + "\(serverBytes) bytes of the server."
        case .wrongHeartbeat(let sentence): sentence
        case .silence: "The client was not heard of in time."
        case .other(let sentence): sentence
        }
    }

    public static func == (left: CloseDetails, right: CloseDetails) -> Bool { left.text == right.text }
}
