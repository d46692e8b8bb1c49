/// What answers tell browsers besides the origin (section 1.9 of the protocol reference, the npm package `cors`).
public struct CORSOptions: Sendable {
    /// Whether pages may send cookies. Has no effect where every origin is allowed.
    public var allowsCredentials: Bool
    /// The methods that a preflight allows.
    public var methods: String
    /// The request headers that a preflight allows; nil for all that it asks about.
    public var allowedHeaders: String?
    /// The response headers that pages may read.
    public var exposedHeaders: String?
    /// For how many seconds browsers may remember a preflight.
    public var maxAge: Int?

    public init(
        allowsCredentials: Bool = false, methods: String = "GET,HEAD,PUT,PATCH,POST,DELETE",
        allowedHeaders: String? = nil, exposedHeaders: String? = nil, maxAge: Int? = nil
    ) {
        self.allowsCredentials = allowsCredentials
        self.methods = methods
        self.allowedHeaders = allowedHeaders
        self.exposedHeaders = exposedHeaders
        self.maxAge = maxAge
    }

    /// What is wrong with them, as a sentence; nil if nothing is.
    public var problem: String? {
        for (list, what) in [
            (methods, "methods"), (allowedHeaders, "allowed headers"), (exposedHeaders, "exposed headers"),
        ] {
            guard let list, !Self.isListOfNames(list) else { continue }
            return "The \(what) of CORS are names with commas between them, \"X-One,X-Two\", or \"*\"."
        }
        return nil
    }

    static func isListOfNames(_ text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy { element in
            HTTPSyntax.isToken(element.drop(while: HTTPSyntax.isBlank).reversed().drop(while: HTTPSyntax.isBlank))
        }
    }
}

/// The CORS headers of answers.
public enum CORSHeaders {
    /// The headers of every answer but a preflight's: successes, errors and the 101 of a WebSocket.
    public static func response(
        to decision: OriginDecision, options: CORSOptions = CORSOptions()
    ) -> [(name: String, value: String)] {
        var headers = common(decision, options: options, varyAlso: nil)
        if case .allowed = decision, let exposed = options.exposedHeaders {
            headers.append(("Access-Control-Expose-Headers", exposed))
        }
        return headers
    }

    /// The headers of the answer to an `OPTIONS` request. A refused origin is not told what would be allowed.
    ///
    /// - Parameter requestedHeaders: the `Access-Control-Request-Headers` header. Reflected only if it is a list of
    ///   header names, so that nothing else can get into an answer.
    public static func preflight(
        to decision: OriginDecision, requestedHeaders: String?, options: CORSOptions = CORSOptions()
    ) -> [(name: String, value: String)] {
        let reflects = options.allowedHeaders == nil
        var headers = common(
            decision, options: options, varyAlso: reflects ? "Access-Control-Request-Headers" : nil)
        if case .allowed = decision {
            headers.append(("Access-Control-Allow-Methods", options.methods))
            let requested = requestedHeaders.flatMap { CORSOptions.isListOfNames($0) ? $0 : nil }
            if let allowed = options.allowedHeaders ?? requested, !allowed.isEmpty {
                headers.append(("Access-Control-Allow-Headers", allowed))
            }
            if let maxAge = options.maxAge {
                headers.append(("Access-Control-Max-Age", String(maxAge)))
            }
        }
        headers.append(("Content-Length", "0"))
        return headers
    }

    /// The origin, the credentials and what the answer depends on.
    private static func common(
        _ decision: OriginDecision, options: CORSOptions, varyAlso: String?
    ) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        var vary: [String] = []
        switch decision {
        case .noOrigin:
            break
        case .allowed(let origin, let varies):
            headers.append(("Access-Control-Allow-Origin", origin))
            // Browsers refuse credentials for `*`; naming the origin instead would open them to every page.
            if options.allowsCredentials, origin != "*" {
                headers.append(("Access-Control-Allow-Credentials", "true"))
            }
            if varies { vary.append("Origin") }
            if let varyAlso { vary.append(varyAlso) }
        case .refused:
            vary.append("Origin")
        }
        if !vary.isEmpty {
            headers.append(("Vary", vary.joined(separator: ", ")))
        }
        return headers
    }
}
