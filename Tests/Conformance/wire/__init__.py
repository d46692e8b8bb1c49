"""A client that can say anything: HTTP/1.1, WebSocket and Engine.IO by hand."""
