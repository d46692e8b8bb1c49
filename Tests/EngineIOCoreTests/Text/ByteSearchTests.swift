import Testing

@testable import EngineIOCore

@Suite struct ByteSearchTests {
    @Test func findsTheFirstOccurrence() {
        for count in 0...40 {
            for target in 0...count {
                // 0x1F and 0x9E differ from 0x1E in one bit; a search by words must not confuse them.
                var bytes: [UInt8] = (0..<count).map { $0 % 2 == 0 ? 0x1F : 0x9E }
                if target < count { bytes[target] = 0x1E }
                if target + 1 < count { bytes[count - 1] = 0x1E }
                let found = withMemory(bytes) { ByteSearch.firstOffset(of: 0x1E, in: UnsafeRawBufferPointer($0)) }
                #expect(found == bytes.firstIndex(of: 0x1E))
            }
        }
    }
}
