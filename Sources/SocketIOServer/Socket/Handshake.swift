import EngineIOCore
import SocketIOTransport

/// How a client came: the request that opened its connection.
public struct Handshake: Sendable {
    private let record: HandshakeRecord
    /// The revision of the Engine.IO protocol: 4 or, of clients of Socket.IO 1 and 2, 3.
    public let revision: Int
    /// What the client sent along when it joined the namespace: the JSON text of an object. A client of Socket.IO 1 or 2
    /// has a query for that, which is made an object.
    public let auth: String

    init(record: HandshakeRecord, revision: Int, auth: String) {
        self.record = record
        self.revision = revision
        self.auth = auth
    }

    /// The header fields, names in lower case.
    public var headers: [(name: String, value: String)] { record.headers }
    /// The request target, "/socket.io/?EIO=4&transport=polling".
    public var url: String { record.url }
    /// The parameters of the target, decoded.
    public var query: [(name: String, value: String)] { RequestQuery.parameters(of: record.url) }
    /// The client's address, "192.0.2.1"; "unix".
    public var address: String { record.peer.host }
    /// The client's port; 0 for a Unix socket.
    public var port: Int { record.peer.port }
    /// When, in milliseconds since 1970.
    public var issued: Int64 { record.issued }
    /// Whether the connection is encrypted.
    public var isSecure: Bool { record.isSecure }
    /// The client's certificate, checked, as DER; empty if it showed none.
    public var clientCertificate: [UInt8] { record.clientCertificate }
    /// Whether the request had an Origin header.
    public var isCrossDomain: Bool { record.isCrossDomain }
}
