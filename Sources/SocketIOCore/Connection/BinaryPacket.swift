/// What the placeholders of a packet stand for, in order; borrowed.
public typealias Attachments = UnsafeBufferPointer<UnsafeRawBufferPointer>

/// A packet whose attachments come behind it, with those that came. The last one need not be kept: it is delivered
/// from where it arrived. Also a packet that is kept whole.
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

    /// A copy of a whole packet.
    init(_ packet: ParsedPacket, text: UnsafeRawBufferPointer, attachments: Attachments) {
        self.init(packet, text: text)
        for attachment in attachments { append(attachment) }
    }

    /// The bytes that it takes.
    var size: Int { bytes.count }

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
        withParts(additional: last, body)
    }

    /// The same for one that has all its attachments.
    public mutating func withParts(_ body: (UnsafeMutableRawBufferPointer, Attachments) -> Void) {
        withParts(additional: nil, body)
    }

    private mutating func withParts(
        additional last: UnsafeRawBufferPointer?, _ body: (UnsafeMutableRawBufferPointer, Attachments) -> Void
    ) {
        let (textSize, ends) = (textSize, ends)
        bytes.withUnsafeMutableBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafeRawBufferPointer.self, capacity: ends.count &+ 1) { attachments in
                var start = textSize &+ 1
                for (index, end) in ends.enumerated() {
                    attachments.initializeElement(at: index, to: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                    start = end
                }
                if let last { attachments.initializeElement(at: ends.count, to: last) }
                let count = last == nil ? ends.count : ends.count &+ 1
                body(
                    UnsafeMutableRawBufferPointer(rebasing: bytes[..<textSize]),
                    Attachments(rebasing: attachments[..<count]))
            }
        }
    }
}
