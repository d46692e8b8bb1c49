/// What a server says when it lets a client into a namespace.
public struct ConnectAnswer: Equatable, Sendable {
    /// The id of the socket; nil from servers of Socket.IO 1 and 2.
    public let id: String?
    /// The secret by which the client goes on after a reconnection; nil if the server keeps nothing.
    public let privateID: String?

    public init(id: String?, privateID: String?) {
        self.id = id
        self.privateID = privateID
    }

    /// Reads the payload of a CONNECT packet, which may be empty.
    public init(payload: UnsafeRawBufferPointer) {
        var id: String?
        var privateID: String?
        if var members = JSONMembers(payload) {
            while let (key, value) = members.next() {
                switch members.text(of: key) {
                case "sid": id = JSONString.text(ofValue: value)
                case "pid": privateID = JSONString.text(ofValue: value)
                default: break
                }
            }
        }
        self.init(id: id, privateID: privateID)
    }
}

/// What a server says when it does not let a client into a namespace.
public struct ConnectRefusal: Equatable, Sendable {
    public let message: String
    /// JSON text; nil if there is none.
    public let data: String?

    /// Reads the payload of a CONNECT_ERROR packet: an object, or the message alone, or, from servers of Socket.IO 1
    /// and 2, whatever the application has given.
    public init(payload: UnsafeRawBufferPointer) {
        var message: String?
        var data: String?
        if let text = JSONString.text(ofValue: payload) {
            message = text
        } else if var members = JSONMembers(payload) {
            while let (key, value) = members.next() {
                switch members.text(of: key) {
                case "message": message = JSONString.text(ofValue: value)
                case "data": data = String(decoding: value, as: UTF8.self)
                default: break
                }
            }
            if message == nil, data == nil { data = String(decoding: payload, as: UTF8.self) }
        }
        self.message = message ?? ""
        self.data = data
    }
}
