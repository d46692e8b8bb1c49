import EngineIOCore
import NIOCore

/// Writes the heads of a client's requests.
struct ClientRequests {
    /// The lines that all requests have in common.
    private let common: String
    private let ownCookies: String

    /// What the protocol sends itself, or reads: a program's own would break it.
    private static let reserved: Set<String> = [
        "connection", "upgrade", "content-length", "transfer-encoding", "te", "trailer", "expect", "accept-encoding",
        "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-protocol",
    ]

    init(_ url: EngineURL, _ options: EngineClientOptions) {
        var (common, cookies) = ("", "")
        var (hasHost, hasAuthorization) = (false, false)
        for (name, value) in options.headers {
            let lowercase = name.lowercased()
            guard !Self.reserved.contains(lowercase) else { continue }
            switch lowercase {
            case "cookie":
                cookies += cookies.isEmpty ? value : "; \(value)"
                continue
            case "host":
                guard !hasHost else { continue }
                hasHost = true
            case "authorization": hasAuthorization = true
            default: break
            }
            common += "\(name): \(value)\r\n"
        }
        if !hasHost { common = "Host: \(url.hostField)\r\n\(common)" }
        if let userInfo = url.userInfo, !hasAuthorization {
            common += "Authorization: \(BasicCredentials.field(userInfo))\r\n"
        }
        self.common = common
        ownCookies = cookies
    }

    private func start(_ method: String, _ target: String, _ cookies: String?) -> String {
        var head = "\(method) \(target) HTTP/1.1\r\n\(common)"
        let all = [ownCookies, cookies ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")
        if !all.isEmpty { head += "Cookie: \(all)\r\n" }
        return head
    }

    func get(_ target: String, cookies: String?, acceptsCompression: Bool) -> ByteBuffer {
        let encoding = acceptsCompression ? "Accept-Encoding: gzip, deflate\r\n" : ""
        return ByteBuffer(string: "\(start("GET", target, cookies))Accept: */*\r\n\(encoding)\r\n")
    }

    func post(_ target: String, cookies: String?, _ body: PollingBody) -> ByteBuffer {
        let head =
            "\(start("POST", target, cookies))Accept: */*\r\nContent-Type: text/plain;charset=UTF-8\r\n"
            + "Content-Length: \(body.count)\r\n\r\n"
        var request = ByteBufferAllocator().buffer(capacity: head.utf8.count &+ body.count)
        request.writeString(head)
        request.writeWithUnsafeMutableBytes(minimumWritableBytes: body.count) { memory in
            body.write(into: UnsafeMutableRawBufferPointer(rebasing: memory[..<body.count]))
        }
        return request
    }

    func webSocket(
        _ target: String, cookies: String?, _ handshake: WebSocketRequest, _ options: EngineClientOptions
    ) -> ByteBuffer {
        var head = start("GET", target, cookies)
        head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        head += "Sec-WebSocket-Key: \(handshake.key)\r\n"
        if !options.protocols.isEmpty {
            head += "Sec-WebSocket-Protocol: \(options.protocols.joined(separator: ", "))\r\n"
        }
        if let deflate = options.deflate {
            head += "Sec-WebSocket-Extensions: \(DeflateAgreement.offer(deflate))\r\n"
        }
        return ByteBuffer(string: "\(head)\r\n")
    }
}

/// Why a response is not what was asked for.
extension EngineClientFailure {
    /// `body` is the response's, of which the start is shown if it is a text.
    init(refusedBy head: HTTPResponseHead, body: ByteBuffer) {
        let said = Self.said(body, head)
        switch head.status {
        case 300..<400:
            let place = head.value(of: "location").map { "\"\(LogText.of($0.utf8))\"" } ?? "another place"
            self.init(
                .redirect, status: head.status,
                "The server answers with status \(head.status) and names \(place): redirects are not followed, give that "
                    + "URL if you trust it.")
        case 404:
            self.init(
                .http, status: head.status,
                "There is no Socket.IO server at this path of the host (status 404): do URL and path fit the server's?")
        case 413:
            self.init(
                .tooLarge, status: head.status,
                "A message is larger than the server takes (status 413): send less at once, or raise its "
                    + "maxHttpBufferSize.")
        case 400 where Self.isAboutRevision(said):
            self.init(
                .revision, status: head.status,
                "The server does not speak this revision of Engine.IO\(said): set the revision to 4 for servers of "
                    + "Socket.IO 3 and later, to 3 for those before, or to automatic.")
        case 400 where Self.isAboutSession(said):
            self.init(
                .http, status: head.status,
                "The server does not know the session\(said): it has restarted, or there are several, and requests of "
                    + "a session must reach the same one. Use sticky sessions, or WebSocket alone.")
        case 400:
            self.init(
                .http, status: head.status,
                "The server does not take the request (status 400)\(said): does it allow this transport, and are path "
                    + "and query what it expects?")
        case 401, 403:
            self.init(
                .http, status: head.status,
                "The server refuses the connection with status \(head.status)\(said): are the credentials, the origin "
                    + "and the revision what it expects?")
        case 429:
            self.init(
                .http, status: head.status,
                "The server has had too many requests (status 429)\(said): try again later, and less often.")
        case 200..<300:
            self.init(
                .http, status: head.status,
                "What answers with status \(head.status)\(said) is no Socket.IO server, or lets no WebSockets pass: do "
                    + "URL and path fit the server's, and does a proxy before it forward Upgrade?")
        case 500...:
            self.init(
                .http, status: head.status,
                "The server, or what stands before it, answers with status \(head.status)\(said): try again later.")
        default:
            self.init(
                .http, status: head.status,
                "The server answers with status \(head.status)\(said): is there a Socket.IO server at this URL and path?"
            )
        }
    }

    private static func said(_ body: ByteBuffer, _ head: HTTPResponseHead) -> String {
        guard body.readableBytes > 0, head.value(of: "content-encoding") == nil else { return "" }
        return " and says: \(LogText.of(body.readableBytesView.prefix(200)))"
    }

    /// Node's servers say `{"code":5,"message":"Unsupported protocol version"}`, python-engineio's "The client is using
    /// an unsupported version of the Socket.IO or Engine.IO protocols".
    private static func isAboutRevision(_ said: String) -> Bool {
        said.containsBytes("nsupported protocol version") || said.containsBytes("nsupported version")
            || said.containsBytes("\"code\":5,")
    }

    /// Node's servers say `{"code":1,"message":"Session ID unknown"}`, python-engineio's "Invalid session".
    private static func isAboutSession(_ said: String) -> Bool {
        said.containsBytes("Session ID unknown") || said.containsBytes("nvalid session")
    }
}
