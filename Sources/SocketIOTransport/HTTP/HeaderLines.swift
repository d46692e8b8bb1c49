/// Header fields as they are written, made once: "Name: value", each on its line.
package struct HeaderLines: Sendable {
    private(set) var bytes: [UInt8] = []

    package init() {}

    /// The fields are legal: see ``HTTPResponse/isLegalField(name:value:)``.
    package init(_ fields: [(name: String, value: String)]) {
        for (name, value) in fields {
            bytes += name.utf8
            bytes += ": ".utf8
            bytes += value.utf8
            bytes += "\r\n".utf8
        }
    }
}
