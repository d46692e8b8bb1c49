/// Lengths as JavaScript counts them: in UTF-16 code units, of text that is UTF-8 here.
enum UTF16Length {
    /// The code units of `text`: one for each character, two for those beyond U+FFFF, whose lead byte is F0 or more.
    static func units(of text: UnsafeRawBufferPointer) -> Int {
        var units = 0
        for byte in text {
            units &+= (byte & 0xC0 == 0x80 ? 0 : 1) &+ (byte >= 0xF0 ? 1 : 0)
        }
        return units
    }

    /// How many bytes the first `units` code units of `text` are; nil if there are not so many, or if the last would be
    /// half a character. Only lead bytes are looked at: the text has to be validated by itself.
    static func bytes(of units: Int, in text: UnsafeRawBufferPointer) -> Int? {
        var left = units
        var offset = 0
        while left > 0 {
            if left >= 8, text.count &- offset >= 8,
                text.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                offset &+= 8
                left &-= 8
                continue
            }
            guard offset < text.count else { return nil }
            let (size, width) =
                switch text[offset] {
                case 0..<0x80: (1, 1)
                case 0x80..<0xE0: (2, 1)
                case 0xE0..<0xF0: (3, 1)
                default: (4, 2)
                }
            guard left >= width, text.count &- offset >= size else { return nil }
            offset &+= size
            left &-= width
        }
        return offset
    }
}
