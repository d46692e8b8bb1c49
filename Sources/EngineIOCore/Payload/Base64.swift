/// Base64 as Node reads and writes it, since Node's reading is what every Socket.IO peer was tested against.
enum Base64 {
    static let standardAlphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    static let urlSafeAlphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /// The size of the text for `count` bytes, padding included.
    static func encodedSize(_ count: Int) -> Int {
        (count / 3 + (count % 3 == 0 ? 0 : 1)) &* 4
    }

    /// Writes the padded text of `bytes` and returns its size; writes nothing, and returns 0, if it does not fit.
    static func encode(
        _ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer, alphabet: StaticString
    ) -> Int {
        guard text.count >= encodedSize(bytes.count) else { return 0 }
        let characters = alphabet.utf8Start
        var read = 0
        var written = 0
        while bytes.count - read >= 3 {
            let group = UInt32(bytes[read]) << 16 | UInt32(bytes[read + 1]) << 8 | UInt32(bytes[read + 2])
            text[written] = characters[Int(group >> 18)]
            text[written + 1] = characters[Int(group >> 12 & 63)]
            text[written + 2] = characters[Int(group >> 6 & 63)]
            text[written + 3] = characters[Int(group & 63)]
            read += 3
            written += 4
        }
        guard read < bytes.count else { return written }
        let hasTwo = bytes.count - read == 2
        let group = UInt32(bytes[read]) << 16 | (hasTwo ? UInt32(bytes[read + 1]) << 8 : 0)
        text[written] = characters[Int(group >> 18)]
        text[written + 1] = characters[Int(group >> 12 & 63)]
        text[written + 2] = hasTwo ? characters[Int(group >> 6 & 63)] : padding
        text[written + 3] = padding
        return written + 4
    }

    /// Decodes `text` over itself and returns the part of it that now holds the bytes.
    ///
    /// Never fails: both alphabets are read, illegal characters are skipped, padding may be missing and ends the text
    /// where it stands. The bytes grow slower than the text is read, so nothing unread is overwritten.
    static func decodeInPlace(_ text: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
        let size = digits.withUnsafeBufferPointer { digits in
            var read = 0
            var written = 0
            while true {
                while text.count - read >= 4 {
                    let first = digits[Int(text[read])]
                    let second = digits[Int(text[read + 1])]
                    let third = digits[Int(text[read + 2])]
                    let fourth = digits[Int(text[read + 3])]
                    guard first | second | third | fourth < 64 else { break }
                    text[written] = first << 2 | second >> 4
                    text[written + 1] = second << 4 | third >> 2
                    text[written + 2] = third << 6 | fourth
                    read += 4
                    written += 3
                }
                // One group with something unusual in it, or the last one.
                var group: UInt32 = 0
                var found = 0
                while found < 4, read < text.count {
                    let character = text[read]
                    if character == padding { break }
                    read += 1
                    let digit = digits[Int(character)]
                    guard digit < 64 else { continue }
                    group = group << 6 | UInt32(digit)
                    found += 1
                }
                // Two digits make one byte, three make two; a single digit is not a byte and is dropped.
                let bytes = found &* 6 / 8
                group <<= UInt32(truncatingIfNeeded: (4 - found) &* 6)
                for index in 0..<bytes {
                    text[written + index] = UInt8(truncatingIfNeeded: group >> (16 - 8 * UInt32(index)))
                }
                written += bytes
                if found < 4 { return written }
            }
        }
        return UnsafeMutableRawBufferPointer(rebasing: text[..<size])
    }

    private static let padding = UInt8(ascii: "=")

    /// The value of each character, 64 for those that are in neither alphabet.
    private static let digits: [UInt8] = {
        var digits = [UInt8](repeating: 64, count: 256)
        for alphabet in [standardAlphabet, urlSafeAlphabet] {
            for value in 0..<64 {
                digits[Int(alphabet.utf8Start[value])] = UInt8(value)
            }
        }
        return digits
    }()
}
