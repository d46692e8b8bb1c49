import Glibc
import SocketIOClient

/// A terminal client: prints every event, and sends the lines that are typed as events, until the input ends. It comes
/// back to a server that was away; what is typed meanwhile waits.
///
///     swift run Client http://localhost:3000/ message
@main
struct Client {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let event = arguments.dropFirst().first ?? "message"
        let socket = try io(arguments.first ?? "http://localhost:3000")
        try socket.onAny { event in say("\(event.name) \(event.args)") }
        try socket.onConnect { socket in say("Connected as \(socket.id ?? "nobody").") }
        try socket.onDisconnect { _, disconnection in say("Disconnected: \(disconnection.reason).") }
        try socket.onConnectError { socket, failure in
            say("\(failure)\(socket.active ? " Trying again." : "")")
        }
        socket.connect()
        while let line = readLine() {
            // What is typed is JSON text, or just text.
            do {
                try socket.emit(event, "[\(line)]")
            } catch {
                try socket.emit(event, "[\"\(line.filter { $0 != "\"" && $0 != "\\" })\"]")
            }
        }
        socket.manager.closeAndWait()
    }

    /// At once, into a pipe, too, and while the input is waited for.
    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
}
