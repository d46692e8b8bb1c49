import Glibc

/// The content of a small file.
enum PEMFile {
    /// No certificates take more.
    private static let maxBytes = 16 * 1024 * 1024

    /// `what` says what the file is for: "certificate", "key".
    static func read(_ path: String, _ what: String) throws(ListenError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno, path, what) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw failure(errno, path, what)
            }
            bytes += piece[..<min(count, piece.count)]
            guard bytes.count <= maxBytes else {
                throw .argument("The \(what) file \(path) is larger than 16 MB: that is no PEM file.")
            }
        }
    }

    private static func failure(_ code: CInt, _ path: String, _ what: String) -> ListenError {
        let sentence = "Cannot read the \(what) file \(path): \(String(cString: strerror(code)))."
        switch code {
        case EACCES, EPERM: return .permission("\(sentence) Let the user of this program read it.")
        case ENOENT, ENOTDIR: return .system("\(sentence) Give the path of a PEM file.")
        default: return .system(sentence)
        }
    }
}
