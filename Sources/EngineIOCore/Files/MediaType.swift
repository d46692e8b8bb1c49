/// What a file is, by the extension of its name.
public struct MediaType: Sendable {
    /// The value of `Content-Type`.
    public let text: String
    /// Whether it is worth looking for a compressed file beside it.
    public let isCompressible: Bool

    private static let utf8 = "; charset=utf-8"

    public init(fileName: String) {
        let dot = fileName.utf8.lastIndex(of: UInt8(ascii: "."))
        let start = dot.map { fileName.utf8.index(after: $0) } ?? fileName.endIndex
        (text, isCompressible) = Self.known(fileName[start...].lowercased())
    }

    private static func known(_ fileExtension: String) -> (String, Bool) {
        switch fileExtension {
        case "html", "htm": ("text/html" + utf8, true)
        case "css": ("text/css" + utf8, true)
        case "js", "mjs", "cjs": ("text/javascript" + utf8, true)
        case "json", "map": ("application/json" + utf8, true)
        case "webmanifest": ("application/manifest+json", true)
        case "txt", "log", "ini", "conf": ("text/plain" + utf8, true)
        case "md": ("text/markdown" + utf8, true)
        case "csv": ("text/csv" + utf8, true)
        case "ics": ("text/calendar" + utf8, true)
        case "vtt": ("text/vtt" + utf8, true)
        case "xml": ("application/xml", true)
        case "xhtml": ("application/xhtml+xml", true)
        case "atom": ("application/atom+xml", true)
        case "rss": ("application/rss+xml", true)
        case "svg": ("image/svg+xml", true)
        case "wasm": ("application/wasm", true)
        case "bmp": ("image/bmp", true)
        case "ico": ("image/vnd.microsoft.icon", true)
        case "ttf": ("font/ttf", true)
        case "otf": ("font/otf", true)
        case "woff": ("font/woff", false)
        case "woff2": ("font/woff2", false)
        case "png": ("image/png", false)
        case "apng": ("image/apng", false)
        case "jpg", "jpeg": ("image/jpeg", false)
        case "gif": ("image/gif", false)
        case "webp": ("image/webp", false)
        case "avif": ("image/avif", false)
        case "tif", "tiff": ("image/tiff", false)
        case "mp3": ("audio/mpeg", false)
        case "m4a": ("audio/mp4", false)
        case "aac": ("audio/aac", false)
        case "flac": ("audio/flac", false)
        case "wav": ("audio/wav", false)
        case "ogg", "oga": ("audio/ogg", false)
        case "opus": ("audio/opus", false)
        case "weba": ("audio/webm", false)
        case "mp4", "m4v": ("video/mp4", false)
        case "ogv": ("video/ogg", false)
        case "webm": ("video/webm", false)
        case "mov": ("video/quicktime", false)
        case "pdf": ("application/pdf", false)
        case "zip": ("application/zip", false)
        case "gz": ("application/gzip", false)
        case "7z": ("application/x-7z-compressed", false)
        case "tar": ("application/x-tar", false)
        case "epub": ("application/epub+zip", false)
        default: ("application/octet-stream", false)
        }
    }
}
