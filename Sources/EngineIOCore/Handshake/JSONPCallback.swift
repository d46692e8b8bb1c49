/// Where a JSONP client waits for its answers: `___eio[2]`, for the `j=2` of its query.
public struct JSONPCallback: Equatable, Sendable {
    /// Clients count up from 0.
    public let index: UInt32

    public init(index: UInt32) {
        self.index = index
    }

    /// Reads the value of `j`. All but the digits is left out, since it becomes part of a script; and so is what is too
    /// large to be the index of anything.
    init(_ value: UnsafeRawBufferPointer) {
        var index: UInt32 = 0
        for byte in value where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
            let (product, overflows) = index.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(UInt32(byte &- 0x30))
            if overflows || carries { break }
            index = sum
        }
        self.index = index
    }
}
