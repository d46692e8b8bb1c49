import Glibc
import SocketIOServer

/// Sends every event back, binary values and all; an event that asks for a reply gets its own arguments as the reply.
///
///     swift run Echo 3000
@main
struct Echo {
    static func main() throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 3000
        let stop = StopSignals()
        let io = try SocketServer()
        io.onAny { event in
            if let ack = event.ack {
                try? ack.reply(event.args, attachments: event.attachments)
            } else {
                try? event.socket.emit(event.name, event.args, attachments: event.attachments)
            }
        }
        try io.listen(port: port)
        print("Echoing on \(io.addresses[0]); Ctrl-C stops.")
        fflush(nil)
        stop.wait()
        io.close()
        io.wait()
    }
}
