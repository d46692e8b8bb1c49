import CSocketIO
import Glibc

// socketio/base.h

@c @implementation
public func sio_free(_ memory: UnsafeRawPointer?) {
    free(UnsafeMutableRawPointer(mutating: memory))
}
