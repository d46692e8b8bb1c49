import EngineIOCore

/// Compression of WebSocket messages, permessage-deflate (RFC 7692), for clients that offer it.
///
/// It costs time, and memory: a connection keeps about 2^(window bits + 2) + 2^(memory level + 9) bytes from the first
/// message that is compressed for it on, and 2^(window bits) from the first one that it sends compressed; with the
/// defaults 320 kB were measured. With no context takeover in a direction it keeps nothing for it, and messages become
/// somewhat larger.
///
/// Messages that hold a secret beside what an attacker can choose should not be compressed: their size tells about the
/// secret.
public struct PerMessageDeflate: Sendable, Equatable {
    /// Whether each message to a client is compressed for itself.
    public var serverNoContextTakeover = false
    /// Whether clients have to compress each message for itself.
    public var clientNoContextTakeover = false
    /// The base-two logarithm of the window that messages to a client refer back to: 9 to 15.
    public var serverMaxWindowBits = 15
    /// The same for messages from clients. Below 15, clients that cannot be told so get no compression.
    public var clientMaxWindowBits = 15
    /// Smaller messages, in bytes, go as they are.
    public var threshold = 1024
    /// 1, fast, to 9, small; nil: zlib's own, 6.
    public var level: Int?
    /// How much memory compressing may take for speed and size: 1 to 9.
    public var memoryLevel = 8

    public init() {}

    /// What is wrong with the values; nil: nothing.
    var mistake: String? {
        if !DeflateOptions.windowBits.contains(serverMaxWindowBits)
            || !DeflateOptions.windowBits.contains(clientMaxWindowBits)
        {
            return "A window of permessage-deflate has 9 to 15 bits."
        }
        if let level, !(1...9).contains(level) { return "The level of permessage-deflate is 1 to 9." }
        if !(1...9).contains(memoryLevel) { return "The memory level of permessage-deflate is 1 to 9." }
        return nil
    }

    var engine: DeflateOptions {
        var options = DeflateOptions()
        options.serverNoContextTakeover = serverNoContextTakeover
        options.clientNoContextTakeover = clientNoContextTakeover
        options.serverMaxWindowBits = serverMaxWindowBits
        options.clientMaxWindowBits = clientMaxWindowBits
        options.threshold = threshold
        options.level = level
        options.memLevel = memoryLevel
        return options
    }
}
