// What servers and clients have in common. By name: the tables of handles and handlers are public for the optimiser alone
// (decision 8), and programs have no use for them.
@_exported import enum SocketIOHandlers.AckFailure
@_exported import enum SocketIOHandlers.AckOutcome
@_exported import struct SocketIOHandlers.AckReply
@_exported import struct SocketIOHandlers.DeliveredEvent
@_exported import struct SocketIOHandlers.ListenerOptions
@_exported import class SocketIOHandlers.Registration
@_exported import struct SocketIOHandlers.SocketError
@_exported import enum SocketIOHandlers.SocketParser
