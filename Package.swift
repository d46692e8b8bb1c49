// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "libsocketio",
    products: [
        .library(name: "SocketIOServer", targets: ["SocketIOServer"]),
        .library(name: "SocketIOClient", targets: ["SocketIOClient"]),
        // The shared library with the C header. `make` builds it with the link flags of scripts/build-library;
        // they are not in this file because unsafe flags would forbid the package as a dependency.
        .library(name: "socketio", type: .dynamic, targets: ["SocketIOCAPI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
    ],
    targets: [
        // Engine.IO without IO: packets, payloads, WebSocket frames, handshake rules, the session's state machine.
        .target(name: "EngineIOCore"),
        // Socket.IO without IO: packets, JSON scanning, namespaces, rooms, acknowledgements.
        .target(name: "SocketIOCore"),
        // The only place that knows NIO channels: HTTP, long polling, WebSocket, TLS, listening.
        .target(
            name: "SocketIOTransport",
            dependencies: [
                "CLinux", "CZlib", "EngineIOCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
            ]
        ),
        // What the APIs of server and client have in common: tables of handlers, messages, replies, errors.
        .target(
            name: "SocketIOHandlers",
            dependencies: ["EngineIOCore", "SocketIOCore", "SocketIOTransport"]
        ),
        // The Swift API of the server.
        .target(
            name: "SocketIOServer",
            dependencies: [
                "EngineIOCore", "SocketIOCore", "SocketIOTransport", "SocketIOHandlers",
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        // The Swift API of the client.
        .target(
            name: "SocketIOClient",
            dependencies: ["EngineIOCore", "SocketIOCore", "SocketIOTransport", "SocketIOHandlers"]
        ),
        // eventfd, seen from Swift.
        .systemLibrary(name: "CLinux"),
        // zlib, seen from Swift. Not through pkg-config, which would put the system's folder, and the shared library
        // there, in front of the one that scripts/build-library names.
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        // The C header, seen from Swift.
        .systemLibrary(name: "CSocketIO", path: "include"),
        // The C API: one Swift file for each header.
        .target(
            name: "SocketIOCAPI",
            dependencies: [
                "CLinux", "CSocketIO", "EngineIOCore", "SocketIOClient", "SocketIOHandlers", "SocketIOServer",
                "SocketIOTransport",
            ]
        ),
        .testTarget(
            name: "EngineIOCoreTests",
            dependencies: [
                "EngineIOCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                // What our reader of requests is compared with.
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        .testTarget(name: "SocketIOCoreTests", dependencies: ["SocketIOCore"]),
        .testTarget(
            name: "SocketIOTransportTests",
            dependencies: [
                "EngineIOCore", "SocketIOTransport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
            ]
        ),
        .testTarget(
            name: "SocketIOServerTests",
            dependencies: ["EngineIOCore", "SocketIOCore", "SocketIOHandlers", "SocketIOServer", "SocketIOTransport"]
        ),
        .testTarget(
            name: "SocketIOClientTests",
            dependencies: [
                "EngineIOCore", "SocketIOCore", "SocketIOClient", "SocketIOHandlers", "SocketIOServer",
                "SocketIOTransport",
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
