import EngineIOCore
import SocketIOTransport

@testable import SocketIOClient

/// The server's part of a walk.
extension Walk {
    /// What the server knows.
    final class Engine: ClientEngine {
        /// Behind its end nobody is told anything.
        weak let walk: Walk?
        var delegate: (any EngineClientDelegate)?
        var isOpen = false
        var asked: Set<String> = []
        var joined: Set<String> = []
        var acks: [(String, String)] = []
        var isLeaving = false
        var transport: Transport { .webSocket }
        var canSendNow = true
        var bufferedBytes = 0
        init(_ walk: Walk?, _ delegate: any EngineClientDelegate) {
            self.walk = walk
            self.delegate = delegate
        }
        func open() { walk?.tell("engine opens") }
        func send(text size: Int, compresses: Bool, _ encode: (UnsafeMutableRawBufferPointer) -> Int) {
            withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { memory in
                let count = encode(memory)
                guard (0...size).contains(count) else {
                    walk?.breaks("wrote \(count) bytes of \(size)")
                    return
                }
                sent(String(decoding: memory[..<count], as: UTF8.self))
            }
        }
        func send(binary bytes: UnsafeRawBufferPointer, compresses: Bool) {}
        func send(_ packet: EnginePacket) {
            let payload = payload(ofFrame: packet.frame.readableBytesView)
            if !packet.isBinary { sent(String(decoding: payload.dropFirst(), as: UTF8.self)) }
        }
        func sent(_ text: String) {
            walk?.tell("> \(text)")
            if delegate == nil || isLeaving {
                walk?.breaks("sent after the end: \(text)")
                return
            }
            guard let type = text.first else { return }
            var rest = text.dropFirst()
            var name = "/"
            if rest.first == "/" {
                let end = rest.firstIndex(of: ",") ?? rest.endIndex
                name = String(rest[..<end])
                rest = rest[end...].dropFirst()
            }
            switch type {
            case "0":
                if !isOpen { walk?.breaks("asked before open") }
                if asked.contains(name) || joined.contains(name) { walk?.breaks("asked twice for \(name)") }
                asked.insert(name)
            case "1":
                if joined.remove(name) == nil { walk?.breaks("left \(name), which it is not in") }
            case "2", "3":
                if !joined.contains(name) { walk?.breaks("sent \(text), and is not in") }
                let id = rest.prefix { $0.isNumber }
                if type == "2", !id.isEmpty { acks.append((name, String(id))) }
            default: walk?.breaks("sent \(text)")
            }
        }
        func close() {
            walk?.tell("engine closes")
            isLeaving = true
            // Ends now, or later.
            if walk?.random(2) == 0 { ends(.forcedClose) }
        }
        func abort() {
            walk?.tell("engine aborts")
            ends(.forcedClose)
        }
        func ends(_ reason: CloseReason, _ failure: EngineClientFailure? = nil) {
            guard let delegate else { return }
            self.delegate = nil
            walk?.tell("engine ends \(reason.rawValue)")
            delegate.closed(EngineClientEnd(reason: reason, failure: failure))
        }
        func says(_ text: String) {
            guard let delegate else { return }
            walk?.tell("< \(text)")
            let bytes = Array(text.utf8)
            withUnsafeTemporaryAllocation(byteCount: bytes.count + 1, alignment: 1) { memory in
                memory.copyBytes(from: bytes)
                delegate.received(text: UnsafeMutableRawBufferPointer(rebasing: memory[..<bytes.count]))
            }
        }
        func says(binary bytes: [UInt8]) {
            guard let delegate else { return }
            walk?.tell("< \(bytes)")
            withUnsafeTemporaryAllocation(byteCount: bytes.count + 1, alignment: 1) { memory in
                memory.copyBytes(from: bytes)
                delegate.received(binary: UnsafeMutableRawBufferPointer(rebasing: memory[..<bytes.count]))
            }
        }
    }

    func server() {
        guard let engine = engines.all.last(where: { $0.delegate != nil }) else { return }
        guard engine.isOpen else {
            if random(4) == 0 {
                engine.ends(.transportError, EngineClientFailure(.connect, "no"))
            } else {
                tell("opened")
                engine.isOpen = true
                engine.delegate?.opened(ClientHandshake(sid: "s", transport: .webSocket))
            }
            return
        }
        let names = ["/", "/a", "/b"]
        let name = names[random(3)]
        let prefix = name == "/" ? "" : name + ","
        switch random(16) {
        case 0..<6:
            guard let asked = engine.asked.sorted().first else { return }
            let prefix = asked == "/" ? "" : asked + ","
            engine.asked.remove(asked)
            switch random(6) {
            case 0: engine.says("4\(prefix){\"message\":\"no\"}")
            case 1:
                engine.says("2\(prefix)[\"early\"]")
                engine.asked.insert(asked)
            default:
                engine.joined.insert(asked)
                engine.says("0\(prefix){\"sid\":\"i\",\"pid\":\"p\"}")
            }
        case 6: if engine.joined.contains(name) { engine.says("2\(prefix)7[\"y\",\"o1\"]") }
        case 7:
            if engine.joined.contains(name) {
                engine.says("51-\(prefix)[\"y\",{\"_placeholder\":true,\"num\":0}]")
                switch random(4) {
                case 0: engine.ends(.transportClose)
                case 1: engine.says("2[\"z\"]")
                default: engine.says(binary: [1])
                }
            }
        case 8: if random(3) == 0, engine.joined.remove(name) != nil { engine.says("1\(prefix)") }
        case 9: if random(3) == 0 { engine.ends(.transportClose, EngineClientFailure(.lost, "gone")) }
        case 10: if random(4) == 0 { engine.says("9") }
        case 11..<14:
            guard !engine.acks.isEmpty else { return }
            let (name, id) = engine.acks.remove(at: random(engine.acks.count))
            let prefix = name == "/" ? "" : name + ","
            if engine.joined.contains(name) { engine.says("3\(prefix)\(id)[]") }
        case 14: engine.bufferedBytes = random(2) * 5_000_000
        default:
            engine.bufferedBytes = 0
            engine.delegate?.drained()
        }
    }
}
