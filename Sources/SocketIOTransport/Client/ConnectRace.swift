import Glibc
import NIOCore
import NIOPosix

/// Connects to one of several addresses: the next one is tried when one has failed, or has not answered for a quarter
/// of a second; the first that answers wins (RFC 8305).
///
/// SAFETY of `@unchecked Sendable`: used on its loop only.
final class ConnectRace: @unchecked Sendable {
    /// How long an address is alone.
    private static let headStart = TimeAmount.milliseconds(250)
    /// An attempt is given up by who has asked for it.
    private static let never = TimeAmount.hours(24)

    private let loop: EngineLoop
    private let local: SocketAddress?
    private var waiting: ArraySlice<SocketAddress>
    private var channels: [ObjectIdentifier: any Channel] = [:]
    private var running = 0
    private var timer: Scheduled<Void>?
    private var failure: (error: any Error, address: SocketAddress)?
    /// Nil once it was called, or nobody is interested any more.
    private var completion: ((Result<any Channel, EngineClientFailure>) -> Void)?

    /// `local` is where connections come from; nil: wherever the system thinks.
    init(
        to addresses: [SocketAddress], from local: SocketAddress?, on loop: EngineLoop,
        _ completion: @escaping (Result<any Channel, EngineClientFailure>) -> Void
    ) {
        self.loop = loop
        self.local = local
        waiting = addresses[...]
        self.completion = completion
    }

    func start() {
        tryNext()
    }

    /// Nothing comes of it any more.
    func cancel() {
        completion = nil
        stop()
    }

    private func stop() {
        timer?.cancel()
        timer = nil
        waiting = []
        let losers = channels
        channels = [:]
        for channel in losers.values { channel.close(promise: nil) }
    }

    private func tryNext() {
        timer?.cancel()
        timer = nil
        guard completion != nil else { return }
        guard let address = waiting.popFirst() else {
            if running == 0 { lost() }
            return
        }
        running += 1
        if !waiting.isEmpty {
            timer = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.headStart) { self.tryNext() }
        }
        let connecting = SignalDisposition.keepingSIGPIPE {
            var bootstrap = ClientBootstrap(group: loop.eventLoop)
                .connectTimeout(Self.never)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try self.prepare(channel) }
                }
            if let local { bootstrap = bootstrap.bind(to: local) }
            return bootstrap.connect(to: address)
        }
        connecting.assumeIsolated().whenComplete { self.ended($0, address) }
    }

    private func prepare(_ channel: any Channel) throws {
        guard completion != nil else { throw ChannelError.ioOnClosedChannel }
        channels[ObjectIdentifier(channel)] = channel
        if let descriptor = SocketDescriptor.of(channel) { CloseOnExec.set(descriptor) }
        try Listener.setOptions(of: channel, on: loop)
    }

    private func ended(_ result: Result<any Channel, any Error>, _ address: SocketAddress) {
        running -= 1
        switch result {
        case .success(let channel):
            channels[ObjectIdentifier(channel)] = nil
            guard let completion else { return channel.close(promise: nil) }
            self.completion = nil
            stop()
            completion(.success(channel))
        case .failure(let error):
            if failure == nil { failure = (error, address) }
            tryNext()
        }
    }

    private func lost() {
        guard let completion else { return }
        self.completion = nil
        stop()
        let systemError = (failure?.error as? IOError)?.errnoCode ?? 0
        let cause =
            systemError != 0 ? EngineClientFailure.text(of: systemError) : failure.map { "\($0.error)" } ?? "no address"
        let place = failure.map { Self.text(of: $0.address) } ?? "the server"
        let mend =
            if let local, failure == nil || systemError == EADDRNOTAVAIL {
                "connections are to come from \(local.ipAddress ?? "?"): is that an address of this machine, and of the "
                    + "server's kind?"
            } else {
                "does a server listen there, and may this machine reach it?"
            }
        completion(
            .failure(
                EngineClientFailure(
                    .connect, systemError: systemError, "No connection to \(place) (\(cause)): \(mend)")))
    }

    /// "127.0.0.1:3000".
    private static func text(of address: SocketAddress) -> String {
        let host = address.ipAddress ?? "?"
        let port = address.port ?? 0
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
