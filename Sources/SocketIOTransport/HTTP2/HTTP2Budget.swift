/// What the streams of one connection may hold together: a hundred of them would otherwise hold a hundred times as much
/// as a connection of HTTP/1.1. Who may not go on is not refused: what it sends waits in the stream's window, at the
/// client.
struct HTTP2Budget {
    /// Bytes of bodies that are not complete. Beyond, one stream goes on, whose body began first: so all of them come to
    /// an end, and there is never more than this and one body.
    private let bodyLimit: Int
    /// Bytes of responses that are not sent. Beyond, no request is begun until they are fewer than half as many: a
    /// client reads its responses before it gets others.
    private let responseLimit: Int
    /// In the order of their beginnings; of no more streams than a connection may have.
    private var bodies: [(stream: Int, count: Int)] = []
    private var bodyBytes = 0
    private var unsentBytes = 0
    /// Whether requests wait until responses are sent.
    private var isClogged = false

    init(bodyLimit: Int, responseLimit: Int) {
        self.bodyLimit = bodyLimit
        self.responseLimit = responseLimit
    }

    var admitsRequests: Bool { !isClogged }

    func admitsBody(of stream: Int) -> Bool {
        bodyBytes < bodyLimit || bodies.first?.stream == stream
    }

    /// A stream holds `count` bytes of its body now; returns whether others may go on that could not.
    mutating func bodyChanged(of stream: Int, to count: Int) -> Bool {
        let wasFull = bodyBytes >= bodyLimit
        guard let index = bodies.firstIndex(where: { $0.stream == stream }) else {
            if count > 0 { bodies.append((stream, count)) }
            bodyBytes &+= count
            return false
        }
        let change = count &- bodies[index].count
        bodyBytes &+= change
        if count > 0 { bodies[index].count = count } else { bodies.remove(at: index) }
        return wasFull && change < 0
    }

    /// Bytes of a response are to be sent.
    mutating func writing(_ count: Int) {
        unsentBytes &+= count
        if unsentBytes > responseLimit { isClogged = true }
    }

    /// They were sent, or never will be; returns whether requests may begin that could not.
    mutating func wrote(_ count: Int) -> Bool {
        unsentBytes &-= count
        guard isClogged, unsentBytes <= responseLimit / 2 else { return false }
        isClogged = false
        return true
    }
}
