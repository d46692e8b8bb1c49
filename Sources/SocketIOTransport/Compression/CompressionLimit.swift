/// What is compressed on an event loop, whose other connections wait meanwhile, some 25 ms for as much as this. What is
/// larger is sent as it is.
enum CompressionLimit {
    static let bytes = 1 << 20
}
