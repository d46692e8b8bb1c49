import Glibc

/// Keeps descriptors from the programs that the host program starts: NIO makes some without the flag.
enum CloseOnExec {
    static func set(_ descriptor: CInt) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Sets the flag on the epoll descriptors that `body` makes.
    static func coveringEpoll<Result>(_ body: () -> Result) -> Result {
        let before = epollDescriptors()
        let result = body()
        for descriptor in epollDescriptors().subtracting(before) { set(descriptor) }
        return result
    }

    private static func epollDescriptors() -> Set<CInt> {
        guard let directory = opendir("/proc/self/fd") else { return [] }
        defer { closedir(directory) }
        var found: Set<CInt> = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let descriptor = CInt(name) else { continue }
            var target = [CChar](repeating: 0, count: 64)
            let length = readlink("/proc/self/fd/\(name)", &target, target.count)
            let text = target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
            if text.elementsEqual("anon_inode:[eventpoll]".utf8) { found.insert(descriptor) }
        }
        return found
    }
}
