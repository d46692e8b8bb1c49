import EngineIOCore
import SocketIOTransport
import Synchronization

/// A question for where to connect, and with which header fields, before an attempt. The first answer counts, and one
/// that comes when the attempt is over is dropped.
public final class OpenRequest: Sendable {
    /// What may be another one for each attempt, checked.
    package struct Answer: Sendable {
        /// Whether a Unix socket stands in the place of the URL's host.
        package enum UnixSocket: Sendable {
            case asItWas
            case unused
            case path(String)
        }

        /// nil: it is as it was.
        let url: EngineURL?
        /// nil: they are as they were.
        let headers: [(name: String, value: String)]?
        let unixSocket: UnixSocket

        package init(
            url: String?, headers: [(name: String, value: String)]?, unixSocket: UnixSocket = .asItWas
        ) throws(SocketError) {
            do throws(EngineURL.Mistake) {
                self.url = try url.map { (url) throws(EngineURL.Mistake) in try EngineURL(url) }
            } catch {
                throw SocketError(.argument, error.sentence)
            }
            var options = EngineClientOptions()
            options.headers = headers ?? []
            if let mistake = options.mistake { throw SocketError(.argument, mistake) }
            self.headers = headers
            self.unixSocket = unixSocket
        }
    }

    public let manager: Manager
    /// Which attempt it is since there was a connection; the first is 1.
    public let attempt: Int
    /// Why the last connection or attempt ended; nil: there was none.
    public let lastReason: String?
    private let ticket: UInt64
    private let isAnswered = Atomic<Bool>(false)

    init(_ manager: Manager, attempt: Int, lastReason: String?, ticket: UInt64) {
        self.manager = manager
        self.attempt = attempt
        self.lastReason = lastReason
        self.ticket = ticket
    }

    /// Begins the attempt. What is given counts for those that follow as well; nil: it is as it was. Throws for a URL
    /// that is none, and for header fields that HTTP does not allow; the question is then open still.
    public func open(url: String? = nil, headers: [(name: String, value: String)]? = nil) throws(SocketError) {
        open(try Answer(url: url, headers: headers))
    }

    package func open(_ answer: Answer) {
        give { manager, ticket in manager.open(answer, ticket) }
    }

    /// The attempt has failed, with the code ``ClientFailure/Code/opening``; another follows as after every failure.
    public func fail(_ message: String) {
        give { manager, ticket in manager.openingFailed(ClientFailure(.opening, message), ticket) }
    }

    private func give(_ work: @escaping @Sendable (Manager, UInt64) -> Void) {
        guard isAnswered.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        manager.loop.run { [manager, ticket] in work(manager, ticket) }
    }
}

extension Manager {
    /// Asks `handler` before every attempt to connect, the first included, where to connect, and with which header
    /// fields: for those that change, tokens among them. It answers now or later, from any thread; the attempt waits
    /// for it. The handler takes the place of another; with nil nobody is asked. It runs on the manager's loop.
    public func beforeOpening(_ handler: (@Sendable (OpenRequest) -> Void)?) {
        setOpening(handler)
    }
}
