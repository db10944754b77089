"""An API that answers creates, and what instances are asked, at once or after a fixed time, and
costs little.

    python -m benchmarks.server [SECONDS [ROWS]]

prints its port. The sandbox is the real stand-in; this one takes a tenth of its processor time, so
that on two cores the client is what is measured. `GET /count` tells how many creates came; the
account lists ROWS instances.
"""

import asyncio
import json
import sys
from typing import Final

_HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


class Counter:
    """The creates so far, and what the account lists."""

    def __init__(self, rows: int = 0) -> None:
        self.creates = 0
        self._listing = json.dumps([_row(number) for number in range(rows)]).encode()

    def answer(self, verb: bytes, target: bytes) -> bytes:
        """Return the body of an answer."""
        if verb == b"POST":
            self.creates += 1
            number = 1101728000 + self.creates
            return b'{"idInstance":%d,"apiTokenInstance":"%050x","typeInstance":"whatsapp"}' % (
                number,
                number,
            )
        if b"/getSettings/" in target:
            return b'{"incomingWebhook":"yes","stateWebhook":"yes"}'
        if b"/getStateInstance/" in target:
            return b'{"stateInstance":"authorized"}'
        return b"%d" % self.creates if target == b"/count" else self._listing


def _row(number: int) -> dict[str, object]:
    return {
        "idInstance": 1101728000 + number,
        "name": f"instance-{number}",
        "apiTokenInstance": f"{number:050x}",
        "typeInstance": "whatsapp",
        "timeCreated": "2026-11-22T10:06:00",
        "deleted": False,
        "isPartner": True,
        "isFree": False,
    }


class Connection(asyncio.Protocol):
    """One keep-alive connection; a request is in one piece or two."""

    def __init__(self, counter: Counter, seconds: float) -> None:
        self._counter, self._seconds = counter, seconds
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._data = b""
        verb, target, _ = head.split(b" ", 2)
        wait = 0.0 if target == b"/count" else self._seconds
        answer = self._counter.answer(verb, target)
        if wait:
            asyncio.get_running_loop().call_later(wait, self._say, answer)
        else:
            self._say(answer)

    def _say(self, body: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(_HEAD % (len(body), body))


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


async def serve(seconds: float, rows: int) -> None:
    """Serve on a free port of this machine until killed."""
    counter = Counter(rows)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(counter, seconds), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    wait, listed, *_ = [*sys.argv[1:], "0", "0"]
    asyncio.run(serve(float(wait), int(listed)))
