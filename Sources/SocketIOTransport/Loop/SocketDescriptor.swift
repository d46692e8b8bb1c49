import NIOCore

/// The descriptor of a channel's socket.
enum SocketDescriptor {
    /// Nil for a channel without one, and for one that is closed. On the channel's loop.
    ///
    /// As `ChannelPipeline.withUnsafeTransportIfAvailable` does, but for its cast to a protocol with an argument, which
    /// takes a tenth of the time in which a connection is opened.
    static func of(_ channel: any Channel) -> CInt? {
        guard let core = channel._channelCore as? any NIOTransportAccessibleChannelCore else { return nil }
        return descriptor(of: core)
    }

    private static func descriptor(of core: some NIOTransportAccessibleChannelCore) -> CInt? {
        try? core.withUnsafeTransport { $0 as? CInt }
    }
}
