import Glibc
import SocketIOServer

/// The Swift server under test, with the vocabulary of server.c.
///
///     BenchmarkServer PORT [THREADS]
@main
struct BenchmarkServer {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().map { Int($0) }
        guard let port = arguments.first ?? nil, let threads = arguments.count > 1 ? arguments[1] : 1 else {
            let usage = "usage: BenchmarkServer PORT [THREADS]\n"
            _ = write(STDERR_FILENO, usage, usage.utf8.count)
            exit(2)
        }
        let stop = StopSignals()
        var options = ServerOptions()
        options.maxHTTPBufferSize = 8_000_000  // above the 1 MB at which the payload curve ends
        let io = try SocketServer(options, threads: threads)
        try serve(io.sockets)
        let namespaces = getenv("BENCH_NAMESPACES").flatMap { Int(String(cString: $0)) } ?? 0
        for index in 0..<namespaces { try serve(io.of("/n\(index)")) }
        var listening = ListenOptions()
        listening.backlog = 4096
        try io.listen(host: "127.0.0.1", port: port, options: listening)
        print("ready on \(io.addresses[0])")
        fflush(nil)
        stop.wait()
        io.close()
        io.wait()
    }

    static func serve(_ namespace: Namespace) throws {
        try namespace.on("echo") { event in
            if let ack = event.ack {
                try? ack.reply(event.args, attachments: event.attachments)
            } else {
                try? event.socket.emit("echo", event.args, attachments: event.attachments)
            }
        }
        try namespace.on("broadcast") { event in
            try? event.socket.namespace.emit("broadcast", event.args, attachments: event.attachments)
        }
        try namespace.on("join") { event in
            if let (prefix, numbers) = nameAndRest(of: event.args) {
                let numbers = numbers.dropLast().split(separator: ",").compactMap { Int($0) }
                if numbers.count == 2 {
                    for number in numbers[0]..<numbers[0] + max(0, numbers[1]) {
                        try? event.socket.join("\(prefix)\(number)")
                    }
                }
            }
            try? event.ack?.reply()
        }
        try namespace.on("room") { event in
            guard let (room, payload) = nameAndRest(of: event.args) else { return }
            try? event.socket.namespace.to(String(room)).emit("room", "[\(payload)", attachments: event.attachments)
        }
    }

    /// The string that a JSON array begins with, and what follows its comma, the array's bracket included. The load
    /// generator's names have no escapes.
    static func nameAndRest(of args: String) -> (name: Substring, rest: Substring)? {
        let parts = args.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "[", parts[2].first == "," else { return nil }
        return (parts[1], parts[2].dropFirst())
    }
}
