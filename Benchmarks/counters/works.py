"""What is counted: each work is one client's message and all that it causes,
with one in flight.

They are counted in parts, and the part with the least is what a message costs:
in the others a timer came in between, which depends on the machine's speed.
"""

from client import PollingClient, UnexpectedAnswer, WebSocketClient, frame

PARTS = 5
TEXT = "x" * 32
RECEIVERS = 100


def expect(received, expected):
    if received != expected:
        raise UnexpectedAnswer(f"expected {expected!r}, received {received!r}")


class Work:
    """One client over WebSocket, whose message comes back."""

    unit = "message"
    messages = 200  # in each part
    message = frame(f'42["echo","{TEXT}"]')
    answer = (f'42["echo","{TEXT}"]'.encode(),)

    def __init__(self, server):
        self.server = server
        self.clients = [WebSocketClient(server.port)]

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


WORKS = {
    "echo": Echo,
    "ack": Ack,
    "binary": Binary,
    "broadcast": Broadcast,
    "polling": Polling,
    "connect": Connect,
}
