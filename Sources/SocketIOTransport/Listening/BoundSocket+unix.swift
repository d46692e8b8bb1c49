import Glibc

/// Unix sockets.
extension BoundSocket {
    /// `path` is a file's, or "@" and the name of a socket that has none ("abstract"): it ends with the process, and
    /// every user of the machine may connect.
    static func bindUnix(_ path: String, _ options: ListenOptions) throws(ListenError) -> BoundSocket {
        let name = "unix:\(path)"
        let isAbstract = path.utf8.first == UInt8(ascii: "@")
        guard !isAbstract || (options.unixMode == nil && options.unixOwner == nil && options.unixGroup == nil) else {
            throw .argument("\(name) has no file: leave out mode, owner and group.")
        }
        guard options.device == nil, options.keepAlive == nil, options.linger == nil else {
            throw .argument("Device, keep-alive and linger are of TCP: \(name) is a Unix socket.")
        }
        let owner = try UnixOwner(user: options.unixOwner, group: options.unixGroup)
        var (address, length) = try socketAddress(path)
        if !isAbstract { removeDeadSocket(path, address) }

        let descriptor = try open(AF_UNIX, name)
        do throws(ListenError) {
            let result = withAddress(&address) { Glibc.bind(descriptor, $0, length) }
            guard result == 0 else { throw failure(errno, name) }
            do throws(ListenError) {
                // Before it listens: until then nobody can connect.
                if let mode = options.unixMode, chmod(path, mode_t(mode)) != 0 { throw failure(errno, name) }
                try owner.apply(to: path)
                try listen(descriptor, name, options)
            } catch {
                if !isAbstract { unlink(path) }
                throw error
            }
            let address = BoundAddress(host: path, port: 0, isUnix: true)
            return BoundSocket(
                descriptor: descriptor, address: address, origin: isAbstract ? .bound : .boundToFile,
                backlog: backlog(options))
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
    }

    /// The address of a path, and how much of it counts.
    private static func socketAddress(_ path: String) throws(ListenError) -> (sockaddr_un, socklen_t) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path != "@", path.utf8.count < capacity, !path.utf8.contains(0) else {
            throw .argument(
                "Cannot listen on unix:\(path): the path of a Unix socket has 1 to \(capacity - 1) bytes.")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { memory in
            memory.copyBytes(from: path.utf8)
            if path.utf8.first == UInt8(ascii: "@") { memory[0] = 0 }
        }
        let size = MemoryLayout<sockaddr_un>.size
        // All bytes of an abstract name count, zeros too.
        return (address, socklen_t(path.utf8.first == UInt8(ascii: "@") ? size - capacity + path.utf8.count : size))
    }

    /// Removes the file of a socket that no process listens on any more.
    private static func removeDeadSocket(_ path: String, _ address: sockaddr_un) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        // One that does not wait: the backlog of the other program may be full.
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let probe = socket(AF_UNIX, type, 0)
        guard probe >= 0 else { return }
        defer { _ = Glibc.close(probe) }
        var address = address
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        if withAddress(&address, { connect(probe, $0, size) }) != 0, errno == ECONNREFUSED { unlink(path) }
    }

    private static func withAddress<Result>(
        _ address: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) } }
    }

    /// Where a Unix socket is bound; "" for one that is not.
    static func unixAddress(of descriptor: CInt) -> BoundAddress {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        let offset = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path)
        let count = result == 0 ? max(0, Int(length) - offset) : 0
        let host = withUnsafeBytes(of: address.sun_path) { memory in
            let path = memory.prefix(count)
            return path.first == 0
                ? "@" + String(decoding: path.dropFirst(), as: UTF8.self)
                : String(decoding: path.prefix { $0 != 0 }, as: UTF8.self)
        }
        return BoundAddress(host: host, port: 0, isUnix: true)
    }
}

/// Whom the file of a Unix socket is given to.
private struct UnixOwner {
    /// All bits set: as it is.
    private var user = uid_t.max
    private var group = gid_t.max

    /// Names, or numbers.
    init(user: String?, group: String?) throws(ListenError) {
        if let user {
            guard let id = UInt32(user) ?? Self.user(named: user), id != .max else {
                throw .argument("There is no user \"\(user)\": give the name or the number of one.")
            }
            self.user = id
        }
        if let group {
            guard let id = UInt32(group) ?? Self.group(named: group) else {
                throw .argument("There is no group \"\(group)\": give the name or the number of one.")
            }
            self.group = id
        }
    }

    func apply(to path: String) throws(ListenError) {
        guard user != .max || group != .max, chown(path, user, group) != 0 else { return }
        let cause = String(cString: strerror(errno))
        throw .permission(
            "Cannot listen on unix:\(path): the system does not permit to give it to that owner or group (\(cause)). "
                + "Only root gives files away; a group can be one of this user's own.")
    }

    private static func user(named name: String) -> uid_t? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var memory = [CChar](repeating: 0, count: entryLimit)
        guard getpwnam_r(name, &entry, &memory, memory.count, &found) == 0, found != nil else { return nil }
        return entry.pw_uid
    }

    private static func group(named name: String) -> gid_t? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var memory = [CChar](repeating: 0, count: entryLimit)
        guard getgrnam_r(name, &entry, &memory, memory.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }

    /// Bytes of an entry: a group lists its members.
    private static let entryLimit = 256 * 1024
}
