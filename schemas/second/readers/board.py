"""board.json: messages and streams on the serial line of a board."""

from formats import board, board_line
from readers.reader import Case, must, reader, unhex
from refusal import Refused, need


@reader("bytes", "groups")
def NUMBER(_: Case, case: Case) -> dict:
    """A number of so many groups, and written again."""
    data = unhex(case["bytes"])
    need(len(data) == case["groups"], board.BAD, "another number of groups")
    value = board.number_of(data)
    must(board.groups_of(value, len(data)) == data, "written again")
    return {"value": value}


@reader("bytes")
def BYTES(_: Case, case: Case) -> dict:
    """A byte string of two groups a byte."""
    data = board.bytes_of(unhex(case["bytes"]))
    must(b"".join(board.groups_of(byte, 2) for byte in data) == unhex(case["bytes"]), "written again")
    return {"data": data}


@reader("bytes")
def PACKED(_: Case, case: Case) -> dict:
    """A packed byte string."""
    data = board.packed_of(unhex(case["bytes"]))
    must(board.pack(data) == unhex(case["bytes"]), "written again")
    return {"data": data}


@reader("bytes")
def REQUEST(_: Case, case: Case) -> dict:
    """A request, and written again; or the error that a board answers."""
    try:
        content = board.read_request(unhex(case["bytes"]))
    except board.Answered as error:
        must(case["answer"] == error.answer, f"answer {error.answer}")
        raise Refused(board.BAD, str(error)) from error
    must(board.write_request(content) == unhex(case["bytes"]), "written again")
    return {"content": content}


@reader("bytes", "before")
def REPLY(_: Case, case: Case) -> dict:
    """A reply, and written again after what the board has said before it."""
    content = board.read_reply(unhex(case["bytes"]))
    must(board.write_reply(content, unhex(case["before"])) == unhex(case["bytes"]), "written again")
    return {"content": content}


@reader("bytes")
def REPORT(_: Case, case: Case) -> dict:
    """A report of Firmata."""
    return {"content": board_line.read_report(unhex(case["bytes"]))}


@reader("bytes", "fromReset")
def LINE(_: Case, case: Case) -> dict:
    """A stream from a board."""
    return {"messages": board_line.read_line(unhex(case["bytes"]), case["fromReset"] is True)}


@reader("bytes")
def HOST_LINE(_: Case, case: Case) -> dict:
    """A stream from a host."""
    return {"messages": board_line.read_host_line(unhex(case["bytes"]))}
