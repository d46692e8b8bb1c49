/// Which bytes of a body a `Range` field asks for (RFC 9110, section 14.2).
public enum RequestedRange: Equatable, Sendable {
    case whole
    case part(Range<Int>)
    /// All that is asked for lies behind the end.
    case unsatisfiable

    /// What is not understood is ignored, as the RFC wants it, and so are several ranges: nothing but a download
    /// manager asks for them, and answers to many small ones are how a request of a kilobyte becomes work for minutes
    /// (CVE-2011-3192).
    static func parse(_ field: String, size: Int) -> RequestedRange {
        let unit = "bytes="
        guard field.utf8.count > unit.utf8.count, field.prefix(unit.count).lowercased() == unit else { return .whole }
        let bounds = field.utf8.dropFirst(unit.utf8.count)
            .split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        guard bounds.count == 2 else { return .whole }
        if bounds[0].isEmpty {
            guard let count = number(bounds[1]) else { return .whole }
            guard count > 0 else { return .unsatisfiable }
            return size == 0 ? .whole : .part((size &- min(count, size))..<size)
        }
        guard let first = number(bounds[0]), let last = bounds[1].isEmpty ? Int.max : number(bounds[1]), first <= last
        else { return .whole }
        guard first < size else { return .unsatisfiable }
        return .part(first..<(min(last, size &- 1) &+ 1))
    }

    /// A number that is too large is as good as the largest.
    private static func number(_ digits: Substring.UTF8View) -> Int? {
        guard !digits.isEmpty, digits.allSatisfy({ ($0 ^ 0x30) < 10 }) else { return nil }
        return Int(Substring(digits)) ?? .max
    }
}
