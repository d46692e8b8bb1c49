/// What has to be known of a JSON text before it can be written as MessagePack, where the size of an array or object
/// stands before it: how many elements each has, and which objects are placeholders.
struct JSONOutline {
    enum Container {
        /// How many elements, or members.
        case count(Int)
        /// The placeholder of an attachment; the text goes on at `end`, and the containers at `next`.
        case attachment(Int, end: Int, next: Int)
    }

    /// In the order in which they begin.
    private(set) var containers: [Container] = []
    /// Values that are in no array or object.
    private(set) var topCount = 0

    private struct Open {
        let position: Int
        var count = 0
        var frame: JSONFrame
        /// Where the last member `num` is.
        var number = 0
    }

    /// With attachments, placeholders are told from other objects by the same rule that validated them.
    init(of text: ByteView, attachments: Int) {
        var tokens = JSONTokens(text)
        var open: [Open] = []
        while let token = tokens.next() {
            switch token {
            case .end:
                guard let closed = open.popLast() else { return }
                if closed.frame.contains([.placeholder, .index]) {
                    containers[closed.position] = .attachment(
                        Self.number(at: closed.number, in: text), end: tokens.offset, next: containers.count)
                } else {
                    containers[closed.position] = .count(closed.count)
                }
            case .key(let key, let value):
                guard attachments > 0, !open.isEmpty else { continue }
                open[open.count &- 1].frame.note(key, valueAt: value, in: text, attachments: attachments)
                if key.isEqual(to: "num", in: text) { open[open.count &- 1].number = value }
            case .array, .object, .string, .number, .bool, .null:
                if open.isEmpty { topCount &+= 1 } else { open[open.count &- 1].count &+= 1 }
                switch token {
                case .array: begin(.array, &open)
                case .object: begin(.object, &open)
                default: break
                }
            }
        }
    }

    /// How many bytes the attachments make, where placeholders stand for them.
    func size(of attachments: [UnsafeRawBufferPointer]) -> Int {
        containers.reduce(0) { size, container in
            guard case .attachment(let index, _, _) = container, attachments.indices.contains(index) else {
                return size
            }
            let (sum, overflows) = size.addingReportingOverflow(attachments[index].count)
            return overflows ? .max : sum
        }
    }

    private mutating func begin(_ frame: JSONFrame, _ open: inout [Open]) {
        open.append(Open(position: containers.count, frame: frame))
        containers.append(.count(0))
    }

    /// The index of an attachment, which is below their number.
    private static func number(at start: Int, in text: ByteView) -> Int {
        var offset = start
        var value = 0
        while ASCII.isDigit(text.byte(at: offset)) {
            value = value &* 10 &+ Int(text.byte(at: offset) &- ASCII.zero)
            offset &+= 1
        }
        return value
    }
}
