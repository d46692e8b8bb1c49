import EngineIOCore
import Glibc
import NIOCore

/// A regular file that is open for reading; closed with the last reference. Thread-safe.
package final class OpenFile: Sendable {
    let descriptor: CInt
    package let size: Int
    /// In seconds since 1970.
    package let modified: Int
    /// The `ETag` of this version of the file.
    package let tag: String

    /// What became of opening a path.
    package enum Outcome {
        case file(OpenFile)
        case folder
        /// There is no file that may be read.
        case missing
        /// The system has no descriptors or memory left, or the disk fails: the number of the error.
        case failed(CInt)

        static func error(_ number: CInt) -> Outcome {
            switch number {
            // EXDEV and ELOOP are symbolic links that lead out of the folder, or nowhere.
            case ENOENT, ENOTDIR, ENAMETOOLONG, EACCES, EPERM, EXDEV, ELOOP, ENXIO, ENODEV, EINVAL: .missing
            case EISDIR: .folder
            default: .failed(number)
            }
        }

        /// Takes over an open descriptor.
        init(descriptor: CInt) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else {
                self = .error(errno)
                close(descriptor)
                return
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG: self = .file(OpenFile(descriptor, status))
            case S_IFDIR:
                self = .folder
                close(descriptor)
            // A pipe or a device has no end, or acts when it is read.
            default:
                self = .missing
                close(descriptor)
            }
        }
    }

    private init(_ descriptor: CInt, _ status: stat) {
        self.descriptor = descriptor
        size = max(0, status.st_size)
        modified = status.st_mtim.tv_sec
        tag = EntityTag.of(
            size: UInt64(bitPattern: Int64(status.st_size)), seconds: UInt64(bitPattern: Int64(status.st_mtim.tv_sec)),
            nanoseconds: UInt64(bitPattern: Int64(status.st_mtim.tv_nsec)), inode: UInt64(status.st_ino))
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes from `offset` on; nil if there are none. May block.
    func read(_ count: Int, at offset: Int) -> ByteBuffer? {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        let size = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { memory in
            while true {
                let size = pread(descriptor, memory.baseAddress, min(count, memory.count), off_t(offset))
                if size >= 0 || errno != EINTR { return max(0, size) }
            }
        }
        return size > 0 ? buffer : nil
    }
}
