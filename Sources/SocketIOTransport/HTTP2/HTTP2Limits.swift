import EngineIOCore
import NIOCore
import NIOHTTP2

/// What one connection of HTTP/2 may ask for. All are NIO's to hold; they are named here so that an update of it changes
/// none of them.
enum HTTP2Limits {
    /// What may wait of the responses of a connection before its next request is begun, and of those of a stream.
    static let responseBytes = 256 * 1024

    static func connection(_ limits: HTTPLimits) -> NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: 100),
            // Of a head, with 32 bytes for each field.
            HTTP2Setting(parameter: .maxHeaderListSize, value: min(16 * 1024, limits.headBytes)),
            // WebSockets over streams (RFC 8441).
            HTTP2Setting(parameter: .enableConnectProtocol, value: 1),
        ]
        // CVE-2019-9518: frames without anything in them. A few are no attack, and a tunnel lives long: they are counted
        // from the last head.
        configuration.maximumSequentialEmptyDataFrames = 100
        // CVE-2019-9512, CVE-2019-9515: pings and settings whose answers nobody reads.
        configuration.maximumBufferedControlFrames = 1000
        configuration.controlFrameRateLimit.maximumCount = 200
        configuration.controlFrameRateLimit.windowLength = .seconds(30)
        // A head in pieces without an end (CONTINUATION flood).
        configuration.maximumSequentialContinuationFrames = 5
        // What the client has sent before it knew of a reset is no error: of all streams, and those that follow.
        configuration.maximumRecentlyResetStreams = 200
        // What breaks a rule of a stream and might be an accident.
        configuration.maximumConnectionGlitches = 200
        configuration.targetWindowSize = 1024 * 1024
        return configuration
    }

    static var stream: NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.targetWindowSize = 64 * 1024 - 1
        configuration.outboundBufferSizeHighWatermark = responseBytes
        configuration.outboundBufferSizeLowWatermark = responseBytes / 4
        // CVE-2023-44487, CVE-2019-9514: streams that are reset as soon as they are opened, by either side.
        configuration.streamResetFrameRateLimit.maximumCount = 200
        configuration.streamResetFrameRateLimit.windowLength = .seconds(30)
        configuration.streamErrorRateLimit.maximumCount = 200
        configuration.streamErrorRateLimit.windowLength = .seconds(30)
        return configuration
    }
}
