import Synchronization
import Testing
@Test func x() { let m = Mutex(1); m.withLock { $0 += 1 } }
