/// The ways in which packets travel. The raw values are the names of the wire.
public enum Transport: String, Sendable, CaseIterable {
    case polling
    case webSocket = "websocket"
}
