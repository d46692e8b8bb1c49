"""What is counted: each work is one message and all that it causes, in a server
or, if it says so, in a client; with one in flight.

They are counted in parts, and the part with the least is what a message costs:
in the others a timer came in between, which depends on the machine's speed.
"""

import socket

from client import TIMEOUT, PollingClient, ServedClient, UnexpectedAnswer, WebSocketClient, frame

PARTS = 5
TEXT = "x" * 32
RECEIVERS = 100


def expect(received, expected):
    if received != expected:
        raise UnexpectedAnswer(f"expected {expected!r}, received {received!r}")


class Work:
    """One client over WebSocket, whose message comes back."""

    program = "server"  # whose costs are counted
    unit = "message"
    messages = 200  # in each part
    message = frame(f'42["echo","{TEXT}"]')
    answer = (f'42["echo","{TEXT}"]'.encode(),)

    def __init__(self, server):
        self.server = server
        self.clients = [WebSocketClient(server.port)]

    @classmethod
    def command(cls, directory):
        """How the program is started."""
        return [f"{directory}/{cls.program}"]

    @property
    def units(self):
        """How many units the messages of a part are."""
        return self.messages

    def once(self):
        client = self.clients[0]
        client.send(self.message)
        for part in self.answer:
            expect(client.receive(), part)

    def warm_up(self):
        for _ in range(2 * PARTS):
            self.run()

    def run(self):
        """One part of the messages."""
        for _ in range(self.messages):
            self.once()
        self.server.settle()

    def close(self):
        for client in self.clients:
            client.close()


class Echo(Work):
    """A text of 32 bytes."""


class Ack(Work):
    """A reply with a text of 32 bytes."""

    message = frame(f'421["echo","{TEXT}"]')
    answer = (f'431["{TEXT}"]'.encode(),)


class Binary(Work):
    """One attachment of 1 kB."""

    header = '451-["echo",{"_placeholder":true,"num":0}]'
    attachment = bytes(range(250)) * 4
    message = frame(header) + frame(attachment)
    answer = (header.encode(), attachment)


class Broadcast(Work):
    """One client's text of 32 bytes, to 100 clients, itself among them."""

    unit = "delivery"
    messages = 10
    message = frame(f'42["broadcast","{TEXT}"]')
    answer = f'42["broadcast","{TEXT}"]'.encode()

    def __init__(self, server):
        super().__init__(server)
        self.clients += [WebSocketClient(server.port) for _ in range(RECEIVERS - 1)]

    @property
    def units(self):
        return self.messages * RECEIVERS

    def once(self):
        self.clients[0].send(self.message)
        for client in self.clients:
            expect(client.receive(), self.answer)


class Polling(Work):
    """A text of 32 bytes over long polling: a POST in, and a GET that waited
    for it. The GET is given the time to arrive first: otherwise one epoll_wait
    would sometimes return both."""

    messages = 100

    def __init__(self, server):
        self.server = server
        self.client = PollingClient(server.port)
        self.clients = [self.client]
        self.message = self.client.request("POST", f'42["echo","{TEXT}"]')

    def once(self):
        self.client.poll()
        self.server.settle()
        self.client.post(self.message)
        expect(self.client.take_poll(), self.answer[0])


class Connect(Work):
    """A WebSocket is opened, joins the main namespace, and goes away."""

    unit = "connection"
    messages = 20

    def once(self):
        WebSocketClient(self.server.port).close()
        self.server.settle()


class ClientEcho(Work):
    """A text of 32 bytes from the server, which a client sends back."""

    program = "client"
    message = frame(Echo.answer[0].decode(), masked=False)
    listener = None

    def __init__(self, client):
        self.server = client
        self.clients = [ServedClient(self.listener)]

    @classmethod
    def command(cls, directory):
        ClientEcho.listener = socket.create_server(("127.0.0.1", 0))
        cls.listener.settimeout(TIMEOUT)
        return [*super().command(directory), str(cls.listener.getsockname()[1])]

    def close(self):
        super().close()
        self.listener.close()


class ClientAck(ClientEcho):
    """A request for a reply from the server, with a text of 32 bytes."""

    message = frame(f'421["echo","{TEXT}"]', masked=False)
    answer = Ack.answer


class ClientBinary(ClientEcho):
    """One attachment of 1 kB from the server, which a client sends back."""

    message = frame(Binary.header, masked=False) + frame(Binary.attachment, masked=False)
    answer = Binary.answer


WORKS = {
    "echo": Echo,
    "ack": Ack,
    "binary": Binary,
    "broadcast": Broadcast,
    "polling": Polling,
    "connect": Connect,
    "client-echo": ClientEcho,
    "client-ack": ClientAck,
    "client-binary": ClientBinary,
}
