/// The id of an Engine.IO session: 20 characters of the URL-safe base64 alphabet, stored inline.
///
/// Exactly 20, because sticky load balancers, cluster engines and adapters of this ecosystem recognise ids by their
/// length. The id is a secret, since whoever knows it speaks for the session; all of its 120 bits are random, and
/// none of them a counter.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    /// The number of characters, and of bytes, of every id.
    public static let length = 20

    private let characters: InlineArray<20, UInt8>

    /// Makes an id of bytes that must come from a cryptographic generator.
    public init(random bytes: InlineArray<15, UInt8>) {
        var characters = InlineArray<20, UInt8>(repeating: 0)
        var text = characters.mutableSpan
        text.withUnsafeMutableBytes { text in
            bytes.span.withUnsafeBytes { bytes in
                _ = Base64.encode(bytes, into: text, alphabet: Base64.urlSafeAlphabet)
            }
        }
        self.characters = characters
    }

    /// Makes an id of exactly 15 bytes that must come from a cryptographic generator.
    public init?(random bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 15 else { return nil }
        self.init(random: InlineArray { bytes[$0] })
    }

    /// Reads an id from the wire: exactly 20 legal characters.
    public init?(_ text: some Collection<UInt8>) {
        var characters = InlineArray<20, UInt8>(repeating: 0)
        var count = 0
        for character in text {
            guard count < Self.length, Self.isLegal(character) else { return nil }
            characters[count] = character
            count += 1
        }
        guard count == Self.length else { return nil }
        self.characters = characters
    }

    /// Calls `body` with the characters of the id, which live as long as the call.
    public func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        characters.span.withUnsafeBytes { body($0) }
    }

    public var description: String {
        withUTF8 { String(decoding: $0, as: UTF8.self) }
    }

    public static func == (left: SessionID, right: SessionID) -> Bool {
        left.withUTF8 { left in right.withUTF8 { left.elementsEqual($0) } }
    }

    public func hash(into hasher: inout Hasher) {
        withUTF8 { hasher.combine(bytes: $0) }
    }

    private static func isLegal(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
