import CSocketIO
import EngineIOCore
import SocketIOClient
import SocketIOTransport

// The options of socketio/client.h, as those of the Swift API.

/// Where a client connects to, and how.
struct ClientOptions {
    let url: String
    let manager: ManagerOptions
    let sockets: ClientSocketOptions
    /// The JSON text of an object; empty: none is shown.
    let auth: String

    init(_ options: sio_client_options) throws(Failure) {
        var manager = try ManagerOptions(options)
        (url, manager.unixSocket) = try Self.address(string(options.url, "url"))
        self.manager = manager
        var sockets = ClientSocketOptions()
        if options.retries > 0 { sockets.retries = Int(options.retries) }
        if options.ack_timeout_ms > 0 { sockets.ackTimeout = .milliseconds(Int64(options.ack_timeout_ms)) }
        self.sockets = sockets
        auth = try ClientOptions.auth(options.auth)
    }

    /// A URL as it is, or what stands for a Unix socket, and its path.
    static func address(_ url: String) throws(Failure) -> (url: String, unixSocket: String?) {
        guard url.utf8.starts(with: "unix:".utf8) else { return (url, nil) }
        let path = String(url.dropFirst(5))
        guard path.utf8.first == UInt8(ascii: "/") || (path.utf8.first == UInt8(ascii: "@") && path.utf8.count > 1)
        else {
            throw Failure(
                SIO_E_ARGUMENT, "Behind \"unix:\" stands the path of a socket, \"/run/io.sock\", or \"@name\".")
        }
        return ("http://localhost", path)
    }

    /// What a client shows; "" for nothing.
    static func auth(_ text: sio_text) throws(Failure) -> String {
        let bytes = try text.bytes("auth")
        guard !bytes.isEmpty else { return "" }
        guard let auth = String(validating: bytes, as: UTF8.self) else {
            throw Failure(SIO_E_JSON, "auth is not UTF-8.")
        }
        try translating { () throws(SocketError) in _ = try ClientAuth.checked(auth) }
        return auth
    }
}

extension ManagerOptions {
    fileprivate init(_ options: sio_client_options) throws(Failure) {
        self.init()
        // A client of the C API is a connection of its own.
        forceNew = true
        try setFlags(Int(options.flags))
        try setChoices(options)
        if let path = options.path { self.path = try string(path, "path") }
        extraHeaders = try headerFields(options.headers, options.header_count, "headers")
        protocols = try strings(options.protocols, options.protocol_count, "protocols")
        setReconnection(options)
        setTimes(options)
        setLimits(options)
        localAddress = try options.local_address.map { (address) throws(Failure) in
            try string(address, "local_address")
        }
        if let proxy = options.proxy { self.proxy = try Proxy(url: string(proxy, "proxy")) }
        if let deflate = options.per_message_deflate { perMessageDeflate = try PerMessageDeflate(deflate) }
        if options.tls != nil { tls = try ClientTLS(sio_client_tls_options.read(options.tls, "tls")) }
    }

    /// What `options` say of connecting again; the rest is not looked at.
    init(reconnection options: sio_client_options) {
        self.init()
        setReconnection(options)
    }

    private mutating func setFlags(_ flags: Int) throws(Failure) {
        guard
            flags
                & ~(SIO_CLIENT_NO_RECONNECTION | SIO_CLIENT_NO_UPGRADE | SIO_CLIENT_WEBSOCKET_FIRST
                | SIO_CLIENT_TRY_ALL_TRANSPORTS | SIO_CLIENT_REMEMBER_UPGRADE | SIO_CLIENT_NO_TRAILING_SLASH
                | SIO_CLIENT_NO_COOKIES | SIO_CLIENT_FORCE_BASE64 | SIO_CLIENT_NO_TIMESTAMPS
                | SIO_CLIENT_NO_HTTP_COMPRESSION) == 0
        else { throw Failure(SIO_E_ARGUMENT, "flags has bits that this version does not know.") }
        upgrade = flags & SIO_CLIENT_NO_UPGRADE == 0
        tryAllTransports = flags & SIO_CLIENT_TRY_ALL_TRANSPORTS != 0
        rememberUpgrade = flags & SIO_CLIENT_REMEMBER_UPGRADE != 0
        addTrailingSlash = flags & SIO_CLIENT_NO_TRAILING_SLASH == 0
        cookies = flags & SIO_CLIENT_NO_COOKIES == 0
        forceBase64 = flags & SIO_CLIENT_FORCE_BASE64 != 0
        timestampRequests = flags & SIO_CLIENT_NO_TIMESTAMPS == 0
        httpCompression = flags & SIO_CLIENT_NO_HTTP_COMPRESSION == 0
    }

    private mutating func setChoices(_ options: sio_client_options) throws(Failure) {
        switch Int(options.transports) {
        case 0, SIO_TRANSPORT_POLLING | SIO_TRANSPORT_WEBSOCKET:
            let webSocketFirst = Int(options.flags) & SIO_CLIENT_WEBSOCKET_FIRST != 0
            transports = webSocketFirst ? [.webSocket, .polling] : [.polling, .webSocket]
        case SIO_TRANSPORT_POLLING: transports = [.polling]
        case SIO_TRANSPORT_WEBSOCKET: transports = [.webSocket]
        default: throw Failure(SIO_E_ARGUMENT, "transports has bits other than those of SIO_TRANSPORT_...")
        }
        switch Int(options.revision) {
        case SIO_REVISION_4: serverVersion = .current
        case SIO_REVISION_3: serverVersion = .old
        case SIO_REVISION_AUTO: serverVersion = .automatic
        default: throw Failure(SIO_E_ARGUMENT, "revision is none of SIO_REVISION_...")
        }
        switch Int(options.parser) {
        case SIO_PARSER_DEFAULT: parser = .json
        case SIO_PARSER_MSGPACK: parser = .msgpack
        default: throw Failure(SIO_E_ARGUMENT, "parser is neither SIO_PARSER_DEFAULT nor SIO_PARSER_MSGPACK.")
        }
        switch Int(options.overflow) {
        case SIO_OVERFLOW_DEFAULT: break
        case SIO_OVERFLOW_CLOSE: overflowPolicy = .close
        case SIO_OVERFLOW_DROP_NEWEST: overflowPolicy = .dropNewest
        case SIO_OVERFLOW_DROP_OLDEST: overflowPolicy = .dropOldest
        default: throw Failure(SIO_E_ARGUMENT, "overflow is none that a client knows of SIO_OVERFLOW_...")
        }
    }

    /// Zero: none is said.
    private static func duration(_ milliseconds: UInt32) -> Duration? {
        milliseconds > 0 ? .milliseconds(Int64(milliseconds)) : nil
    }

    private mutating func setTimes(_ options: sio_client_options) {
        requestTimeout = Self.duration(options.request_timeout_ms)
        if let time = Self.duration(options.upgrade_timeout_ms) { upgradeTimeout = time }
        if let time = Self.duration(options.close_timeout_ms) { closeTimeout = time }
    }

    private mutating func setReconnection(_ options: sio_client_options) {
        reconnection = Int(options.flags) & SIO_CLIENT_NO_RECONNECTION == 0
        if let time = Self.duration(options.connect_timeout_ms) { timeout = time }
        if options.reconnection_attempts > 0 { reconnectionAttempts = Int(options.reconnection_attempts) }
        if let time = Self.duration(options.reconnection_delay_ms) { reconnectionDelay = time }
        if let time = Self.duration(options.reconnection_delay_max_ms) { reconnectionDelayMax = time }
        if options.reconnection_factor > 0 { reconnectionDelayFactor = options.reconnection_factor }
        if options.randomization_factor != 0 { randomizationFactor = max(0, options.randomization_factor) }
    }

    private mutating func setLimits(_ options: sio_client_options) {
        func set(_ value: UInt32, _ option: WritableKeyPath<ManagerOptions, Int>) {
            if value > 0 { self[keyPath: option] = Int(value) }
        }
        set(options.max_buffered_bytes, \.maxBufferedBytes)
        set(options.max_buffered_packets, \.maxBufferedPackets)
        set(options.max_http_buffer_size, \.maxPayload)
        set(options.max_attachments, \.maxAttachments)
        set(options.max_pending_acks, \.maxPendingAcks)
        set(options.max_pending_replies, \.maxPendingReplies)
    }
}

extension ManagerOptions.Proxy {
    fileprivate init(url: String) throws(Failure) {
        let parts: EngineURL
        do throws(EngineURL.Mistake) {
            parts = try EngineURL(url)
        } catch {
            throw Failure(SIO_E_ARGUMENT, "proxy is not the URL of one, \"http://host:3128\". \(error.sentence)")
        }
        guard !parts.isSecure else {
            throw Failure(SIO_E_ARGUMENT, "proxy is reached with http, whatever goes through it: write \"http://...\".")
        }
        self.init(host: parts.host, port: parts.port, userInfo: parts.userInfo)
    }
}

extension ClientTLS {
    fileprivate init(_ options: sio_client_tls_options) throws(Failure) {
        self.init()
        let flags = Int(options.flags)
        guard flags & ~(SIO_CLIENT_TLS_NO_HOST_CHECK | SIO_CLIENT_TLS_NO_VERIFY) == 0 else {
            throw Failure(SIO_E_ARGUMENT, "flags of tls has bits that this version does not know.")
        }
        if flags & SIO_CLIENT_TLS_NO_HOST_CHECK != 0 { verification = .withoutName }
        if flags & SIO_CLIENT_TLS_NO_VERIFY != 0 { verification = .none }
        switch Int(options.min_version) {
        case 0, SIO_TLS_1_2: minimumVersion = .tls1_2
        case SIO_TLS_1_3: minimumVersion = .tls1_3
        default: throw Failure(SIO_E_ARGUMENT, "min_version is neither SIO_TLS_1_2 nor SIO_TLS_1_3.")
        }
        authorities = try pem(options.ca_file, options.ca, "ca_file", "ca")
        certificate = try pem(options.certificate_file, options.certificate, "certificate_file", "certificate")
        key = try pem(options.key_file, options.key, "key_file", "key")
        if let password = options.key_password { keyPassword = try string(password, "key_password") }
        if let name = options.server_name { serverName = try string(name, "server_name") }
        for pin in try strings(options.pins, options.pin_count, "pins") { pins.append(try Pin(pin)) }
    }
}

extension ClientTLS.Pin {
    /// "key:" or "certificate:", and the digits, with colons between them or not.
    fileprivate init(_ text: String) throws(Failure) {
        let isKey = text.utf8.starts(with: "key:".utf8)
        let digits = text.utf8.dropFirst(isKey ? 4 : 12).filter { $0 != UInt8(ascii: ":") }
        let nibbles = digits.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard isKey || text.utf8.starts(with: "certificate:".utf8), digits.count == 64, nibbles.count == 64 else {
            throw Failure(
                SIO_E_ARGUMENT,
                "A pin is not \"key:\" or \"certificate:\" and the 64 hexadecimal digits of a SHA-256.")
        }
        let hash = stride(from: 0, to: 64, by: 2).map { UInt8(truncatingIfNeeded: nibbles[$0] << 4 | nibbles[$0 &+ 1]) }
        self = isKey ? .publicKey(hash) : .certificate(hash)
    }
}
