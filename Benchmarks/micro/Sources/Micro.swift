import EngineIOCore

/// Measures how quick parsing is: JSON, packets, UTF-8 and WebSocket frames, without a network and without NIO.
///
///     swift run -c release --package-path Benchmarks/micro micro [--check] [WORD...]
///
/// Prints for each case nanoseconds a call and MB/s, the best of several repetitions, and for each hostile input how
/// much longer one of twice the size takes. WORDs choose the cases that have one of them in their name. With --check
/// the exit status is 1 when JSON or packets of ordinary ASCII text (strings of 1 kB and 64 kB, an object of 1 kB) go at
/// less than 1 GB/s, which only a release build is held to, or when a hostile input takes more than in proportion.
@main
struct Micro {
    private var isCheck = false
    private var words: [String] = []
    private var failures: [String] = []

    private static let usage = """
        usage: micro [--check] [WORD...]
        Measures how quick parsing is: all cases, or those with a WORD in their name. With --check the exit
        status is 1 when a speed is below what is promised, or a hostile input costs more than in proportion.
        """

    static func main() {
        var micro = Micro()
        for argument in CommandLine.arguments.dropFirst() {
            switch argument {
            case "--check": micro.isCheck = true
            case "-h", "--help": return print(usage)
            case let option where option.utf8.first == UInt8(ascii: "-"): fail(usage + "\n")
            default: micro.words.append(argument)
            }
        }
        micro.run()
    }

    private mutating func run() {
        let speedCases = SpeedCase.all.filter { isChosen($0.name) }
        let hostileCases = HostileCase.all.filter { isChosen($0.name) }
        guard !speedCases.isEmpty || !hostileCases.isEmpty else { fail("no case has \(words) in its name\n") }
        if !speedCases.isEmpty { measure(speedCases) }
        if !hostileCases.isEmpty { measure(hostileCases) }
        guard isCheck else { return }
        for failure in failures { print("FAILED  \(failure)") }
        guard failures.isEmpty else { fail("") }
        print("ok      \(speedCases.count) speeds and \(hostileCases.count) hostile inputs")
    }

    private func isChosen(_ name: String) -> Bool {
        words.isEmpty || words.contains { name.containsBytes($0) }
    }

    private mutating func measure(_ cases: [SpeedCase]) {
        if Build.isDebug { print("A debug build: its speed means nothing, and is not checked. Add -c release.") }
        print(Row("", "ns a call", "MB/s"))
        for work in cases {
            let (bytes, call) = work.prepare()
            var time = Measurement.nanosecondsPerCall(repetitions: 15, call)
            var speed: Double { Double(bytes) / time * 1000 }
            // Somebody else may have had the machine.
            for _ in 0..<10 where speed < work.floor ?? 0 {
                time = min(time, Measurement.nanosecondsPerCall(repetitions: 15, call))
            }
            print(Row(work.name, decimal(time, digits: 1), decimal(speed)))
            if let floor = work.floor, speed < floor, !Build.isDebug {
                failures.append("\(work.name): \(decimal(speed)) MB/s, and \(decimal(floor)) are promised")
            }
        }
    }

    private mutating func measure(_ cases: [HostileCase]) {
        print(Row("hostile input of \(HostileCase.size / 1000) kB", "us a call", "x for twice"))
        for input in cases {
            let (time, ratio) = input.measure()
            print(Row(input.name, decimal(time / 1000, digits: 1), decimal(ratio, digits: 2)))
            if ratio > HostileCase.allowedRatio {
                failures.append("\(input.name): twice the size takes \(decimal(ratio, digits: 2)) times as long")
            }
        }
    }
}

enum Build {
    static var isDebug: Bool {
        #if DEBUG
        true
        #else
        false
        #endif
    }
}
