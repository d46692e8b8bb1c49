import CSocketIO
import SocketIOServer

// The options of socketio/server.h, as those of the Swift API.

extension ServerOptions {
    init(_ options: sio_server_options) throws(Failure) {
        self.init()
        if let path = options.path { self.path = try string(path, "path") }
        let flags = Int(options.flags)
        guard
            flags
                & ~(SIO_SERVER_NO_UPGRADES | SIO_SERVER_NO_TRAILING_SLASH | SIO_SERVER_CORS_CREDENTIALS
                | SIO_SERVER_NO_HTTP_COMPRESSION | SIO_SERVER_NO_ORIGIN_CHECK | SIO_SERVER_NO_DESTROY_UPGRADE
                | SIO_SERVER_NO_EIO3 | SIO_SERVER_CLEANUP_EMPTY_CHILD_NAMESPACES) == 0
        else {
            throw Failure(SIO_E_ARGUMENT, "flags has bits that this version does not know.")
        }
        allowUpgrades = flags & SIO_SERVER_NO_UPGRADES == 0
        allowEIO3 = flags & SIO_SERVER_NO_EIO3 == 0
        addTrailingSlash = flags & SIO_SERVER_NO_TRAILING_SLASH == 0
        allowCredentials = flags & SIO_SERVER_CORS_CREDENTIALS != 0
        httpCompression = flags & SIO_SERVER_NO_HTTP_COMPRESSION == 0
        switch Int(options.transports) {
        case 0, SIO_TRANSPORT_POLLING | SIO_TRANSPORT_WEBSOCKET: break
        case SIO_TRANSPORT_POLLING: transports = [.polling]
        case SIO_TRANSPORT_WEBSOCKET: transports = [.webSocket]
        default: throw Failure(SIO_E_ARGUMENT, "transports has bits other than those of SIO_TRANSPORT_...")
        }
        switch Int(options.parser) {
        case SIO_PARSER_DEFAULT: parser = .json
        case SIO_PARSER_MSGPACK: parser = .msgpack
        default: throw Failure(SIO_E_ARGUMENT, "parser is neither SIO_PARSER_DEFAULT nor SIO_PARSER_MSGPACK.")
        }
        func set(_ value: UInt32, _ option: WritableKeyPath<ServerOptions, Duration>) {
            if value > 0 { self[keyPath: option] = .milliseconds(Int64(value)) }
        }
        func set(_ value: UInt32, _ option: WritableKeyPath<ServerOptions, Int>) {
            if value > 0 { self[keyPath: option] = Int(value) }
        }
        set(options.ping_interval_ms, \.pingInterval)
        set(options.ping_timeout_ms, \.pingTimeout)
        set(options.upgrade_timeout_ms, \.upgradeTimeout)
        set(options.connect_timeout_ms, \.connectTimeout)
        set(options.max_http_buffer_size, \.maxHTTPBufferSize)
        set(options.max_attachments, \.maxAttachments)
        try setBuffers(options)
        set(options.max_packets_per_poll, \.maxPacketsPerPoll)
        cleanupEmptyChildNamespaces = flags & SIO_SERVER_CLEANUP_EMPTY_CHILD_NAMESPACES != 0
        set(options.max_child_namespaces, \.maxChildNamespaces)
        setLimits(options)
        metricsPath = try options.metrics_path.map { (path) throws(Failure) in try string(path, "metrics_path") }
        readyPath = try options.ready_path.map { (path) throws(Failure) in try string(path, "ready_path") }
        set(options.http_compression_threshold, \.httpCompressionThreshold)
        let destroyUpgrade = flags & SIO_SERVER_NO_DESTROY_UPGRADE == 0
        if !destroyUpgrade {
            destroyUpgradeTimeout = nil
        } else if options.destroy_upgrade_timeout_ms > 0 {
            destroyUpgradeTimeout = .milliseconds(Int64(options.destroy_upgrade_timeout_ms))
        }
        if let deflate = options.per_message_deflate { perMessageDeflate = try PerMessageDeflate(deflate) }
        if let recovery = options.connection_state_recovery {
            connectionStateRecovery = try ConnectionStateRecovery(recovery)
        }
        try setCORS(options)
        if options.cookie != nil {
            cookie = try Cookie(sio_cookie_options.read(options.cookie, "cookie"))
        }
        headers = try headerFields(options.headers, options.header_count, "headers")
        initialHeaders = try headerFields(options.initial_headers, options.initial_header_count, "initial_headers")
    }

    private mutating func setBuffers(_ options: sio_server_options) throws(Failure) {
        if options.max_buffered_bytes > 0 { maxBufferedBytes = Int(options.max_buffered_bytes) }
        if options.max_buffered_packets > 0 { maxBufferedPackets = Int(options.max_buffered_packets) }
        if options.max_server_buffered_bytes > 0 {
            maxServerBufferedBytes = Int(clamping: options.max_server_buffered_bytes)
        }
        if options.max_pending_emit_bytes > 0 {
            maxPendingEmitBytes = Int(clamping: options.max_pending_emit_bytes)
        }
        if let policy = try OverflowPolicy(options.overflow) { overflowPolicy = policy }
    }

    private mutating func setLimits(_ options: sio_server_options) {
        func set(_ value: UInt32, _ option: WritableKeyPath<ServerOptions, Int>) {
            if value > 0 { self[keyPath: option] = Int(value) }
        }
        set(options.max_connections, \.maxConnections)
        if options.max_connections_per_address > 0 {
            maxConnectionsPerAddress = Int(options.max_connections_per_address)
        }
        if options.max_handshakes_per_second > 0 { maxHandshakesPerSecond = Int(options.max_handshakes_per_second) }
        set(options.max_namespaces_per_connection, \.maxNamespacesPerConnection)
        set(options.max_rooms_per_socket, \.maxRoomsPerSocket)
        set(options.max_pending_acks, \.maxPendingAcks)
        set(options.max_pending_replies, \.maxPendingReplies)
        set(options.max_header_bytes, \.maxHeaderBytes)
        set(options.max_headers, \.maxHeaders)
        set(options.max_json_depth, \.maxJSONDepth)
        if options.request_timeout_ms > 0 { requestTimeout = .milliseconds(Int64(options.request_timeout_ms)) }
    }

    private mutating func setCORS(_ options: sio_server_options) throws(Failure) {
        trustedProxies = try strings(options.trusted_proxies, options.trusted_proxy_count, "trusted_proxies")
        let origins = try strings(options.cors_origins, options.cors_origin_count, "cors_origins")
        if Int(options.flags) & SIO_SERVER_NO_ORIGIN_CHECK != 0 {
            guard origins.isEmpty else {
                throw Failure(SIO_E_ARGUMENT, "Give cors_origins, or SIO_SERVER_NO_ORIGIN_CHECK, which admits all.")
            }
            self.origins = .unchecked
        } else if origins.contains("*") {
            self.origins = .any
        } else if !origins.isEmpty {
            self.origins = .list(origins)
        }
        if let methods = options.cors_methods { corsMethods = try string(methods, "cors_methods") }
        corsAllowedHeaders = try options.cors_allowed_headers.map { (list) throws(Failure) in
            try string(list, "cors_allowed_headers")
        }
        corsExposedHeaders = try options.cors_exposed_headers.map { (list) throws(Failure) in
            try string(list, "cors_exposed_headers")
        }
        if options.cors_max_age_s > 0 { corsMaxAge = .seconds(Int64(options.cors_max_age_s)) }
    }
}

extension OverflowPolicy {
    /// One of SIO_OVERFLOW_...; nil for the default.
    init?(_ number: UInt32) throws(Failure) {
        switch Int(number) {
        case SIO_OVERFLOW_DEFAULT: return nil
        case SIO_OVERFLOW_CLOSE: self = .close
        case SIO_OVERFLOW_DROP_NEWEST: self = .dropNewest
        case SIO_OVERFLOW_DROP_OLDEST: self = .dropOldest
        case SIO_OVERFLOW_COALESCE: self = .coalesce
        default: throw Failure(SIO_E_ARGUMENT, "overflow is none of SIO_OVERFLOW_...")
        }
    }
}

extension PerMessageDeflate {
    init(_ pointer: UnsafePointer<sio_deflate_options>) throws(Failure) {
        self.init()
        let options = try sio_deflate_options.read(pointer, "per_message_deflate")
        let flags = Int(options.flags)
        guard flags & ~(SIO_DEFLATE_SERVER_NO_CONTEXT_TAKEOVER | SIO_DEFLATE_CLIENT_NO_CONTEXT_TAKEOVER) == 0 else {
            throw Failure(SIO_E_ARGUMENT, "flags of per_message_deflate has bits that this version does not know.")
        }
        serverNoContextTakeover = flags & SIO_DEFLATE_SERVER_NO_CONTEXT_TAKEOVER != 0
        clientNoContextTakeover = flags & SIO_DEFLATE_CLIENT_NO_CONTEXT_TAKEOVER != 0
        if options.threshold > 0 { threshold = Int(options.threshold) }
        if options.server_max_window_bits > 0 { serverMaxWindowBits = Int(options.server_max_window_bits) }
        if options.client_max_window_bits > 0 { clientMaxWindowBits = Int(options.client_max_window_bits) }
        if options.level > 0 { level = Int(options.level) }
        if options.mem_level > 0 { memoryLevel = Int(options.mem_level) }
    }
}

extension ServerOptions.Cookie {
    init(_ options: sio_cookie_options) throws(Failure) {
        self.init()
        if let name = options.name { self.name = try string(name, "the name of cookie") }
        if let path = options.path { self.path = try string(path, "the path of cookie") }
        if let domain = options.domain { self.domain = try string(domain, "the domain of cookie") }
        if let expires = options.expires { self.expires = try string(expires, "expires of cookie") }
        if let priority = options.priority {
            self.priority =
                switch try string(priority, "the priority of cookie").lowercased() {
                case "low": .low
                case "medium": .medium
                case "high": .high
                default: throw Failure(SIO_E_ARGUMENT, "The priority of a cookie is \"low\", \"medium\" or \"high\".")
                }
        }
        let flags = Int(options.flags)
        guard
            flags & ~(SIO_COOKIE_NOT_HTTP_ONLY | SIO_COOKIE_SECURE | SIO_COOKIE_PARTITIONED | SIO_COOKIE_HAS_MAX_AGE)
                == 0
        else { throw Failure(SIO_E_ARGUMENT, "flags of cookie has bits that this version does not know.") }
        isHTTPOnly = flags & SIO_COOKIE_NOT_HTTP_ONLY == 0
        isSecure = flags & SIO_COOKIE_SECURE != 0
        isPartitioned = flags & SIO_COOKIE_PARTITIONED != 0
        if flags & SIO_COOKIE_HAS_MAX_AGE != 0 { maxAge = Int(options.max_age_s) }
        sameSite =
            switch Int(options.same_site) {
            case SIO_SAME_SITE_LAX: .lax
            case SIO_SAME_SITE_STRICT: .strict
            case SIO_SAME_SITE_NONE: SameSite.none
            case SIO_SAME_SITE_UNSET: nil
            default: throw Failure(SIO_E_ARGUMENT, "same_site of cookie is none of SIO_SAME_SITE_...")
            }
    }
}

extension sio_recovery_options: CallerStruct {}

extension ConnectionStateRecovery {
    fileprivate init(_ pointer: UnsafePointer<sio_recovery_options>) throws(Failure) {
        let options = try sio_recovery_options.read(pointer, "connection_state_recovery")
        self.init()
        guard Int(options.flags) & ~SIO_RECOVERY_SKIP_MIDDLEWARES == 0 else {
            throw Failure(SIO_E_ARGUMENT, "connection_state_recovery.flags has bits that this version does not know.")
        }
        skipMiddlewares = Int(options.flags) & SIO_RECOVERY_SKIP_MIDDLEWARES != 0
        if options.max_disconnection_ms > 0 {
            maxDisconnectionDuration = .milliseconds(Int64(options.max_disconnection_ms))
        }
        if options.max_sessions > 0 { maxSessions = Int(options.max_sessions) }
        if options.max_bytes > 0 { maxBytes = Int(options.max_bytes) }
    }
}
