"""Lines that are away, taken, forbidden, or at the other end of a network."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from onthaal.kiosk.drivers.conversation import Conversation, NoAnswer
from onthaal.kiosk.drivers.kerong_cu16.codec import KerongCu16
from onthaal.kiosk.drivers.line import FORBIDDEN_COOL_DOWN, Line
from onthaal.kiosk.ports import LineDown
from tests.kiosk.drivers.conftest import file_of, scripted, wall_of, watching

ASK_0 = bytes.fromhex("02 00 30 03 35")
ALL_SHUT = bytes.fromhex("02 00 35 FF FF 00 00 03 38")


def line_to(url: str | Path) -> Line:
    return Line(str(url), 19200, on_bytes=lambda _: None, on_lost=lambda: None)


async def test_a_line_that_is_not_there_says_why(tmp_path) -> None:
    line = line_to(tmp_path / "nowhere")
    with pytest.raises(LineDown, match="ENOENT"):
        await line.open()
    assert (line.up, line.missing) == (False, "ENOENT")


async def test_a_file_that_is_no_line_is_no_line(tmp_path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    with pytest.raises(LineDown):
        await line_to(path).open()


async def test_a_line_that_another_program_holds_is_not_shared(tmp_path) -> None:
    async with scripted(tmp_path / "main"):
        first, second = line_to(tmp_path / "main"), line_to(tmp_path / "main")
        await first.open()
        with pytest.raises(LineDown, match="EBUSY"):
            await second.open()
        await first.close()
        await second.open()
        await second.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without rights here")
async def test_a_forbidden_line_is_said_loudly_and_seldom_tried(tmp_path) -> None:
    async with scripted(tmp_path / "main") as _:
        target = Path(os.readlink(tmp_path / "main"))  # noqa: PTH115 (a pty's name)
        target.chmod(0)
        line = line_to(target)
        os.seteuid(65534)
        try:
            with capture_logs() as said:
                for _ in range(2):
                    with pytest.raises(LineDown):
                        await line.open()
        finally:
            os.seteuid(0)
        assert line.forbidden
        assert line._cool_down() == FORBIDDEN_COOL_DOWN
        assert [one["event"] for one in said] == ["line_forbidden"]


async def test_a_cool_down_grows_and_never_past_five_seconds(tmp_path) -> None:
    line = line_to(tmp_path / "nowhere")
    waits = [line._cool_down() for _ in range(8)]
    assert waits == sorted(waits)
    assert waits[0] <= 0.5
    assert waits[-1] == 5.0


async def test_a_frame_that_the_system_does_not_take_is_dropped_and_never_leaves_later(tmp_path) -> None:
    async with scripted(tmp_path / "main") as end:
        asyncio.get_running_loop().remove_reader(end.far)  # nobody fetches what is written
        line = line_to(tmp_path / "main")
        await line.open()

        def write_on() -> None:
            for _ in range(100_000):
                line.write(b"\x00" * 64)

        with pytest.raises(LineDown, match="does not take"):
            write_on()
        assert not line.up
        await line.close()
        asyncio.get_running_loop().add_reader(end.far, end._readable)


async def test_a_board_behind_a_network_converter_is_spoken_with_as_any(tmp_path) -> None:
    async def board(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readexactly(5) == ASK_0:
                writer.write(ALL_SHUT)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(board, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = file_of(wall_of(tmp_path, "kerong-cu16", [(0, 1), (0, 2)]))
    from msgspec.structs import replace

    bus = replace(config.buses[0], url=f"socket://127.0.0.1:{port}")
    async with watching(replace(config, buses=(bus,))) as watch:
        await watch.until(lambda: set(watch.locks.doors().values()) == {"closed"})
        assert watch.locks.buses() == {"main": "up"}
    server.close()
    await server.wait_closed()


async def test_giving_back_a_network_line_throws_away_what_was_not_taken() -> None:
    """An unlock kept in the system's buffers must not arrive once the converter breathes again."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    line = line_to(f"socket://127.0.0.1:{listening.getsockname()[1]}")
    await line.open()
    peer, _ = await asyncio.get_running_loop().sock_accept(listening)
    line.write(b"\x02\x00\x31\x03\x36")
    await line.close()

    async def reads_to_the_end() -> None:
        """After a polite close there is an end of file, and what was under way still comes."""
        while await asyncio.get_running_loop().sock_recv(peer, 100):
            pass

    with pytest.raises(ConnectionResetError):
        await reads_to_the_end()
    peer.close()
    listening.close()


async def test_a_question_without_answer_gives_the_line_back_and_opens_it_anew() -> None:
    lines = 0

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lines
        lines += 1
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(deaf, "127.0.0.1", 0)
    url = f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    talk = Conversation(url, 19200, KerongCu16())
    await talk.line.open()
    with pytest.raises(NoAnswer):
        await talk.ask(0)
    assert lines == 2
    await talk.close()
    server.close()
    await server.wait_closed()
