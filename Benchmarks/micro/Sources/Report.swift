import Glibc

/// A line of the table.
struct Row: CustomStringConvertible {
    private let columns: [String]

    init(_ name: String, _ first: String, _ second: String) {
        columns = [name, first, second]
    }

    var description: String {
        let name = columns[0] + String(repeating: " ", count: max(48 - columns[0].count, 0))
        return columns.dropFirst().reduce(name) { $0 + String(repeating: " ", count: max(12 - $1.count, 1)) + $1 }
    }
}

func decimal(_ value: Double, digits: Int = 0) -> String {
    let scale = pow(10, Double(digits))
    let scaled = Int((value * scale).rounded())
    guard digits > 0 else { return String(scaled) }
    let fraction = String(scaled % Int(scale))
    return "\(scaled / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
}

func fail(_ message: String) -> Never {
    _ = message.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(1)
}
