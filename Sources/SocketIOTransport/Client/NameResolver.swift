import Glibc
import NIOCore
import Synchronization

/// Finds the addresses of hosts, off the loops.
///
/// Those who ask for the same name at the same time get the same answer: when thousands of clients come back at once,
/// the system is asked once.
enum NameResolver {
    typealias Answer = Result<[SocketAddress], EngineClientFailure>
    private typealias Asker = @Sendable (Answer) -> Void

    private struct Question: Hashable {
        let host: String
        let port: Int
    }

    private static let askers = Mutex<[Question: [Asker]]>([:])

    /// Calls `completion` with the addresses: at once for what is an address, else on the loop, later; never if the
    /// loop ends before.
    static func resolve(
        _ host: String, port: Int, on loop: EngineLoop, _ completion: @escaping @Sendable (Answer) -> Void
    ) {
        if let address = try? SocketAddress(ipAddress: host, port: port) { return completion(.success([address])) }
        let question = Question(host: host, port: port)
        let isFirst = askers.withLock { askers in
            askers[question, default: []].append { answer in loop.post { completion(answer) } }
            return askers[question]?.count == 1
        }
        guard isFirst else { return }
        BackgroundCalls.run {
            let answer = ask(question)
            let waiting = askers.withLock { $0.removeValue(forKey: question) ?? [] }
            for asker in waiting { asker(answer) }
        }
    }

    private static func ask(_ question: Question) -> Answer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var found: UnsafeMutablePointer<addrinfo>?
        var status = getaddrinfo(question.host, String(question.port), &hints, &found)
        if status != 0 {
            // A machine without a network has no address to be configured, and "localhost" all the same.
            hints.ai_flags = 0
            status = getaddrinfo(question.host, String(question.port), &hints, &found)
        }
        let systemError = status == EAI_SYSTEM ? errno : 0
        defer { if let found { freeaddrinfo(found) } }
        var addresses: [SocketAddress] = []
        var next = status == 0 ? found : nil
        while let info = next {
            next = info.pointee.ai_next
            if let address = address(info.pointee), !addresses.contains(address) { addresses.append(address) }
        }
        guard !addresses.isEmpty else {
            let cause = status == 0 ? "it has no address" : String(cString: gai_strerror(status))
            return .failure(
                EngineClientFailure(
                    .resolve, systemError: systemError,
                    "The host \"\(question.host)\" was not found (\(cause)): is the name right, and is there a network?"
                ))
        }
        return .success(interleaved(addresses))
    }

    private static func address(_ info: addrinfo) -> SocketAddress? {
        guard let address = info.ai_addr else { return nil }
        switch info.ai_family {
        case AF_INET: return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
        default: return nil
        }
    }

    /// The system's order, but with the kinds of addresses in turns (RFC 8305, section 4): if one kind does not work
    /// at all, the other is tried soon.
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        let preferred = addresses.filter { $0.protocol == first.protocol }
        let others = addresses.filter { $0.protocol != first.protocol }
        var ordered: [SocketAddress] = []
        for index in 0..<max(preferred.count, others.count) {
            if index < preferred.count { ordered.append(preferred[index]) }
            if index < others.count { ordered.append(others[index]) }
        }
        return ordered
    }
}
