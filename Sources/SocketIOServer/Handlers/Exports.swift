// What servers and clients have in common: errors, registrations, replies. The tables of handles and handlers are in
// there, too, and public for the optimiser alone (decision 8): programs have no use for them.
@_exported import SocketIOHandlers
