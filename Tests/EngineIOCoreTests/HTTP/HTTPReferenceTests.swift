import EngineIOCore
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

/// Our reader of requests against NIO's, which is llhttp, Node's.
///
/// It may refuse more, as its own tests say; but what it takes, NIO takes too, and for the same requests: no byte
/// counts as a body here and as a request there.
@Suite struct HTTPReferenceTests {
    private struct Message: Equatable {
        var line: String
        var fields: [String]
        var body: [UInt8] = []
        var isComplete = false
    }

    private struct Reading {
        var messages: [Message] = []
        var error: HTTPRequestError?

        /// Whether nothing is read behind the last message.
        var isOver = false
    }

    private static func changeLast(_ messages: inout [Message], _ change: (inout Message) -> Void) {
        guard let last = messages.indices.last else {
            Issue.record("A body, or an end, came before a head.")
            return
        }
        change(&messages[last])
    }

    /// `pieces` arrive one after the other.
    private func read(_ pieces: [[UInt8]]) -> Reading {
        var reader = HTTPRequestReader()
        var reading = Reading()
        var unread: [UInt8] = []
        // Where they differ about it, we close.
        var closes = false
        for piece in pieces {
            unread += piece
            var offset = 0
            unread.withUnsafeBytes { bytes in
                while true {
                    do throws(HTTPRequestError) {
                        switch try reader.next(in: bytes, at: &offset) {
                        case .incomplete: return
                        case .head(let head):
                            closes = !head.keepsAlive
                            reading.messages.append(
                                Message(
                                    line: "\(head.text.method) \(head.text.target)",
                                    fields: head.text.fields.map { "\($0.name): \($0.value)" }))
                        case .body(let range):
                            Self.changeLast(&reading.messages) { $0.body += bytes.slice(range) }
                        case .end:
                            Self.changeLast(&reading.messages) { $0.isComplete = true }
                            reading.isOver = closes
                            if closes { return }
                        }
                    } catch {
                        reading.error = error
                        return
                    }
                }
            }
            if reading.error != nil || reading.isOver { return reading }
            unread = Array(unread.slice(from: offset))
        }
        return reading
    }

    /// What NIO makes of the same bytes, and whether it found an error in them.
    private func reference(_ bytes: [UInt8]) -> (messages: [Message], isError: Bool) {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        let result = Result { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
        var messages: [Message] = []
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                messages.append(
                    Message(
                        line: "\(head.method) \(head.uri)",
                        fields: head.headers.map { "\($0.name): \(Self.trimmed($0.value))" }))
            case .body(let bytes): Self.changeLast(&messages) { $0.body += Array(buffer: bytes) }
            case .end: Self.changeLast(&messages) { $0.isComplete = true }
            }
        }
        if case .failure = result { return (messages, true) }
        return (messages, false)
    }

    private static func trimmed(_ value: String) -> String {
        let blanks: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let bytes = Array(value.utf8)
        guard let first = bytes.firstIndex(where: { !blanks($0) }), let last = bytes.lastIndex(where: { !blanks($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    private static let methods = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"]

    private static let seeds: [[UInt8]] = [
        "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n40ab",
        "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
        "PUT / HTTP/1.0\r\nConnection: Keep-Alive, x\r\nContent-Length: 11\r\n\r\nGET / HTTP/",
        "OPTIONS * HTTP/1.1\r\nX:\r\nY: \t a b \t\r\nConnection: close\r\n\r\n",
        "PATCH http://a:80/b HTTP/1.1\r\nExpect: 100-continue\r\nOrigin: http://\u{e9}\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let alphabet = Array("\r\n\t :;,=0123aAfFGTxX/*-\u{0}\u{7f}\u{80}\u{e9}".utf8)

    /// Words that change what a request is, to be put in anywhere.
    private static let words = [
        "\r\n", "\n", "\r", "\r\n\r\n", "Content-Length: 0\r\n", "Content-Length: 5\r\n", "content-length:1\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding:identity\r\n", " HTTP/1.1", "HTTP/1.0", "0\r\n\r\n",
        " x\r\n",
        "Connection: close\r\n", "GET / HTTP/1.1\r\n\r\n",
    ].map { Array($0.utf8) }

    private func damaged(_ random: inout SplitMix64) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            bytes += random.mutation(of: Self.seeds, alphabet: Self.alphabet)
        }
        if Bool.random(using: &random), let word = Self.words.randomElement(using: &random) {
            bytes.insert(contentsOf: word, at: Int.random(in: 0...bytes.count, using: &random))
        }
        return bytes
    }

    @Test(arguments: [1, 2, 3, 4])
    private func takesNothingThatNIOReadsOtherwise(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var taken = 0
        for round in 0..<4000 {
            let bytes = damaged(&random)
            let reading = read([bytes])
            // llhttp knows a list of methods, and we know none; it ends where another protocol may begin.
            guard reading.error == nil, reading.messages.allSatisfy(isComparable) else { continue }
            taken += 1
            let text = String(decoding: bytes, as: UTF8.self).debugDescription
            var (messages, isError) = reference(bytes)
            if reading.isOver {
                messages = Array(messages.prefix(reading.messages.count))
            } else if isError {
                // It looks at a head, and at the size of a chunk, before their end.
                #expect(
                    reading.messages.last?.isComplete == false || hasIncompleteHead(bytes), "\(seed), \(round): \(text)"
                )
                continue
            }
            #expect(reading.messages == messages, "seed \(seed), round \(round): \(text)")
        }
        #expect(taken > 400)
    }

    private func isComparable(_ message: Message) -> Bool {
        // llhttp knows more of URLs too.
        Self.methods.contains { method in
            ["/", "*", "http://a:80/b"].contains { message.line.hasPrefix("\(method) \($0)") }
        }
            && !message.fields.contains { $0.lowercased().hasPrefix("upgrade:") }
    }

    /// Whether something follows the requests that could be the start of another one.
    private func hasIncompleteHead(_ bytes: [UInt8]) -> Bool {
        var reader = HTTPRequestReader()
        return bytes.withUnsafeBytes { bytes in
            var offset = 0
            while true {
                guard let part = try? reader.next(in: bytes, at: &offset) else { return false }
                if case .incomplete = part { return offset < bytes.count }
            }
        }
    }

    /// Where the bytes are cut makes no difference.
    @Test(arguments: [5, 6])
    private func readsTheSameInPieces(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for round in 0..<4000 {
            let bytes = damaged(&random)
            let whole = read([bytes])
            var cuts = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                Int.random(in: 0...bytes.count, using: &random)
            }
            cuts = [0] + cuts.sorted() + [bytes.count]
            let pieces = read(zip(cuts, cuts.dropFirst()).map { Array(bytes[$0..<$1]) })
            // A head that comes in pieces is looked at when its end is there, so that an error may still be to come.
            if pieces.error == nil, whole.error != nil {
                #expect(whole.messages == pieces.messages, "seed \(seed), round \(round)")
            } else {
                #expect(pieces.error == whole.error, "seed \(seed), round \(round)")
                #expect(pieces.messages == whole.messages, "seed \(seed), round \(round)")
            }
        }
    }
}
