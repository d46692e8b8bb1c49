/// What a peer may ask for in one packet.
public struct PacketLimits: Sendable {
    /// How many attachments a packet may announce; 10 is what the reference parser allows.
    public var attachments: Int
    /// How deep the arrays and objects of the payload may be nested; the outermost one counts.
    public var depth: Int

    public init(attachments: Int = 10, depth: Int = JSONValidator.defaultDepth) {
        self.attachments = attachments
        self.depth = depth
    }
}
