/// The text of a request's head in one piece of memory. Programs that look for fields find them when they ask: most
/// never do, and every session keeps the head that it began with.
public struct HTTPHeadText: Sendable {
    /// A part of the text; empty at its start for one that is not there.
    struct Part: Sendable {
        let start: UInt16
        let count: UInt16

        static var none: Part { Part(0..<0) }

        init(_ range: Range<Int>) {
            start = UInt16(truncatingIfNeeded: range.lowerBound)
            count = UInt16(truncatingIfNeeded: range.count)
        }

        var isThere: Bool { start > 0 }
        var range: Range<Int> { Int(start)..<(Int(start) &+ Int(count)) }
    }

    /// All lines, the empty one behind them included. Checked by ``HTTPHeadParser``.
    private let bytes: [UInt8]
    private let methodSize: UInt16
    private let targetPart: Part

    init(_ bytes: UnsafeRawBufferPointer, methodSize: Int, target: Part) {
        self.bytes = Array(bytes)
        self.methodSize = UInt16(truncatingIfNeeded: methodSize)
        targetPart = target
    }

    /// The name of the method, as it came.
    public var method: String { string(0..<Int(methodSize)) }

    /// The request target, "/socket.io/?EIO=4&transport=polling".
    public var target: String { string(targetPart) }

    /// The target for a line of a log: without the query, which may hold secrets.
    public var loggedPath: String {
        withTarget { LogText.of($0.prefix { $0 != UInt8(ascii: "?") }) }
    }

    public func withTarget<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withBytes(of: targetPart, body)
    }

    /// The header fields in their order; names as they came, values without the blanks around them.
    public var fields: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        forEachField { name, value in
            fields.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        return fields
    }

    /// Calls `body` with the value of each field called `name`, which is in lower case, in their order: for those that
    /// are looked for rarely.
    public func forEachValue(of name: StaticString, _ body: (UnsafeRawBufferPointer) -> Void) {
        forEachField { field, value in
            if HTTPSyntax.equalsIgnoringCase(field, name) { body(value) }
        }
    }

    /// Calls `body` with the name and the value of each field, as above.
    func forEachField(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { bytes in
            // The empty line has no colon: it ends the loop.
            var line = Self.endOfLine(in: bytes, from: 0)
            while let colon = Self.firstOffset(of: UInt8(ascii: ":"), in: bytes, from: line) {
                let end = Self.endOfLine(in: bytes, from: colon)
                let value = HTTPSyntax.trimmed((colon &+ 1)..<max(colon &+ 1, end &- 2), in: bytes)
                body(
                    UnsafeRawBufferPointer(rebasing: bytes[line..<colon]),
                    UnsafeRawBufferPointer(rebasing: bytes[value]))
                line = end
            }
        }
    }

    func string(_ part: Part) -> String { string(part.range) }

    func withBytes<Result>(of part: Part, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[part.range])) }
    }

    private func string(_ range: Range<Int>) -> String {
        bytes.withUnsafeBytes { String(decoding: UnsafeRawBufferPointer(rebasing: $0[range]), as: UTF8.self) }
    }

    /// The offset behind the line that `start` is in.
    private static func endOfLine(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        firstOffset(of: UInt8(ascii: "\n"), in: bytes, from: start).map { $0 &+ 1 } ?? bytes.count
    }

    private static func firstOffset(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        ByteSearch.firstOffset(of: byte, in: UnsafeRawBufferPointer(rebasing: bytes[start...])).map { $0 &+ start }
    }
}
