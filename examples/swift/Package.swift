// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "echo",
    dependencies: [
        // In a package of your own: .package(url: "https://...", from: "0.1.0")
        .package(name: "libsocketio", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "Echo",
            dependencies: [.product(name: "SocketIOServer", package: "libsocketio")]
        ),
        .executableTarget(
            name: "Client",
            dependencies: [.product(name: "SocketIOClient", package: "libsocketio")]
        ),
    ],
    swiftLanguageModes: [.v6]
)
