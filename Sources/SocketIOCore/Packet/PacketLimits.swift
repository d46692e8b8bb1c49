/// What a peer may ask for in one packet.
public struct PacketLimits: Sendable {
    /// How many attachments a packet may announce; 10 is what the reference parser allows.
    public var attachments: Int
    /// How deep the arrays and objects of the payload may be nested; the outermost one counts.
    public var depth: Int

    /// Whether a DISCONNECT packet may have a payload: servers in Python say why in it.
    public var disconnectMayHavePayload: Bool

    public init(
        attachments: Int = 10, depth: Int = JSONValidator.defaultDepth, disconnectMayHavePayload: Bool = false
    ) {
        self.attachments = attachments
        self.depth = depth
        self.disconnectMayHavePayload = disconnectMayHavePayload
    }
}
