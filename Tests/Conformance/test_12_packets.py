"""Sections 12.1 to 12.3, 12.5 and 25.1: the grammar of packets, and what they may carry."""

import json

import pytest

RESERVED = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
]

# Events, with what the server's handlers get: name, then arguments.
EVENTS = {
    "25.1": ('2["hello",1,"2",{"a":null}]', ["hello", 1, "2", {"a": None}]),
    "no arguments": ('2["a"]', ["a"]),
    "number for a name": ('2[5,"numeric name"]', ["5", "numeric name"]),
    "number alone": ("2[5]", ["5"]),
    "negative number": ("2[-1.5e3]", ["-1.5e3"]),
    "zero": ("2[0]", ["0"]),
    "python-socketio 1b901de empty name": ('2["",1]', ["", 1]),
    "CVE-2024-38355 error": ('2["error",1]', ["error", 1]),
    "name like a reserved one": ('2["Connect"]', ["Connect"]),
    "name of a method": ('2["__proto__"]', ["__proto__"]),
    "raw UTF-8": ('2["é€😀\\n\\"\\\\"]', ['é€😀\n"\\']),
    "escapes": (r'2["\u00e9\ud83d\ude00\/\b\f\n\r\t"]', ["é😀/\b\f\n\r\t"]),
    "U+2028 raw": ('2["\u2028"]', ["\u2028"]),
    "NUL escaped": (r'2["a","\u0000"]', ["a", "\0"]),
    "NUL in a name": (r'2["a\u0000b"]', ["a\0b"]),
    "whitespace": ('2 [ "a" ,\t1\r\n] ', ["a", 1]),
    "root namespace written out": ('2/,["a"]', ["a"]),
    "all of JSON": (
        '2["a",null,true,false,-0,1e300,[],{},[[{}]],{"":""}]',
        ["a", None, True, False, 0, 1e300, [], {}, [[{}]], {"": ""}],
    ),
    "large integers": ('2["a",9007199254740993]', ["a", 9007199254740993]),
    "repeated key": ('2["a",{"b":1,"b":2}]', ["a", {"b": 2}]),
    "placeholder as plain data (12.4)": (
        '2["a",{"_placeholder":true,"num":0}]',
        ["a", {"_placeholder": True, "num": 0}],
    ),
    "attachments of none (12.4)": ('50-["a",1]', ["a", 1]),
}


@pytest.mark.parametrize(("packet", "event"), EVENTS.values(), ids=EVENTS)
def test_12_3_event(net, packet, event):
    client = net.joined()
    client.send("4" + packet)
    answer = client.receive()
    assert answer.startswith("42")
    assert json.loads(answer[2:]) == ["echo", *event]
    client.barrier()


ACKED = {
    "id 0 (28.19)": ('20["a",1]', "30[1]"),
    "id 12": ('212["project:delete",123]', "312[123]"),
    "id of 2^53": ('29007199254740992["a"]', "39007199254740992[]"),
    "leading zeros": ('2007["a"]', "37[]"),
    "namespace": ('2/chat,456["a",true]', "3/chat,456[true]"),
}


@pytest.mark.parametrize(("packet", "answer"), ACKED.values(), ids=ACKED)
def test_12_2_ids(net, packet, answer):
    client = net.joined()
    client.join("/chat")
    client.send("4" + packet)
    client.expect("4" + answer)


IGNORED = {
    "unknown ack": "399[]",
    "ack without id": "3[]",
    "bare ack": "3",
    "ack with an id and nothing": "35",
    "unknown binary ack without attachments": "60-5[]",
}


@pytest.mark.parametrize("packet", IGNORED.values(), ids=IGNORED)
def test_15_4_ignored(net, packet):
    client = net.joined()
    client.send("4" + packet)
    client.barrier()


INVALID = {
    "empty message (28.29)": "",
    "type 7": '7["a"]',
    "type 9": '9["a"]',
    "letter": "x",
    "space": ' 2["a"]',
    "JSON alone": '["a"]',
    # EVENT
    "bare event (ours)": "2",
    "bare event with id": "21",
    "empty array": "2[]",
    "object": "2{}",
    "string": '2"a"',
    "null": "2null",
    "number": "2 5",
    "CVE-2023-32695 null for a name": "2[null]",
    "CVE-2023-32695 true for a name": "2[true]",
    "CVE-2023-32695 object for a name": '2[{"toString":1},1]',
    "CVE-2023-32695 array for a name": '2[["a"]]',
    "unterminated array": '2["a"',
    "unterminated string": '2["a',
    "trailing text": '2["a"]x',
    "two values": '2["a"]["b"]',
    "trailing comma": '2["a",]',
    "comma alone": "2[,]",
    "single quotes": "2['a']",
    "bare word": "2[a]",
    "NaN": '2["a",NaN]',
    "leading zero": '2["a",01]',
    "plus": '2["a",+1]',
    "dot at the end": '2["a",1.]',
    "hexadecimal": '2["a",0x1]',
    "raw control character": '2["a\tb"]',
    "bad escape": r'2["\x41"]',
    "short escape": r'2["\u12"]',
    "comment": '2["a"/**/]',
    "object without colon": '2["a",{"b"}]',
    "unquoted key": '2["a",{b:1}]',
    "byte order mark": '2\ufeff["a"]',
    "signed id": '2-1["a"]',
    **{f"reserved: {name}": f'2["{name}"]' for name in RESERVED},
    **{f"reserved, acked: {name}": f'21["{name}",1]' for name in RESERVED},
    "reserved behind an escape": r'2["\u0063onnect"]',
    "reserved in a binary event": '50-["disconnect"]',
    # ACK
    "ack of an object": "31{}",
    "ack of a string": '31"x"',
    "ack of null": "31null",
    "ack of a number": "31 5",
    # CONNECT
    "connect with an array": "0/chat,[]",
    "connect with a string": '0/chat,"x"',
    "connect with null": "0/chat,null",
    "connect with a number": "0/chat, 1",
    "connect with half an object": '0/chat,{"a"',
    # DISCONNECT
    "disconnect with an object": "1{}",
    "disconnect with an array": "1[]",
    "disconnect with a string": '1"x"',
    # CONNECT_ERROR, which only servers send
    "connect error": '4{"message":"x"}',
    "connect error, text": '4"x"',
    "connect error with an array": "4[]",
    # attachments: CVE-2026-33151
    "no dash": '5["a"]',
    "nothing before the dash": '5-["a"]',
    "no number": '5x-["a"]',
    "number without dash": '51["a"]',
    "header alone": "51",
    "ack without dash": "6[]",
    "11 attachments": '511-["a"]',
    "2^31 attachments": '52147483648-["a"]',
    "2^63 attachments": '59223372036854775808-["a"]',
    "2^64 attachments": '518446744073709551616-["a"]',
    "40 digits": "5" + "9" * 40 + '-["a"]',
    "exponent": '51e3-["a"]',
    "negative": '5-1-["a"]',
    "fraction": '51.5-["a"]',
    "spaces": '5 1-["a"]',
}


@pytest.mark.parametrize("packet", INVALID.values(), ids=INVALID)
def test_15_4_packet_that_does_not_parse(net, packet):
    """The connection is closed without a word; every socket of it gets `forced close`."""
    client = net.websocket()
    sockets = [client.join("/guarded", '{"token":"open"}'), client.join()]
    client.send("4" + packet)
    client.expect_close()
    client.expect_end()
    for socket_id in sockets:
        assert net.server.reason_of(socket_id) == "forced close"


@pytest.mark.parametrize("depth", [10, 60])
def test_12_3_nesting_that_is_usual(net, depth):
    client = net.joined()
    client.send("42" + '["a",' + "[" * depth + "]" * depth + "]")
    assert client.receive().startswith('42["echo","a"')


@pytest.mark.parametrize("char", ["[", '{"a":'])
@pytest.mark.parametrize("size", [10_000, 990_000])
def test_12_3_nesting_without_end(net, char, size):
    client = net.joined()
    client.send('42["a",' + char * (size // len(char)))
    client.expect_close()
    net.assert_served()
