import SocketIOHandlers

extension Once {
    func wrap(_ handler: @escaping EventHandler) -> EventHandler {
        { event in if self.begins() { handler(event) } }
    }

    func wrap(_ handler: @escaping ConnectionHandler) -> ConnectionHandler {
        { socket in if self.begins() { handler(socket) } }
    }

    func wrap(_ handler: @escaping OutgoingHandler) -> OutgoingHandler {
        { event in if self.begins() { handler(event) } }
    }
}
