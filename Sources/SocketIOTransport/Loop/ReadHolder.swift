import NIOCore

/// A connection whose next read is held back while it must not be made: all reading is paused, or the connection has a
/// reason of its own. On its loop.
protocol ReadHolder: AnyObject {
    var loop: EngineLoop { get }
    var context: ChannelHandlerContext? { get }
    /// Whether a read was asked for, and held back.
    var isReadHeld: Bool { get set }
    /// Whether the connection itself has to wait. Who ends that calls ``readHeld()``.
    var mustWait: Bool { get }
}

extension ReadHolder {
    var mustWait: Bool { false }

    /// What a handler does when it is asked to read.
    func readOrHold(_ context: ChannelHandlerContext) {
        if mustWait {
            isReadHeld = true
        } else if loop.isReadingPaused {
            isReadHeld = true
            loop.holdRead(of: self)
        } else {
            context.read()
        }
    }

    /// Makes the read that was held back, unless there is a reason left to wait.
    func readHeld() {
        guard isReadHeld, !mustWait, let context else { return }
        if loop.isReadingPaused { return loop.holdRead(of: self) }
        isReadHeld = false
        context.read()
    }
}
