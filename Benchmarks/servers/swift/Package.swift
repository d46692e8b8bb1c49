// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "benchmark-server",
    dependencies: [
        .package(name: "libsocketio", path: "../../..")
    ],
    targets: [
        .executableTarget(
            name: "BenchmarkServer",
            dependencies: [.product(name: "SocketIOServer", package: "libsocketio")]
        )
    ],
    swiftLanguageModes: [.v6]
)
