"""Arguments to JSON and back."""

import json

import pytest

from libsocketio._json import Codec, pack, unpack


class OtherModule:
    """A json module of the application's."""

    @staticmethod
    def dumps(value, **options):
        return json.dumps(value, **options)

    @staticmethod
    def loads(text, **options):
        return json.loads(text, **options)


@pytest.fixture(params=[None, json, OtherModule], ids=["default", "json", "other"])
def codec(request):
    return Codec(request.param)


def test_text_is_compact(codec):
    text, attachments = codec.encode(({"a": [1, 2.5, None, True]}, "x"))
    assert text == b'[{"a":[1,2.5,null,true]},"x"]'
    assert attachments is None


def test_text_beyond_ascii_round_trips(codec):
    value = ["é\u2028🎉", {"ключ": "\x00\n"}]
    text, _ = codec.encode(value)
    assert codec.loads(text.decode()) == value


@pytest.mark.parametrize(
    "text", ["", "plain", 'a"b\\', "\x00\x1f\x7f\n", "é\u2028🎉", "x" * 70_000]
)
def test_a_text_alone_is_written_as_among_others(codec, text):
    alone, attachments = codec.encode((text,))
    among, _ = codec.encode((text, 0))
    assert alone[:-1] + b",0]" == among
    assert codec.loads(alone.decode()) == [text]
    assert attachments is None


def test_a_text_of_a_subclass_is_a_text(codec):
    class Text(str):
        __slots__ = ()

    assert codec.encode((Text("a"),)) == codec.encode(("a",))


def test_half_a_surrogate_pair_is_escaped(codec):
    text, _ = codec.encode(("\ud800",))
    assert text.decode("ascii") == '["\\ud800"]'


@pytest.mark.parametrize("binary", [b"ab", bytearray(b"ab"), memoryview(b"ab")])
def test_binary_values_are_taken_out_at_any_depth(codec, binary):
    text, attachments = codec.encode((binary, {"a": [{"b": binary}, (binary,)]}, b""))
    assert attachments == [b"ab", b"ab", b"ab", b""]
    assert all(type(value) is bytes for value in attachments)
    decoded = codec.decode(text, attachments)
    assert decoded == [b"ab", {"a": [{"b": b"ab"}, [b"ab"]]}, b""]


def test_placeholders_in_the_data_itself_stay(codec):
    value = [{"_placeholder": True, "num": 0}]
    text, attachments = codec.encode(value)
    assert attachments is None
    assert codec.loads(text.decode()) == value


@pytest.mark.parametrize("bad", [object(), {1, 2}, [object()]])
def test_what_json_cannot_say_raises(codec, bad):
    with pytest.raises(TypeError):
        codec.encode((bad,))


def test_numbers_that_are_not_json_raise():
    with pytest.raises(ValueError):
        Codec().encode((float("nan"),))


def test_a_failed_encode_leaves_nothing_behind():
    codec = Codec()
    value = [object()]
    for _ in range(3):
        with pytest.raises(TypeError):
            codec.encode((value,))
    value[:] = [1]
    assert codec.encode((value,)) == (b"[[1]]", None)


def test_cycles_end():
    cycle = []
    cycle.append(cycle)
    with pytest.raises((RecursionError, ValueError)):
        Codec().encode((cycle,))


def test_a_placeholder_for_a_missing_attachment_raises(codec):
    with pytest.raises((IndexError, TypeError)):
        codec.decode(b'[{"_placeholder":true,"num":1}]', [b""])


def test_packing():
    assert list(pack(None)) == []
    assert list(pack((1, 2))) == [1, 2]
    assert list(pack([1, 2])) == [[1, 2]]
    assert unpack([]) is None
    assert unpack([1]) == 1
    assert unpack([1, 2]) == (1, 2)
