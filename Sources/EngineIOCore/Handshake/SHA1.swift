/// SHA-1, which the WebSocket handshake asks for. It proves there that a server knows the protocol, and protects
/// nothing: do not use it for anything else.
enum SHA1 {
    /// The hash of the message, big-endian as always.
    static func hash(_ message: UnsafeRawBufferPointer) -> InlineArray<20, UInt8> {
        var state: InlineArray<5, UInt32> = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var words = InlineArray<80, UInt32>(repeating: 0)
        // The message, the bit 1, zeros, and the number of bits, in blocks of 64 bytes.
        for block in 0..<((message.count &+ 9 &+ 63) / 64) {
            for index in 0..<16 {
                var word: UInt32 = 0
                for byte in 0..<4 {
                    word = word << 8 | UInt32(padded(message, at: block &* 64 &+ index &* 4 &+ byte))
                }
                words[index] = word
            }
            if block == (message.count &+ 8) / 64 {
                let bits = UInt64(message.count) &* 8
                words[14] = UInt32(truncatingIfNeeded: bits >> 32)
                words[15] = UInt32(truncatingIfNeeded: bits)
            }
            add(&words, to: &state)
        }
        return InlineArray { UInt8(truncatingIfNeeded: state[$0 / 4] >> UInt32(24 &- $0 % 4 &* 8)) }
    }

    private static func padded(_ message: UnsafeRawBufferPointer, at offset: Int) -> UInt8 {
        offset < message.count ? message[offset] : offset == message.count ? 0x80 : 0
    }

    /// Works a block, the first 16 of `words`, into the state.
    private static func add(_ words: inout InlineArray<80, UInt32>, to state: inout InlineArray<5, UInt32>) {
        func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 &- count) }
        for index in 16..<80 {
            words[index] = rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1)
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let (mixed, constant): (UInt32, UInt32) =
                switch index {
                case 0..<20: (b & c | ~b & d, 0x5A82_7999)
                case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case 40..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = rotated(a, 5) &+ mixed &+ e &+ constant &+ words[index]
            (a, b, c, d, e) = (next, a, rotated(b, 30), c, d)
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
    }
}
