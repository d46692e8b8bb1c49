/// What the placeholders of a packet stand for, in order; borrowed.
public typealias Attachments = UnsafeBufferPointer<UnsafeRawBufferPointer>

/// A packet whose attachments come behind it, with those that came. The last one need not be kept: it is delivered
/// from where it arrived.
public struct BinaryPacket {
    public let packet: ParsedPacket
    private let textSize: Int
    /// The text, a byte behind it, and the attachments.
    private var bytes: [UInt8]
    /// Where in the bytes each attachment ends.
    private var ends: [Int] = []

    init(_ packet: ParsedPacket, text: UnsafeRawBufferPointer) {
        self.packet = packet
        textSize = text.count
        bytes = [UInt8](unsafeUninitializedCapacity: text.count &+ 1) { memory, count in
            UnsafeMutableRawBufferPointer(memory).copyMemory(from: text)
            memory[text.count] = 0
            count = text.count &+ 1
        }
    }

    /// Whether the next attachment is the last.
    var awaitsOne: Bool { ends.count &+ 1 >= packet.header.attachmentCount }

    mutating func append(_ attachment: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: attachment)
        ends.append(bytes.count)
    }

    func withNamespace<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[packet.header.namespace])) }
    }

    /// Calls `body` with the text, which may be changed, as may the byte behind it, and the attachments, of which `last`
    /// is the last.
    public mutating func withParts(
        last: UnsafeRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer, Attachments) -> Void
    ) {
        let (textSize, ends) = (textSize, ends)
        bytes.withUnsafeMutableBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafeRawBufferPointer.self, capacity: ends.count &+ 1) { attachments in
                var start = textSize &+ 1
                for (index, end) in ends.enumerated() {
                    attachments.initializeElement(at: index, to: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                    start = end
                }
                attachments.initializeElement(at: ends.count, to: last)
                body(UnsafeMutableRawBufferPointer(rebasing: bytes[..<textSize]), Attachments(attachments))
            }
        }
    }
}
