/// A pattern for the names of namespaces, "/room-*": a "*" is any number of characters. All others stand for
/// themselves.
struct NamespacePattern: Sendable {
    private let pattern: [UInt8]

    init(_ pattern: String) {
        self.pattern = Array(pattern.utf8)
    }

    /// In time proportional to the product of both lengths at the worst; both are short.
    func matches(_ name: [UInt8]) -> Bool {
        var position = 0
        var next = 0
        /// Behind the last "*", and up to where that one reaches.
        var star: (pattern: Int, name: Int)?
        while position < name.count {
            if next < pattern.count, pattern[next] == UInt8(ascii: "*") {
                next &+= 1
                star = (next, position)
            } else if next < pattern.count, pattern[next] == name[position] {
                next &+= 1
                position &+= 1
            } else if let (behind, reached) = star {
                star = (behind, reached &+ 1)
                next = behind
                position = reached &+ 1
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
