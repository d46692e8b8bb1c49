/// Writes metrics as the text of OpenMetrics 1.0, which Prometheus and its relatives read.
public struct OpenMetricsText {
    public static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    public enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    /// A name and a value, in order.
    public typealias Labels = [(name: String, value: String)]

    private var text = ""
    private var name = ""
    private var kind = Kind.gauge

    public init() {}

    /// Begins a family: its samples follow. `unit` is the end of the name, if there is one.
    public mutating func family(_ name: String, _ kind: Kind, unit: String = "", help: String) {
        self.name = name
        self.kind = kind
        text += "# TYPE \(name) \(kind.rawValue)\n"
        if !unit.isEmpty { text += "# UNIT \(name) \(unit)\n" }
        text += "# HELP \(name) \(Self.escaped(help))\n"
    }

    /// A sample of the family, a gauge or a counter.
    public mutating func sample(_ value: UInt64, _ labels: Labels = []) {
        write(kind == .counter ? "_total" : "", labels, String(value))
    }

    /// A gauge of a duration, in seconds.
    public mutating func sample(microseconds: UInt64, _ labels: Labels = []) {
        write("", labels, Self.seconds(microseconds))
    }

    /// A histogram of the family.
    public mutating func histogram(_ histogram: DurationHistogram, _ labels: Labels = []) {
        var sum: UInt64 = 0
        let ends = DurationBuckets.bounds.map(\.seconds) + ["+Inf"]
        for (end, count) in zip(ends, histogram.counts) {
            sum &+= count
            write("_bucket", labels + [("le", end)], String(sum))
        }
        write("_sum", labels, Self.seconds(histogram.microseconds))
        write("_count", labels, String(sum))
    }

    /// All that was written, and the end.
    public consuming func finished() -> String { text + "# EOF\n" }

    private mutating func write(_ suffix: String, _ labels: Labels, _ value: String) {
        text += name + suffix
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    private static func seconds(_ microseconds: UInt64) -> String {
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
