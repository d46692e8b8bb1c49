import Glibc
import Synchronization

/// The listening sockets that systemd passes to a service which it starts on demand: the descriptors from 3 on, as
/// `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES` say (sd_listen_fds(3)).
package enum SystemdSockets {
    private static let first: CInt = 3

    /// Those that were handed to a server: nobody gets them twice.
    private static let taken = Mutex<Set<CInt>>([])

    /// Calls `body` with the descriptors of a name, or of all, each once in the life of the process: those that `body`
    /// fails for may be asked for again.
    static func take(named name: String?, _ body: (CInt) throws(ListenError) -> Void) throws(ListenError) -> Int {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        let descriptors = try parse(
            pid: variable("LISTEN_PID"), count: variable("LISTEN_FDS"), names: variable("LISTEN_FDNAMES"),
            wanted: name, process: getpid())
        var number = 0
        for descriptor in descriptors {
            guard taken.withLock({ $0.insert(descriptor).inserted }) else { continue }
            do throws(ListenError) {
                try body(descriptor)
                number += 1
            } catch {
                taken.withLock { _ = $0.remove(descriptor) }
                throw error
            }
        }
        guard number > 0 else {
            throw .state("The sockets of systemd are taken: an earlier call has them.")
        }
        return number
    }

    /// The descriptors that the variables name.
    static func parse(
        pid: String?, count: String?, names: String?, wanted: String?, process: pid_t
    ) throws(ListenError) -> [CInt] {
        guard let pid, let count else {
            throw .state(
                "This process was not started by a socket of systemd: LISTEN_FDS is not set. Start it through a "
                    + ".socket unit, or listen on an address.")
        }
        guard pid_t(pid) == process else {
            throw .state(
                "The sockets of systemd are another process's: LISTEN_PID is \(pid), and this is \(process). Start "
                    + "the program without a shell or another program between (exec).")
        }
        guard let number = CInt(count), (1...65536).contains(number) else {
            throw .state("systemd has passed no socket: LISTEN_FDS is \(count).")
        }
        let descriptors = Array(first..<(first + number))
        guard let wanted else { return descriptors }
        let names = (names ?? "").split(separator: ":", omittingEmptySubsequences: false)
        let found = zip(descriptors, names).filter { $0.1 == wanted }.map(\.0)
        guard !found.isEmpty else {
            throw .argument(
                "systemd has passed no socket \"\(wanted)\", but \(names.joined(separator: ", ")): the name is that "
                    + "of FileDescriptorName= in the .socket unit, or of the unit.")
        }
        return found
    }
}
