import Glibc

/// Sets the options of a socket; a failure says which one it was. `name` is where the socket listens.
struct SocketOptions {
    let descriptor: CInt
    let name: String

    /// What the connections inherit, so that accepting one takes no call for it.
    func setInherited(_ options: ListenOptions, isUnix: Bool) throws(ListenError) {
        guard !isUnix else { return }
        try setBufferSizes(options)
        try set(CInt(IPPROTO_TCP), TCP_NODELAY, options.isNoDelay ? 1 : 0, "TCP_NODELAY")
        if let keepAlive = options.keepAlive { try set(keepAlive) }
        if let linger = options.linger { try set(linger) }
    }

    func setBufferSizes(_ options: ListenOptions) throws(ListenError) {
        if let size = options.receiveBufferSize {
            try set(SOL_SOCKET, SO_RCVBUF, size, "the receive buffer to \(size) bytes")
        }
        if let size = options.sendBufferSize {
            try set(SOL_SOCKET, SO_SNDBUF, size, "the send buffer to \(size) bytes")
        }
    }

    private func set(_ keepAlive: ListenOptions.KeepAlive) throws(ListenError) {
        try set(SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE")
        let numbers = [
            (TCP_KEEPIDLE, keepAlive.idle, "the silence before a keep-alive probe to", "s"),
            (TCP_KEEPINTVL, keepAlive.interval, "the time between keep-alive probes to", "s"),
            (TCP_KEEPCNT, keepAlive.count, "the number of keep-alive probes to", ""),
        ]
        for (option, value, text, unit) in numbers {
            if let value { try set(CInt(IPPROTO_TCP), option, value, "\(text) \(value)\(unit)") }
        }
    }

    private func set(_ linger: ListenOptions.Linger) throws(ListenError) {
        let seconds = if case .seconds(let seconds) = linger { seconds } else { 0 }
        let value = Glibc.linger(l_onoff: 1, l_linger: CInt(clamping: seconds))
        try set(SOL_SOCKET, SO_LINGER, bytes: value, "SO_LINGER to \(seconds) s")
    }

    /// Lets connections come through one network interface only.
    func bind(toDevice device: String) throws(ListenError) {
        let bytes = Array(device.utf8)
        guard !bytes.isEmpty, bytes.count < IFNAMSIZ, !bytes.contains(0) else {
            throw .argument("\"\(device)\" is not the name of a network interface, such as \"eth0\".")
        }
        guard setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, bytes, socklen_t(bytes.count)) == 0 else {
            let code = errno
            let cause = String(cString: strerror(code))
            switch code {
            case ENODEV:
                throw .host("Cannot listen on \(name): there is no network interface \"\(device)\" (\(cause)).")
            case EPERM:
                throw .permission(
                    "Cannot listen on \(name) through \"\(device)\" only: the system does not permit it (\(cause)). "
                        + "It needs root or CAP_NET_RAW.")
            default: throw .system("Cannot listen on \(name) through \"\(device)\" only: \(cause).")
            }
        }
    }

    func set(_ level: CInt, _ option: CInt, _ value: Int, _ text: String) throws(ListenError) {
        try set(level, option, bytes: CInt(clamping: value), text)
    }

    private func set(
        _ level: CInt, _ option: CInt, bytes value: some BitwiseCopyable, _ text: String
    ) throws(ListenError) {
        let result = withUnsafeBytes(of: value) { bytes in
            setsockopt(descriptor, level, option, bytes.baseAddress, socklen_t(bytes.count))
        }
        guard result == 0 else {
            let code = errno
            let sentence = "Cannot listen on \(name): setting \(text) failed (\(String(cString: strerror(code))))."
            throw code == EINVAL || code == EDOM ? .argument(sentence) : .system(sentence)
        }
    }
}
