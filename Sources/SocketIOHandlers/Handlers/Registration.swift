/// One handler that was registered, by which it can be taken back: with `off` of whatever it was registered at.
public final class Registration: Sendable {
    /// What a layer above knows it by.
    public let origin: (any AnyObject & Sendable)?

    public init() { origin = nil }

    public init(origin: any AnyObject & Sendable) { self.origin = origin }
}

/// How a handler is registered.
public struct ListenerOptions: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// It is called once, and taken back before that call.
    public static let once = ListenerOptions(rawValue: 1)
    /// It is called before those that are there already.
    public static let first = ListenerOptions(rawValue: 2)
}
