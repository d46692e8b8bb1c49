import NIOCore
import Synchronization

/// A part of a file as the body of a response, read on the worker threads.
final class FileBody: HTTPBodySource {
    private let file: OpenFile
    private let workers: WorkerThreads
    private let offset: Atomic<Int>

    init(_ file: OpenFile, from offset: Int, workers: WorkerThreads) {
        self.file = file
        self.workers = workers
        self.offset = Atomic(offset)
    }

    func read(_ count: Int, on loop: EngineLoop, _ then: @escaping @Sendable (ByteBuffer?) -> Void) {
        workers.run {
            let piece = self.file.read(count, at: self.offset.load(ordering: .relaxed))
            self.offset.wrappingAdd(piece?.readableBytes ?? 0, ordering: .relaxed)
            loop.post { then(piece) }
        }
    }
}
