import CSocketIO
import Glibc
import SocketIOServer
import SocketIOTransport
import Synchronization

/// Why a function of the C API failed: its status, and the sentence for `sio_last_error`.
struct Failure: Error {
    let status: Int
    let sentence: String

    init(_ status: Int, _ sentence: String) {
        self.status = status
        self.sentence = sentence
    }

    init(_ error: SocketError) {
        let status =
            switch error.kind {
            case .argument: SIO_E_ARGUMENT
            case .gone: SIO_E_HANDLE
            case .state: SIO_E_STATE
            case .json: SIO_E_JSON
            case .reserved: SIO_E_RESERVED
            case .limit: SIO_E_LIMIT
            case .addressInUse: SIO_E_ADDRESS_IN_USE
            case .permission: SIO_E_PERMISSION
            case .host: SIO_E_HOST
            case .system: SIO_E_SYSTEM
            case .timeout: SIO_E_TIMEOUT
            case .disconnected: SIO_E_DISCONNECTED
            case .closed: SIO_E_CLOSED
            default: SIO_E_INTERNAL
            }
        self.init(status, error.description)
    }

    static func null(_ name: StaticString) -> Failure {
        Failure(SIO_E_ARGUMENT, "\(name) is NULL, and a pointer is needed.")
    }

    static func handle(_ kind: StaticString) -> Failure {
        Failure(SIO_E_HANDLE, "The \(kind) handle is zero, made up, or of one that is gone.")
    }
}

/// Every function of the C API that can fail runs in this: it turns what is thrown into a status and a sentence, and
/// answers for a child of a process that had started before it forked.
func boundary(_ body: () throws(Failure) -> Void) -> sio_status {
    guard !ForkGuard.isForkedChild else {
        LastError.set(
            "The process was forked after the library had started: load it before, and start it after the fork.")
        return sio_status(SIO_E_FORKED)
    }
    do {
        try body()
        return sio_status(SIO_OK)
    } catch {
        LastError.set(error.sentence)
        return sio_status(error.status)
    }
}

/// Runs what throws errors of the Swift API inside of ``boundary(_:)``.
func translating<Result>(_ body: () throws(SocketError) -> Result) throws(Failure) -> Result {
    do {
        return try body()
    } catch {
        throw Failure(error)
    }
}

/// Tells a forked child that the parent had threads, which the child has not.
enum ForkGuard {
    private static let isForked = Atomic<Bool>(false)
    private static let isArmed = Atomic<Bool>(false)

    static var isForkedChild: Bool { isForked.load(ordering: .relaxed) }

    /// From the first start of threads on.
    static func arm() {
        guard isArmed.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        pthread_atfork(nil, nil) { ForkGuard.isForked.store(true, ordering: .relaxed) }
    }
}

/// The sentence for this thread's latest failure, at an address that stays the same: one who holds it across another
/// call, as `printf("%s: %s", sio_status_name(f()), sio_last_error())` does, reads the wrong sentence at worst.
enum LastError {
    private static let capacity = 1024

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key) { free($0) }
        return key
    }()

    // SAFETY: never written to.
    nonisolated(unsafe) private static let none: UnsafePointer<CChar> = {
        let empty = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        empty.initialize(to: 0)
        return UnsafePointer(empty)
    }()

    static func set(_ sentence: String) {
        guard let memory = memory else { return }
        var sentence = sentence
        sentence.withUTF8 { bytes in
            var count = min(bytes.count, capacity - 1)
            // Not in the middle of a character.
            while count < bytes.count, count > 0, bytes[count] & 0xC0 == 0x80 { count -= 1 }
            if let source = bytes.baseAddress { memory.copyMemory(from: source, byteCount: count) }
            memory.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
        }
    }

    /// This thread's; nil if the system has no memory.
    private static var memory: UnsafeMutableRawPointer? {
        if let memory = pthread_getspecific(key) { return memory }
        guard let memory = calloc(1, capacity) else { return nil }
        pthread_setspecific(key, memory)
        return memory
    }

    static var text: UnsafePointer<CChar> {
        guard let sentence = pthread_getspecific(key) else { return none }
        return UnsafePointer(sentence.assumingMemoryBound(to: CChar.self))
    }
}

/// How deep this thread is in callbacks of the library: where waiting could never end.
enum CallbackDepth {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    private static var depth: Int {
        get { Int(bitPattern: pthread_getspecific(key)) }
        set { pthread_setspecific(key, UnsafeRawPointer(bitPattern: newValue)) }
    }

    static func inside(_ body: () -> Void) {
        depth &+= 1
        body()
        depth &-= 1
    }

    static func refuseWaiting() throws(Failure) {
        guard depth == 0, !EngineRuntime.isOnAnyLoop else {
            throw Failure(
                SIO_E_DEADLOCK,
                "This waits, and was called from a callback or a thread of the library, which it would wait for: "
                    + "call the function that closes instead, and wait on another thread.")
        }
    }
}
