import Glibc
import Synchronization

/// What the process does on SIGPIPE, to be kept as it is.
///
/// NIO ignores the signal for the whole process when it makes its first socket, which is not a library's to decide:
/// a program may count on it. The threads of the loops block all signals, so nothing is lost by restoring it.
enum SignalDisposition {
    private static let lock = Mutex<Void>(())

    static func keepingSIGPIPE<Result>(_ body: () -> Result) -> Result {
        lock.withLock { _ in
            var action = sigaction()
            sigaction(SIGPIPE, nil, &action)
            defer { sigaction(SIGPIPE, &action, nil) }
            return body()
        }
    }
}
