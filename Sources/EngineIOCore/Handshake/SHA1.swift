/// SHA-1, which the WebSocket handshake asks for. It proves there that a server knows the protocol, and protects
/// nothing: do not use it for anything else.
enum SHA1 {
    /// The hash of the message, big-endian as always.
    static func hash(_ message: UnsafeRawBufferPointer) -> InlineArray<20, UInt8> {
        var state: InlineArray<5, UInt32> = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        // The message, the bit 1, zeros, and the number of bits, in blocks of 64 bytes.
        let size = (message.count &+ 9 &+ 63) / 64 &* 64
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { padded in
            padded.initializeMemory(as: UInt8.self, repeating: 0)
            padded.copyMemory(from: message)
            padded[message.count] = 0x80
            padded.storeBytes(of: (UInt64(message.count) &* 8).bigEndian, toByteOffset: size &- 8, as: UInt64.self)
            var block = 0
            while block < size {
                add(UnsafeRawBufferPointer(rebasing: padded[block..<(block &+ 64)]), to: &state)
                block &+= 64
            }
        }
        return InlineArray { UInt8(truncatingIfNeeded: state[$0 / 4] >> UInt32(24 &- $0 % 4 &* 8)) }
    }

    /// Works a block of 64 bytes into the state.
    private static func add(_ block: UnsafeRawBufferPointer, to state: inout InlineArray<5, UInt32>) {
        func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 &- count) }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { words in
            for index in 0..<16 {
                words[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
            }
            for index in 16..<80 {
                words[index] = rotated(
                    words[index &- 3] ^ words[index &- 8] ^ words[index &- 14] ^ words[index &- 16], 1)
            }
            func round(_ rounds: Range<Int>, _ constant: UInt32, _ mix: (UInt32, UInt32, UInt32) -> UInt32) {
                for index in rounds {
                    let next = rotated(a, 5) &+ mix(b, c, d) &+ e &+ constant &+ words[index]
                    (a, b, c, d, e) = (next, a, rotated(b, 30), c, d)
                }
            }
            round(0..<20, 0x5A82_7999) { $0 & $1 | ~$0 & $2 }
            round(20..<40, 0x6ED9_EBA1) { $0 ^ $1 ^ $2 }
            round(40..<60, 0x8F1B_BCDC) { $0 & $1 | $0 & $2 | $1 & $2 }
            round(60..<80, 0xCA62_C1D6) { $0 ^ $1 ^ $2 }
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
    }
}
