import CSocketIO

/// A function of the application's with its context. Its end is the end of the registration: `release` is called
/// once, when nothing holds it any more, on whatever thread that is.
final class Callback: @unchecked Sendable {
    // SAFETY: constants; what the context points to is the application's to protect.
    private let function: sio_event_fn?
    let context: UnsafeMutableRawPointer?
    private var release: sio_release_fn?

    init(_ function: sio_event_fn?, _ context: UnsafeMutableRawPointer?) {
        self.function = function
        self.context = context
    }

    deinit {
        guard let release else { return }
        CallbackDepth.inside { release(context) }
    }

    /// From now on the context is the library's. A registration that fails never gets here.
    func keep(_ release: sio_release_fn?) {
        self.release = release
    }

    /// Whether it is this function with this context.
    func isOf(_ function: sio_event_fn?, _ context: UnsafeMutableRawPointer?) -> Bool {
        // A C function's pointer is its identity.
        self.context == context
            && unsafeBitCast(self.function, to: UInt.self) == unsafeBitCast(function, to: UInt.self)
    }

    /// On an event loop, which says by itself that this thread must not wait; see ``CallbackDepth``.
    func callOnLoop(_ event: UnsafePointer<sio_event>) {
        function?(event, context)
    }

    /// On any thread.
    func call(_ event: UnsafePointer<sio_event>) {
        guard let function else { return }
        CallbackDepth.inside { function(event, context) }
    }
}
