import CLinux
import Glibc

/// A folder that files are served from: opens what lies below it, and nothing else, whatever the path says and
/// wherever symbolic links lead.
struct FileFolder: Sendable {
    /// Absolute: a program may change its directory later. It is opened anew for each file, so that a folder that is
    /// replaced as a whole is served at once.
    let path: String

    /// Opens a file by its path from the folder, "css/page.css". May block.
    func open(_ name: String) -> OpenFile.Outcome {
        let folder = Glibc.open(path, __O_PATH | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return .error(errno) }
        defer { close(folder) }
        var attempts = 0
        while true {
            attempts &+= 1
            let descriptor = linux_open_beneath(folder, name.isEmpty ? "." : name)
            if descriptor >= 0 { return OpenFile.Outcome(descriptor: descriptor) }
            switch errno {
            case EINTR: continue
            // Something was renamed meanwhile, so that the kernel could not be sure; or the file is leased to somebody
            // else, which may take long.
            case EAGAIN where attempts < 8: continue
            // Linux before 5.6, or a sandbox that does not know the call.
            case ENOSYS, EPERM: return Self.walk(to: name, from: folder)
            case let number: return .error(number)
            }
        }
    }

    /// Opens name by name. Follows no symbolic link, since it could not tell where one leads.
    static func walk(to path: String, from folder: CInt) -> OpenFile.Outcome {
        var names = path.split(separator: "/")
        guard let last = names.popLast() else { return .folder }
        var current = folder
        defer { if current != folder { close(current) } }
        for name in names {
            guard name != ".." else { return .missing }
            let next = openat(current, String(name), __O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else { return .error(errno) }
            if current != folder { close(current) }
            current = next
        }
        guard last != ".." else { return .missing }
        let descriptor = openat(current, String(last), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        return descriptor >= 0 ? OpenFile.Outcome(descriptor: descriptor) : .error(errno)
    }
}
