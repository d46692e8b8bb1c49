import SocketIOHandlers
import Testing

@testable import SocketIOServer

@Suite struct HandleTests {
    private typealias Table = SlotTable<String>

    private static let kinds: [Handle.Kind] = [
        .socket, .reply, .connectRequest, .httpRequest, .server, .runtime, .namespaceRequest, .packetRequest,
        .clientSocket, .clientReply, .manager, .authRequest, .openRequest,
    ]
    private static let loopless: [Handle.Kind] = [.server, .runtime, .manager, .authRequest, .openRequest]

    @Test(arguments: kinds)
    private func goesThereAndBack(kind: Handle.Kind) {
        for loop in Self.loopless.contains(kind) ? [0] : [0, 1, 255] {
            for slot: UInt32 in [0, 1, 0x0FFF_FFFF] {
                for generation: UInt32 in [1, 0x12_3456, 0xFF_FFFF] {
                    let key = Table.Key(slot: slot, generation: generation)
                    let handle = Handle(kind, loop: loop, key)
                    #expect(handle == Handle(rawValue: handle.rawValue))
                    #expect(handle.kind == kind)
                    #expect(handle.loop == loop)
                    #expect(handle.key(of: kind) == key)
                    #expect(handle != Handle.none)
                    for other in Self.kinds where other != kind {
                        let key: Table.Key? = handle.key(of: other)
                        #expect(key == nil)
                    }
                }
            }
        }
    }

    @Test(arguments: loopless)
    private func aServerOrRuntimeBelongsToNoLoop(kind: Handle.Kind) {
        let handle = Handle(kind, loop: 3, Table.Key(slot: 1, generation: 1))
        let key: Table.Key? = handle.key(of: kind)
        #expect(key == nil)
    }

    @Test(arguments: [0, 14 << 60, 15 << 60, 0x0FFF_FFFF_FFFF_FFFF, UInt64.max])
    private func whatIsMadeUpHasNoKind(rawValue: UInt64) {
        let handle = Handle(rawValue: rawValue)
        #expect(handle.kind == nil)
        for kind in Self.kinds {
            let key: Table.Key? = handle.key(of: kind)
            #expect(key == nil)
        }
    }

    @Test func whatDoesNotFitIsCutOff() {
        let handle = Handle(.socket, loop: 256 + 7, slot: .max, generation: .max)
        #expect(handle.kind == .socket)
        #expect(handle.loop == 7)
        #expect(handle.key(of: .socket) == Table.Key(slot: 0x0FFF_FFFF, generation: 0xFF_FFFF))
        #expect(Handle(.socket, loop: -1, slot: 0, generation: 0).loop == 255)
    }

    @Test func madeUpSocketsAreNone() {
        for rawValue: UInt64 in [0, 1 << 60, 1 << 60 | 0xFF << 52, .max, 2 << 60] {
            #expect(SocketLoop.socket(Handle(rawValue: rawValue)) == nil)
        }
    }
}
