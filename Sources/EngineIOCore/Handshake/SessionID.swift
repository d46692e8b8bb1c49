/// The id of an Engine.IO session: 20 characters of the URL-safe base64 alphabet, stored inline.
///
/// Exactly 20, because sticky load balancers, cluster engines and adapters of this ecosystem recognise ids by their
/// length. The id is a secret, since whoever knows it speaks for the session; all of its 120 bits are random, and
/// none of them a counter.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    /// The number of characters, and of bytes, of every id.
    public static var length: Int { 20 }

    // The characters, in the order of memory: as numbers they are compared and hashed at once.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt32

    /// Makes an id of bytes that must come from a cryptographic generator.
    public init(random bytes: InlineArray<15, UInt8>) {
        var characters = InlineArray<20, UInt8>(repeating: 0)
        var text = characters.mutableSpan
        self = text.withUnsafeMutableBytes { text in
            bytes.span.withUnsafeBytes { bytes in
                _ = Base64.encode(bytes, into: text, alphabet: Base64.urlSafeAlphabet)
            }
            return SessionID(characters: UnsafeRawBufferPointer(text))
        }
    }

    /// Makes an id of exactly 15 bytes that must come from a cryptographic generator.
    public init?(random bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 15 else { return nil }
        self.init(random: InlineArray { bytes[$0] })
    }

    /// Reads an id from the wire: exactly 20 legal characters.
    public init?(_ text: UnsafeRawBufferPointer) {
        guard text.count == Self.length, text.allSatisfy(Self.isLegal) else { return nil }
        self.init(characters: text)
    }

    /// Reads an id from a text: exactly 20 legal characters.
    public init?(_ text: String.UTF8View) {
        let id = text.withContiguousStorageIfAvailable { SessionID(UnsafeRawBufferPointer($0)) }
        guard let id = id ?? Array(text).withUnsafeBytes({ SessionID($0) }) else { return nil }
        self = id
    }

    /// `text` has 20 bytes.
    private init(characters text: UnsafeRawBufferPointer) {
        first = text.loadUnaligned(as: UInt64.self)
        second = text.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        third = text.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
    }

    /// Calls `body` with the characters of the id, which live as long as the call.
    public func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.length, alignment: 8) { text in
            text.storeBytes(of: first, as: UInt64.self)
            text.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
            text.storeBytes(of: third, toByteOffset: 16, as: UInt32.self)
            return body(UnsafeRawBufferPointer(text))
        }
    }

    /// A part of it is random enough for a hash: nobody but the generator puts ids into a table.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(first)
    }

    public var description: String {
        withUTF8 { String(decoding: $0, as: UTF8.self) }
    }

    // Bit `n` is set for the character `n`, or `n + 64`: letters, digits, "-", "_".
    private static let lowLegal: UInt64 = 0x03FF_2000_0000_0000
    private static let highLegal: UInt64 = 0x07FF_FFFE_87FF_FFFE

    static func isLegal(_ character: UInt8) -> Bool {
        let set = character < 64 ? lowLegal : character < 128 ? highLegal : 0
        return set &>> UInt64(character & 63) & 1 == 1
    }
}
