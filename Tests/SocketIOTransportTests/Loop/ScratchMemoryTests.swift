import Testing

@testable import SocketIOTransport

@Suite struct ScratchMemoryTests {
    @Test(arguments: [0, 1, 16, 4080, 4081, 4096, 100_000, 300_000])
    func lendsWhatIsAskedForAndRoomBehindIt(size: Int) {
        let scratch = ScratchMemory()
        for _ in 0..<2 {
            scratch.withBytes(size) { memory in
                #expect(memory.count == size)
                for index in memory.indices { memory[index] = 1 }
                for index in 0..<ScratchMemory.slack {
                    memory.baseAddress?.storeBytes(of: 2, toByteOffset: size + index, as: UInt8.self)
                }
                #expect(memory.allSatisfy { $0 == 1 })
            }
        }
    }

    @Test func isUsedAgain() {
        let scratch = ScratchMemory()
        let first = scratch.withBytes(100) { UInt(bitPattern: $0.baseAddress) }
        let second = scratch.withBytes(2000) { UInt(bitPattern: $0.baseAddress) }
        #expect(first == second)
    }

    @Test func aUserInsideAnotherHasMemoryOfItsOwn() {
        let scratch = ScratchMemory()
        scratch.withBytes(4) { outer in
            outer.copyBytes(from: [1, 2, 3, 4])
            scratch.withBytes(4) { inner in
                inner.copyBytes(from: [5, 6, 7, 8])
                scratch.withBytes(300_000) { $0[299_999] = 9 }
                #expect(Array(inner) == [5, 6, 7, 8])
            }
            #expect(Array(outer) == [1, 2, 3, 4])
        }
        // It is free again.
        let first = scratch.withBytes(4) { UInt(bitPattern: $0.baseAddress) }
        #expect(scratch.withBytes(4) { UInt(bitPattern: $0.baseAddress) } == first)
    }

    @Test func lendsACopy() {
        let scratch = ScratchMemory()
        let bytes: [UInt8] = [1, 2, 3]
        bytes.withUnsafeBytes { bytes in
            scratch.withCopy(of: bytes) { copy in
                copy[0] = 9
                #expect(Array(copy) == [9, 2, 3])
            }
        }
        #expect(bytes == [1, 2, 3])
        [UInt8]().withUnsafeBytes { bytes in scratch.withCopy(of: bytes) { #expect($0.isEmpty) } }
    }

    /// A message may be copied out of the memory it is delivered from.
    @Test func copiesFromItself() {
        let scratch = ScratchMemory()
        scratch.withBytes(3) { outer in
            outer.copyBytes(from: [1, 2, 3])
            scratch.withCopy(of: UnsafeRawBufferPointer(outer)) { #expect(Array($0) == [1, 2, 3]) }
        }
    }
}
