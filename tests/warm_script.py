"""The `reconciler` of scripts: has the warm process do what it is called for, see `warm.py`.

It imports next to nothing, for that is what it is for.
"""

import json
import os
import signal
import socket
import sys

request = {"args": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd(), "terminal": False}  # noqa: PTH109
data = json.dumps(request).encode()
told = socket.socket(socket.AF_UNIX)
told.connect(os.path.join(os.path.dirname(__file__), "door"))  # noqa: PTH118, PTH120
socket.send_fds(told, [len(data).to_bytes(4, "big")], [0, 1, 2])
told.sendall(data)
pid = int.from_bytes(told.recv(4), "big")
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: os.kill(pid, number))
code = int.from_bytes(told.recv(4), "big", signed=True)
sys.exit(code if code >= 0 else 128 - code)
