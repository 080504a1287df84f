"""A pseudo-terminal for an emulated board. Standard library only.

stdin: bytes for whoever has the terminal open; its end ends the program, which hangs the terminal up.
stdout: messages of a letter, a length (2 bytes, low first) and so many bytes:
  P path of the terminal; O somebody has opened it; C nobody has it open any more; D bytes that were written to it.
"""

import os
import select
import signal
import struct
import sys
import tty

POLL_MS = 10
CHUNK = 4096


def say(letter, data=b""):
    message = letter + struct.pack("<H", len(data)) + data
    while message:
        message = message[os.write(1, message) :]


def is_held(board):
    """Whether somebody has the terminal open, and whether there is something to read."""
    poll = select.poll()
    poll.register(board, select.POLLIN)
    events = dict(poll.poll(0)).get(board, 0)
    return not events & select.POLLHUP, bool(events & select.POLLIN)


def offer(board, data):
    """What nobody reads in time is lost, as in the buffer of a real port."""
    try:
        os.write(board, data)
    except OSError:
        pass


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it, and ends this too
    board, terminal = os.openpty()
    tty.setraw(terminal)
    say(b"P", os.ttyname(terminal).encode())
    os.set_blocking(board, False)
    os.close(terminal)  # from here on POLLHUP says that nobody has it open
    was_open = False
    while True:
        is_open, has_data = is_held(board)
        if (is_open or has_data) and not was_open:
            say(b"O")
            was_open = True
        if has_data:
            say(b"D", os.read(board, CHUNK))
            continue
        if was_open and not is_open:
            say(b"C")
            was_open = False
        wait = select.poll()
        wait.register(0, select.POLLIN)
        if is_open:
            wait.register(board, select.POLLIN)  # a hang-up ends the wait too
        if dict(wait.poll(None if is_open else POLL_MS)).get(0):
            data = os.read(0, CHUNK)
            if not data:
                return
            if is_open:
                offer(board, data)


if __name__ == "__main__":
    main()
