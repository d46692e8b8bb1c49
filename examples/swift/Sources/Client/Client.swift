import SocketIOClient

/// A terminal client: prints every event, and sends the lines that are typed as events, until the input ends.
///
///     swift run Client http://localhost:3000/ message
@main
struct Client {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let socket = try io(arguments.first ?? "http://localhost:3000")
        let event = arguments.dropFirst().first ?? "message"
        try socket.onDisconnect { _, disconnection in print("Disconnected: \(disconnection.reason)") }
        try socket.onConnectError { socket, failure in
            print("\(failure)\(socket.active ? " Trying again." : "")")
        }
        let events = try socket.events()
        let printing = Task {
            for await event in events { print("\(event.name) \(event.args)") }
        }
        try await socket.connectAndWait()
        print("Connected as \(socket.id ?? "nobody").")
        while let line = readLine() {
            // What is typed is JSON text, or a word.
            do {
                try socket.emit(event, "[\(line)]")
            } catch {
                try socket.emit(event, "[\"\(line.filter { $0 != "\"" && $0 != "\\" })\"]")
            }
        }
        socket.manager.close()
        await printing.value
    }
}
