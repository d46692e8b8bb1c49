import CSocketIO
import Glibc

// socketio/version.h

// SAFETY: never written to. The macro is the one place where the version stands.
nonisolated(unsafe) private let versionText: UnsafePointer<CChar>? = UnsafePointer(strdup(SIO_VERSION_STRING))

@c @implementation
public func sio_version() -> UnsafePointer<CChar>? { versionText }

@c @implementation
public func sio_version_number() -> UInt32 {
    UInt32(SIO_VERSION_MAJOR * 10000 + SIO_VERSION_MINOR * 100 + SIO_VERSION_PATCH)
}

@c @implementation
public func sio_abi_version() -> UInt32 { UInt32(SIO_ABI_VERSION) }

private let features: Set<String> = [
    "server", "engine.io-4", "socket.io-5", "polling", "websocket", "queued-dispatch",
]

@c @implementation
public func sio_has_feature(_ name: UnsafePointer<CChar>?) -> Int32 {
    guard let name, let text = String(validatingCString: name) else { return 0 }
    return features.contains(text) ? 1 : 0
}
