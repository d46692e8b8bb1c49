import Glibc

/// Ctrl-C and SIGTERM: blocked from the moment this is made, so that `wait` gets them. Make it before any thread.
struct StopSignals {
    private var signals = sigset_t()

    init() {
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Blocks until one has come.
    func wait() {
        var signals = signals
        var number: CInt = 0
        sigwait(&signals, &number)
    }
}
