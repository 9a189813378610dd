"""Finding sound frames in a stream that may start anywhere and carry noise."""

from collections.abc import Callable, Iterator

# What a judge says of the bytes at the front, besides the length of a sound frame.
MORE = 0
NOISE = -1

Judge = Callable[[bytearray], int]


class Listener:
    """Holds back what is not yet a frame. Noise and wrong checksums cost one byte at a time."""

    def __init__(self, judge: Judge) -> None:
        """`judge` says of the held bytes: a frame's length, MORE or NOISE."""
        self._judge = judge
        self._held = bytearray()

    def frames(self, data: bytes) -> Iterator[bytes]:
        """Take in bytes cut anywhere; give the frames they complete, in order."""
        self._held += data
        while self._held:
            length = self._judge(self._held)
            if length == MORE:
                return
            if length == NOISE:
                del self._held[:1]
                continue
            frame = bytes(self._held[:length])
            del self._held[:length]
            yield frame


def sum8(content: bytes | bytearray) -> int:
    """Low byte of the sum of all bytes."""
    return sum(content) & 0xFF


def xor8(content: bytes | bytearray) -> int:
    """XOR of all bytes."""
    result = 0
    for byte in content:
        result ^= byte
    return result


def packed(bits: list[int]) -> bytes:
    """Eight bits a byte, the first bit lowest."""
    octets = [bits[start : start + 8] for start in range(0, len(bits), 8)]
    return bytes(sum(bit << place for place, bit in enumerate(octet)) for octet in octets)
