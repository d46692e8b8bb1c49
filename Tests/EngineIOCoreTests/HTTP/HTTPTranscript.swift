import Testing

@testable import EngineIOCore

/// What a reader makes of bytes that come in pieces: "POST /a, keeps alive", "body 4a", "end", "error chunk".
func httpTranscript(_ pieces: [[UInt8]]) -> [String] {
    var reader = HTTPRequestReader()
    var lines: [String] = []
    var unread: [UInt8] = []
    var body: [UInt8] = []
    for piece in pieces {
        unread += piece
        var offset = 0
        let isAtEnd = withMemory(unread) { memory -> Bool in
            let bytes = UnsafeRawBufferPointer(memory)
            while true {
                do throws(HTTPRequestError) {
                    switch try reader.next(in: bytes, at: &offset) {
                    case .incomplete: return false
                    case .head(let head): lines.append(describe(head))
                    case .body(let range): body += bytes.slice(range)
                    case .end:
                        if !body.isEmpty { lines.append("body " + String(decoding: body, as: UTF8.self)) }
                        body = []
                        lines.append("end")
                    }
                } catch {
                    lines.append("error \(error)")
                    return true
                }
            }
        }
        if isAtEnd { return lines }
        unread = Array(unread.slice(from: offset))
    }
    if !unread.isEmpty { lines.append("\(unread.count) unread") }
    return lines
}

func httpTranscript(_ text: String) -> [String] { httpTranscript([Array(text.utf8)]) }

private func describe(_ head: HTTPRequestHead) -> String {
    var words = [head.text.method + " " + head.text.target]
    switch head.framing {
    case .length(0): break
    case .length(let length): words.append("\(length) bytes")
    case .chunked: words.append("chunks")
    }
    if !head.keepsAlive { words.append("closes") }
    if head.hasUpgrade { words.append(head.isWebSocketUpgrade ? "WebSocket" : "upgrade") }
    if head.expectsContinue { words.append("continue") }
    return words.joined(separator: ", ")
}
