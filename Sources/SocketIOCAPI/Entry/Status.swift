import CSocketIO

// socketio/status.h

private func name(of status: Int) -> StaticString {
    switch status {
    case SIO_OK: "SIO_OK"
    case SIO_E_ARGUMENT: "SIO_E_ARGUMENT"
    case SIO_E_HANDLE: "SIO_E_HANDLE"
    case SIO_E_STATE: "SIO_E_STATE"
    case SIO_E_DEADLOCK: "SIO_E_DEADLOCK"
    case SIO_E_FORKED: "SIO_E_FORKED"
    case SIO_E_JSON: "SIO_E_JSON"
    case SIO_E_RESERVED: "SIO_E_RESERVED"
    case SIO_E_LIMIT: "SIO_E_LIMIT"
    case SIO_E_MEMORY: "SIO_E_MEMORY"
    case SIO_E_ADDRESS_IN_USE: "SIO_E_ADDRESS_IN_USE"
    case SIO_E_PERMISSION: "SIO_E_PERMISSION"
    case SIO_E_HOST: "SIO_E_HOST"
    case SIO_E_SYSTEM: "SIO_E_SYSTEM"
    case SIO_E_TIMEOUT: "SIO_E_TIMEOUT"
    case SIO_E_DISCONNECTED: "SIO_E_DISCONNECTED"
    case SIO_E_CLOSED: "SIO_E_CLOSED"
    case SIO_E_INTERNAL: "SIO_E_INTERNAL"
    default: "SIO_E_UNKNOWN"
    }
}

@c @implementation
public func sio_status_name(_ status: sio_status) -> UnsafePointer<CChar>? {
    UnsafeRawPointer(name(of: Int(status)).utf8Start).assumingMemoryBound(to: CChar.self)
}

@c @implementation
public func sio_last_error() -> UnsafePointer<CChar>? { LastError.text }
