import CSocketIO

/// A struct of the caller's that begins with its size, which an older program has shorter than we do.
protocol CallerStruct {
    /// All fields zero: the defaults.
    init()
    var struct_size: Int { get }
}

extension sio_runtime_options: CallerStruct {}
extension sio_server_options: CallerStruct {}
extension sio_listen_options: CallerStruct {}
extension sio_adopt_options: CallerStruct {}
extension sio_tls_options: CallerStruct {}
extension sio_emit_options: CallerStruct {}
extension sio_target: CallerStruct {}
extension sio_cookie_options: CallerStruct {}
extension sio_files_options: CallerStruct {}
extension sio_deflate_options: CallerStruct {}
extension sio_client_options: CallerStruct {}
extension sio_client_tls_options: CallerStruct {}

extension CallerStruct {
    /// A copy with the fields that the caller has, the others zero.
    static func read(_ pointer: UnsafePointer<Self>?, _ name: StaticString) throws(Failure) -> Self {
        guard let pointer else { return Self() }
        // Every version of every struct begins with the size; more of it is read only once that is known.
        let size = UnsafeRawPointer(pointer).loadUnaligned(as: Int.self)
        guard size >= MemoryLayout<Int>.size, size <= 4096 else {
            throw Failure(
                SIO_E_ARGUMENT,
                "struct_size of \(name) is \(size): set it with the _INIT macro, or to sizeof(the struct).")
        }
        // A program of the same version, as nearly all are.
        if size == MemoryLayout<Self>.size { return UnsafeRawPointer(pointer).loadUnaligned(as: Self.self) }
        var copy = Self()
        withUnsafeMutableBytes(of: &copy) { bytes in
            bytes.copyMemory(
                from: UnsafeRawBufferPointer(start: pointer, count: min(size, MemoryLayout<Self>.size)))
        }
        return copy
    }
}
