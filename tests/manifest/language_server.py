"""A client of yaml-language-server: the real one, over its protocol."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SERVER = Path("node_modules/yaml-language-server/bin/yaml-language-server")


class LanguageServer:
    """Opens documents and asks about them. Every wait is for one certain message."""

    def __init__(self, process: "subprocess.Popen[bytes]", schema: Path) -> None:
        self._process = process
        self._schema = schema
        self._last = 0
        self._opened = 0

    def start(self) -> None:
        self._request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self._notify("initialized", {})
        self._notify("workspace/didChangeConfiguration", {"settings": self._settings()})

    def open(self, text: str, uri: str | None = None) -> str:
        """Show *text* to the server as a manifest; return its address."""
        self._opened += 1
        uri = uri or f"file:///{self._opened}/instances.yaml"
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def underlined(self, texts: Mapping[str, str]) -> dict[str, list[str]]:
        """Return what the editor says of each of *texts*, which are named by their addresses.

        All are opened before the first answer is awaited: the server lets each rest a while.
        """
        for uri, text in texts.items():
            self.open(text, uri)
        told: dict[str, list[str]] = {}
        while len(told) < len(texts):
            message = self._read()
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                if params["uri"] in texts:
                    told[params["uri"]] = [item["message"] for item in params["diagnostics"]]
        return told

    def ask(self, about: str, text: str, line: int, character: int) -> Any:
        """Return the answer to `textDocument/<about>` at a place that counts from 0."""
        place = {"line": line, "character": character}
        document = {"uri": self.open(text)}
        return self._request(f"textDocument/{about}", {"textDocument": document, "position": place})

    def _settings(self) -> dict[str, Any]:
        schemas = {self._schema.as_uri(): "*.yaml"}
        store = {"enable": False}
        yaml = {"schemas": schemas, "schemaStore": store, "hover": True, "completion": True}
        return {"yaml": {**yaml, "validate": True, "format": {"enable": False}}}

    def _request(self, method: str, params: dict[str, Any]) -> Any:
        self._last += 1
        number = self._last
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                return message["result"]

    def _notify(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        """Return the next message; what the server asks of its client is answered on the way."""
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        if not length:
            raise EOFError("the language server has ended")
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        if "id" in message and "method" in message:
            self._send({"id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: dict[str, Any]) -> Any:
        if message["method"] == "workspace/configuration":
            known = self._settings()
            return [known.get(item.get("section")) for item in message["params"]["items"]]
        return None


@contextmanager
def serving(folder: Path, schema: Path) -> Iterator[LanguageServer]:
    """Run the server that is installed in *folder*; it ends with its standard input."""
    process = subprocess.Popen(
        ["node", str(folder / SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        server = LanguageServer(process, schema)
        server.start()
        yield server
    finally:
        process.kill()
        process.communicate()
