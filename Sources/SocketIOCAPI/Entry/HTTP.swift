import CSocketIO
import SocketIOHandlers
import SocketIOServer

// socketio/http.h

@c @implementation
public func sio_server_serve_files(
    _ server: sio_server, _ prefix: UnsafePointer<CChar>?, _ path: UnsafePointer<CChar>?,
    _ options: UnsafePointer<sio_files_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let server = try Registry.server(server).server
        let prefix = try string(prefix, "prefix")
        guard path != nil else {
            return try translating { () throws(SocketError) in try server.stopServingFiles(at: prefix) }
        }
        let path = try string(path, "path")
        let options = try FileOptions(sio_files_options.read(options, "options"))
        try translating { () throws(SocketError) in try server.serveFiles(at: prefix, from: path, options) }
    }
}

extension FileOptions {
    fileprivate init(_ options: sio_files_options) throws(Failure) {
        self.init()
        guard Int(options.flags) & ~SIO_FILES_HIDDEN == 0 else {
            throw Failure(SIO_E_ARGUMENT, "flags has bits that this version does not know.")
        }
        servesHidden = Int(options.flags) & SIO_FILES_HIDDEN != 0
        if options.index != nil {
            let name = try string(options.index, "index")
            index = name.isEmpty ? nil : name
        }
        if options.cache_control != nil { cacheControl = try string(options.cache_control, "cache_control") }
        if options.content_type != nil { contentType = try string(options.content_type, "content_type") }
    }
}

@c @implementation
public func sio_server_serve_client(_ server: sio_server, _ folder: UnsafePointer<CChar>?) -> sio_status {
    boundary { () throws(Failure) in
        let server = try Registry.server(server).server
        guard folder != nil else { return server.stopServingClient() }
        let folder = try string(folder, "folder")
        try translating { () throws(SocketError) in try server.serveClient(from: folder) }
    }
}

@c @implementation
public func sio_server_on_http(
    _ server: sio_server, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let callback = try callback(fn, context, in: object.runtime)
        let events = Events(object)
        callback.keep(release)
        object.server.onRequest { request in events.deliver(http: request, to: callback) }
    }
}

@c @implementation
public func sio_http_respond(
    _ request: sio_http_request, _ status: Int32, _ headers: UnsafePointer<sio_header>?, _ header_count: Int,
    _ body: sio_bytes
) -> sio_status {
    boundary { () throws(Failure) in
        let fields = try headerFields(headers, header_count, "headers")
        let body = try body.bytes("body")
        try translating { () throws(SocketError) in
            try SizeLimit.check(body.count, "The body")
            try HTTPRequest.check(Int(status), fields)
        }

        let handle = Handle(rawValue: request.id)
        guard let key: SlotTable<HTTPRequest>.Key = handle.key(of: .httpRequest),
            let request = SocketLoop.at(handle.loop)?.httpRequests.withLock({ $0.remove(key) })
        else { throw .handle("HTTP request") }
        try translating { () throws(SocketError) in try request.respond(Int(status), headers: fields, body: body) }
    }
}
