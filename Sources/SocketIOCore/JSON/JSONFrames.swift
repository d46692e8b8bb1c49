/// The arrays and objects that are open, four bits each.
///
/// Fifteen of them are in a register, the innermost in its low bits, which is enough for nearly every text. More go to
/// memory, fifteen at a time: what a text can make us hold is half a byte for a level, up to the limit of the depth.
struct JSONFrames {
    /// Stands below the outermost frame, and is none.
    private static let bottom: UInt64 = 8

    private var nearest = bottom
    private var others: [UInt64] = []
    /// How many levels more may be opened.
    private var room: Int

    init(depth: Int) {
        room = depth
    }

    /// The innermost array or object.
    @inline(__always)
    var innermost: JSONFrame {
        get { JSONFrame(rawValue: UInt8(truncatingIfNeeded: nearest & 15)) }
        set { nearest = nearest & ~15 | UInt64(newValue.rawValue) }
    }

    /// Opens an array or object inside the innermost one. False if it would be nested too deeply.
    @inline(__always)
    mutating func open(_ frame: JSONFrame) -> Bool {
        guard room > 0 else { return false }
        room &-= 1
        if nearest &>> 60 != 0 {
            Self.append(nearest, to: &others)
            nearest = Self.bottom
        }
        nearest = nearest &<< 4 | UInt64(frame.rawValue)
        return true
    }

    /// Closes the innermost one. There is one.
    @inline(__always)
    mutating func close() {
        room &+= 1
        nearest &>>= 4
        if nearest == Self.bottom, !others.isEmpty { nearest = Self.removeLast(from: &others) }
    }

    /// Whether none is open.
    @inline(__always)
    var isEmpty: Bool { nearest == Self.bottom }

    // Not methods of a value: `nearest` would have to be in memory for them.
    @inline(never)
    private static func append(_ frames: UInt64, to others: inout [UInt64]) {
        others.append(frames)
    }

    @inline(never)
    private static func removeLast(from others: inout [UInt64]) -> UInt64 {
        others.popLast() ?? bottom
    }
}
