// What servers and clients have in common: errors, registrations, replies.
@_exported import SocketIOHandlers
