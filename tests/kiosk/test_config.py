"""The kiosk's file: what it may say, and that a wrong line is named so that an installer finds it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from onthaal.kiosk.config import BrowserTable, CodeReaderTable, ConfigFault, KioskConfig, TagReaderTable, load

WHOLE = """
[kiosk]
centre = "https://onthaal.example.be"
store = "/var/lib/onthaal/kiosk.db"
key = "/etc/onthaal/kiosk.key"      # made by `kiosk enrol`; pepper beside it
screen = "127.0.0.1:8100"
languages = ["nl", "fr", "en"]
help_phone = "+32 9 000 00 00"

[[bus]]
name = "main"
dialect = "kerong-cu16"         # kerong-cu48 · kerong-cu16 · board-8a (later: wkly · winnsen · modbus-relay)
url = "/dev/ttyUSB0"            # or socket://host:port
baudrate = 19200
status_order = "low-first"      # board-8a only: which status byte holds channels 1-8; low-first | high-first

[[compartment]]
number = 1
bus = "main"
board = 0                       # the board's own address
channel = 1                     # 1-based
closed_bit = 1                  # which raw value means closed: depends on the wiring
presence_bit = 1                # which raw value means present; left out: no sensor
size = "M"                      # S · M · L · XL
bottom_mm = 700
top_mm = 1000

[code_reader]
kind = "serial"                 # lines ended by CR, LF or both (later: gm65 · evdev)
url = "/dev/ttyACM0"
baudrate = 9600

[tag_reader]
kind = "uhf-m100"               # later: pcsc (ISO 15693)
url = "/dev/ttyUSB1"
baudrate = 115200
"""
ANOTHER_DOOR = """
[[compartment]]
number = 2
bus = "main"
board = 0
channel = 2
closed_bit = 0
size = "XL"
bottom_mm = 0
top_mm = 700
"""


def loaded(folder: Path, text: str) -> KioskConfig:
    path = folder / "kiosk.toml"
    path.write_text(text)
    return load(path)


BROWSER = """
[browser]
command = "/usr/bin/chromium"
hosts = ["onthaal.example.be", "*.itsme.be"]
"""


def test_the_walls_own_browser_may_be_named(tmp_path) -> None:
    assert loaded(tmp_path, WHOLE).browser is None
    browser = loaded(tmp_path, WHOLE + BROWSER).browser
    assert browser == BrowserTable(command="/usr/bin/chromium", hosts=("onthaal.example.be", "*.itsme.be"))


@pytest.mark.parametrize(
    ("lines", "key"),
    [('command = ""', "command"), ("args = []", "command"), ('command = "x"\nprofile = "y"', "profile")],
)
def test_a_browser_that_cannot_be_started_so_is_named(tmp_path, lines: str, key: str) -> None:
    with pytest.raises(ConfigFault) as fault:
        loaded(tmp_path, f"{WHOLE}\n[browser]\n{lines}\n")
    assert (fault.value.table, fault.value.key) == ("[browser]", key)


@pytest.mark.parametrize("lines", ["", "hosts = []"])
def test_a_browser_that_may_show_nobodys_page_or_everybodys_is_refused_with_what_to_write(tmp_path, lines: str) -> None:
    with pytest.raises(ConfigFault, match=r"itsme\.be") as fault:
        loaded(tmp_path, f'{WHOLE}\n[browser]\ncommand = "x"\n{lines}\n')
    assert (fault.value.table, fault.value.key) == ("[browser]", "hosts")


@pytest.mark.parametrize("host", ["*", "*.", "*.be", "https://itsme.be", "itsme.be/pad", "a*.itsme.be"])
def test_what_is_no_host_name_or_stands_for_half_the_web_is_refused(tmp_path, host: str) -> None:
    with pytest.raises(ConfigFault) as fault:
        loaded(tmp_path, f'{WHOLE}\n[browser]\ncommand = "x"\nhosts = ["{host}"]\n')
    assert (fault.value.table, fault.value.key) == ("[browser]", "hosts")


def test_the_file_of_the_design_is_read_as_it_stands(tmp_path) -> None:
    config = loaded(tmp_path, WHOLE)
    assert config.kiosk.store == "/var/lib/onthaal/kiosk.db"
    assert config.kiosk.screen_address() == ("127.0.0.1", 8100)
    assert config.kiosk.languages == ("nl", "fr", "en")
    assert (config.buses[0].name, config.buses[0].dialect, config.buses[0].baudrate) == ("main", "kerong-cu16", 19200)
    assert config.compartments[0].presence_bit == 1
    assert config.code_reader == CodeReaderTable(kind="serial", url="/dev/ttyACM0", baudrate=9600)
    assert config.tag_reader == TagReaderTable(kind="uhf-m100", url="/dev/ttyUSB1", baudrate=115200)


def test_readers_and_sensors_may_be_left_out(tmp_path) -> None:
    text = re.sub(r"presence_bit.*\n", "", WHOLE.partition("[code_reader]")[0])
    config = loaded(tmp_path, text)
    assert (config.code_reader, config.tag_reader) == (None, None)
    assert config.compartments[0].presence_bit is None
    assert [one.presence for one in config.fitted()] == [False]


def test_what_goes_up_about_the_compartments_is_in_order_of_their_numbers(tmp_path) -> None:
    first, _, rest = WHOLE.partition("[[compartment]]")
    config = loaded(tmp_path, first + ANOTHER_DOOR + "[[compartment]]" + rest)
    assert [(one.number, one.size, one.presence) for one in config.fitted()] == [(1, "M", True), (2, "XL", False)]


def test_relative_paths_are_taken_from_the_files_own_folder(tmp_path) -> None:
    text = WHOLE.replace("/var/lib/onthaal/", "").replace('"/dev/ttyUSB0"', '"lines/main"')
    config = loaded(tmp_path, text)
    assert config.kiosk.store == str(tmp_path / "kiosk.db")
    assert config.buses[0].url == str(tmp_path / "lines/main")


def test_a_board_behind_a_network_converter_has_an_address(tmp_path) -> None:
    assert (
        loaded(tmp_path, WHOLE.replace("/dev/ttyUSB0", "socket://10.0.0.7:4001")).buses[0].url
        == "socket://10.0.0.7:4001"
    )


WRONG = [
    # what stands there, what it becomes, the table and key that must be named
    ("help_phone", "help_fone", "[kiosk]", "help_fone"),
    ("[tag_reader]", "[tagreader]", "[tagreader]", None),
    ('help_phone = "+32 9 000 00 00"', "", "[kiosk]", "help_phone"),
    ('centre = "https://onthaal.example.be"', 'centre = "onthaal.example.be"', "[kiosk]", "centre"),
    ('screen = "127.0.0.1:8100"', 'screen = "8100"', "[kiosk]", "screen"),
    ('"nl", "fr", "en"', '"nl", "de"', "[kiosk]", "languages"),
    ('"nl", "fr", "en"', '"nl", "nl"', "[kiosk]", "languages"),
    ('["nl", "fr", "en"]', "[]", "[kiosk]", "languages"),
    ('dialect = "kerong-cu16"', 'dialect = "cu16"', '[[bus]] "main"', "dialect"),
    ("baudrate = 19200", 'baudrate = "19200"', '[[bus]] "main"', "baudrate"),
    ("baudrate = 19200", "baudrate = 19200\nparity = 1", '[[bus]] "main"', "parity"),
    ('url = "/dev/ttyUSB0"', 'url = "rfc2217://x:1"', '[[bus]] "main"', "url"),
    ('url = "/dev/ttyUSB0"', 'url = "socket://host"', '[[bus]] "main"', "url"),
    ('status_order = "low-first"', 'status_order = "low"', '[[bus]] "main"', "status_order"),
    ("number = 1", "number = 0", "[[compartment]] 0", "number"),
    ('bus = "main"', 'bus = "other"', "[[compartment]] 1", "bus"),
    ("board = 0", "board = 15", "[[compartment]] 1", "board"),
    ("channel = 1 ", "channel = 17 ", "[[compartment]] 1", "channel"),
    ("channel = 1 ", "channel = 0 ", "[[compartment]] 1", "channel"),
    ("closed_bit = 1", "closed_bit = 2", "[[compartment]] 1", "closed_bit"),
    ("closed_bit = 1", "closed_bit = true", "[[compartment]] 1", "closed_bit"),
    ("presence_bit = 1", 'presence_bit = "yes"', "[[compartment]] 1", "presence_bit"),
    ('size = "M"', 'size = "XXL"', "[[compartment]] 1", "size"),
    ("top_mm = 1000", "top_mm = 700", "[[compartment]] 1", "top_mm"),
    ('dialect = "kerong-cu16"', 'dialect = "kerong-cu48"', "[[compartment]] 1", "presence_bit"),
    ('kind = "serial"', 'kind = "gm65"', "[code_reader]", "kind"),
    ('url = "/dev/ttyACM0"', 'url = "/dev/ttyUSB0"', "[code_reader]", "url"),
]


@pytest.mark.parametrize(("before", "after", "table", "key"), WRONG)
def test_a_wrong_line_is_named_with_its_table_and_key(tmp_path, before, after, table, key) -> None:
    assert before in WHOLE
    with pytest.raises(ConfigFault) as told:
        loaded(tmp_path, WHOLE.replace(before, after, 1))
    assert (told.value.table, told.value.key) == (table, key)
    assert ";" in str(told.value), "it says what to do"


@pytest.mark.parametrize(
    ("again", "key"),
    [
        (ANOTHER_DOOR.replace("number = 2", "number = 1"), "number"),
        (ANOTHER_DOOR.replace("channel = 2", "channel = 1"), "channel"),
    ],
)
def test_two_compartments_share_neither_number_nor_channel(tmp_path, again, key) -> None:
    with pytest.raises(ConfigFault) as told:
        loaded(tmp_path, WHOLE + again)
    assert told.value.key == key


def test_two_buses_share_neither_name_nor_line(tmp_path) -> None:
    second = '\n[[bus]]\nname = "{}"\ndialect = "kerong-cu48"\nurl = "{}"\nbaudrate = 19200\n'
    for name, url, key in (("main", "/dev/ttyUSB9", "name"), ("second", "/dev/ttyUSB0", "url")):
        with pytest.raises(ConfigFault) as told:
            loaded(tmp_path, WHOLE + second.format(name, url))
        assert told.value.key == key


@pytest.mark.parametrize("missing", ["[kiosk]", "[[bus]]", "[[compartment]]"])
def test_a_file_without_one_of_its_tables_says_which(tmp_path, missing) -> None:
    tables = re.split(r"(?m)^(?=\[)", WHOLE)
    with pytest.raises(ConfigFault, match=re.escape(missing)):
        loaded(tmp_path, "".join(one for one in tables if not one.startswith(missing)))


def test_a_file_that_is_no_toml_or_not_there_is_said(tmp_path) -> None:
    with pytest.raises(ConfigFault, match="TOML"):
        loaded(tmp_path, "[kiosk\n")
    with pytest.raises(ConfigFault, match="cannot be read"):
        load(tmp_path / "nowhere.toml")
