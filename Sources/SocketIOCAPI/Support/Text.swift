import CSocketIO
import Glibc

// How text and bytes cross the border.

extension sio_text {
    /// Borrows; the bytes must be followed by a NUL.
    init(borrowing bytes: UnsafeRawBufferPointer) {
        self.init(data: bytes.baseAddress?.assumingMemoryBound(to: CChar.self), length: bytes.count)
    }

    /// The bytes, as long as the caller of the C function lends them.
    func bytes(_ name: StaticString) throws(Failure) -> UnsafeRawBufferPointer {
        try checked(data, length, name)
    }
}

extension sio_bytes {
    init(borrowing bytes: UnsafeRawBufferPointer) {
        self.init(data: bytes.baseAddress, length: bytes.count)
    }

    func bytes(_ name: StaticString) throws(Failure) -> UnsafeRawBufferPointer {
        try checked(data, length, name)
    }
}

private func checked(
    _ data: UnsafeRawPointer?, _ length: Int, _ name: StaticString
) throws(Failure) -> UnsafeRawBufferPointer {
    guard length >= 0 else { throw Failure(SIO_E_ARGUMENT, "The length of \(name) is larger than memory.") }
    guard data != nil || length == 0 else { throw .null(name) }
    return UnsafeRawBufferPointer(start: length == 0 ? nil : data, count: length)
}

/// What a NUL-terminated string of the caller's says, as UTF-8.
func string(_ pointer: UnsafePointer<CChar>?, _ name: StaticString) throws(Failure) -> String {
    guard let pointer else { throw .null(name) }
    guard let text = String(validatingCString: pointer) else {
        throw Failure(SIO_E_ARGUMENT, "\(name) is not UTF-8.")
    }
    return text
}

/// A NUL-terminated string as bytes, without a copy.
func bytes(_ pointer: UnsafePointer<CChar>?, _ name: StaticString) throws(Failure) -> UnsafeRawBufferPointer {
    guard let pointer else { throw .null(name) }
    return UnsafeRawBufferPointer(start: pointer, count: strlen(pointer))
}

/// The elements of an array of the caller's.
func elements<Element>(
    _ pointer: UnsafePointer<Element>?, _ count: Int, _ name: StaticString
) throws(Failure) -> UnsafeBufferPointer<Element> {
    guard count >= 0, count <= 1 << 24 else { throw Failure(SIO_E_LIMIT, "\(name) has more than 16 million entries.") }
    guard pointer != nil || count == 0 else { throw .null(name) }
    return UnsafeBufferPointer(start: pointer, count: count)
}

/// A list of names.
func strings(
    _ pointer: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, _ name: StaticString
) throws(Failure) -> [String] {
    var strings: [String] = []
    for element in try elements(pointer, count, name) { strings.append(try string(element, name)) }
    return strings
}

/// An array of header fields.
func headerFields(
    _ pointer: UnsafePointer<sio_header>?, _ count: Int, _ name: StaticString
) throws(Failure) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    for header in try elements(pointer, count, name) {
        guard let name = String(validating: try header.name.bytes("a header's name"), as: UTF8.self),
            let value = String(validating: try header.value.bytes("a header's value"), as: UTF8.self)
        else { throw Failure(SIO_E_ARGUMENT, "A header field is not UTF-8.") }
        fields.append((name: name, value: value))
    }
    return fields
}
