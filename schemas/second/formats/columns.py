"""Rows as they travel, in columns of differences (02-batch: BATCH-20 to BATCH-23), read and written."""

from typing import List, NamedTuple

from cbor import Item
from formats.row import MAX_TIME, fits
from refusal import need
from shape import is_int, is_list

MAX_ROWS = 4096


class Times(NamedTuple):
    """A row as it is read from columns: its time in ms and its values."""

    time: int
    values: List[Item]


def count_rows(columns: Item, width: int) -> int:
    """The number of rows, from number and lengths of the columns alone (BATCH-23). Refuses with malformed."""
    need(is_list(columns, 1 + width), "malformed", "as many columns as the definition has")
    need(all(type(column) is list for column in columns), "malformed", "columns are arrays")
    times, rows = len(columns[0]), len(columns[1])
    need(all(len(column) == rows for column in columns[1:]), "malformed", "columns of one length")
    need(rows > 0, "malformed", "no rows")
    need(min(rows, 2) <= times <= rows, "malformed", "length of the time column")
    return rows


def _times(column: List[Item], rows: int) -> List[int]:
    need(len(column) <= 2 or column[-1] != 0, "malformed", "zeros at the end of the time column")
    out: List[int] = []
    step = 0
    for at in range(rows):
        entry = column[at] if at < len(column) else 0
        need(type(entry) is int, "malformed", "time of another type")
        step = entry if at <= 1 else step + entry
        out.append(entry if at == 0 else out[-1] + step)
        need(is_int(out[-1], 0, MAX_TIME), "malformed", "time out of range")
    return out


def _integers(column: List[Item]) -> List[Item]:
    out: List[Item] = []
    last = 0
    for entry in column:
        need(entry is None or type(entry) is int, "malformed", "value of another type")
        if entry is not None:
            last += entry
            need(fits(last, "int"), "malformed", "value out of range")
        out.append(None if entry is None else last)
    return out


def read_columns(columns: List[List[Item]], types: List[str]) -> List[Times]:
    """The rows; number and lengths were checked before. Refuses with malformed."""
    times = _times(columns[0], len(columns[1]))
    values = []
    for column, kind in zip(columns[1:], types):
        if kind == "int":
            values.append(_integers(column))
            continue
        need(all(fits(value, kind) for value in column), "malformed", "value of another type")
        values.append(column)
    return [Times(time, [column[at] for column in values]) for at, time in enumerate(times)]


def write_columns(rows: List[Times], types: List[str]) -> List[List[Item]]:
    """The one way to put these rows into columns."""
    times = [row.time for row in rows]
    steps = [later - earlier for earlier, later in zip(times, times[1:])]
    column = times[:1] + steps[:1] + [later - earlier for earlier, later in zip(steps, steps[1:])]
    while len(column) > 2 and column[-1] == 0:
        column.pop()
    out: List[List[Item]] = [column]
    for at, kind in enumerate(types):
        values = [row.values[at] for row in rows]
        if kind == "int":
            last = 0
            for place, value in enumerate(values):
                if value is not None:
                    values[place], last = value - last, value
        out.append(values)
    return out
