// swift-tools-version: 6.3

import PackageDescription

// A package of its own, and not a target of the root package, so that nobody who depends on libsocketio builds it or
// sees it. The cores are no products there, and `package` access does not cross packages: but they import nothing, so
// they are compiled into this one from where they are, through two links. It builds in seconds and needs no network.
/// As scripts/build-library has them.
let flags: [SwiftSetting] = [.unsafeFlags(["-cross-module-optimization", "-enforce-exclusivity=unchecked"])]

let package = Package(
    name: "micro",
    targets: [
        .target(name: "EngineIOCore", path: "EngineIOCore", swiftSettings: flags),
        .target(name: "SocketIOCore", path: "SocketIOCore", swiftSettings: flags),
        .executableTarget(
            name: "micro", dependencies: ["EngineIOCore", "SocketIOCore"], path: "Sources", swiftSettings: flags),
    ],
    swiftLanguageModes: [.v6]
)
