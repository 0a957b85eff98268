"""A forge that means harm, on loopback and over TLS: what it does is the first part of the path."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST, IP = "forge.example", "127.0.0.2"
COMMIT = "a" * 40
ADVERTISEMENT = "application/x-git-upload-pack-advertisement"
RESULT = "application/x-git-upload-pack-result"
PIECE = 65_000


def line(content: bytes) -> bytes:
    return f"{len(content) + 4:04x}".encode() + content


def band(number: int, content: bytes) -> bytes:
    return line(bytes([number]) + content)


FLUSH = b"0000"
VERSION_2 = (
    line(b"# service=git-upload-pack\n")
    + FLUSH
    + line(b"version 2\n")
    + line(b"ls-refs=unborn\n")
    + line(b"fetch=shallow filter\n")
    + FLUSH
)
HEADS = (
    line(f"{COMMIT} HEAD symref-target:refs/heads/main\n".encode())
    + line(f"{COMMIT} refs/heads/main\n".encode())
    + FLUSH
)


def certificate(folder: Path) -> Path:
    """A key and a certificate for `HOST` that signs itself, in one file."""
    made = folder / "forge.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    made.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return made


class Forge(BaseHTTPRequestHandler):
    """Answers `GET /TRICK/…/info/refs` and `POST /TRICK/…/git-upload-pack` as the trick says."""

    protocol_version = "HTTP/1.1"
    root = Path()
    body = b""
    elsewhere = ""

    def do_GET(self) -> None:
        self._play("get")

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._play("post")

    def _play(self, verb: str) -> None:
        trick = self.path.split("/")[1].replace("-", "_")
        play = getattr(self, f"{verb}_{trick}", None) or getattr(self, f"any_{trick}", None)
        try:
            (play or self._usual(verb))()
        except OSError:  # git went away, as it should
            self.close_connection = True

    def _usual(self, verb: str):
        return (lambda: self.say(VERSION_2)) if verb == "get" else (lambda: self.say(HEADS, kind=RESULT))

    def say(self, content: bytes, *, kind: str = ADVERTISEMENT, code: int = 200, **headers: str) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def stream(self, pieces: Iterator[bytes], *, kind: str = ADVERTISEMENT, pause: float = 0, **headers: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for piece in pieces:
            self.wfile.write(piece)
            time.sleep(pause)

    def log_message(self, *_: object) -> None:
        pass

    # --- silence and patience ---
    def any_silent(self) -> None:
        time.sleep(300)

    def get_silent_body(self) -> None:
        self.stream(iter([b"001e"]), pause=300)

    def get_dripping(self) -> None:
        self.stream((line(b"x" * 1400) for _ in iter(int, 1)), pause=0.4)

    def get_dripping_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in iter(int, 1):
            self.wfile.write(b"X-A: " + b"a" * 1000 + b"\r\n")
            time.sleep(0.3)

    def post_silent_heads(self) -> None:
        time.sleep(300)

    # --- endless ---
    def get_endless_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in iter(int, 1):
            self.wfile.write(b"X-A: " + b"a" * 60_000 + b"\r\n")

    def get_endless_capabilities(self) -> None:
        self.stream(iter(lambda: line(b"c" * PIECE), None))

    def get_endless_garbage(self) -> None:
        self.stream(iter(lambda: os.urandom(PIECE), None))

    def post_endless_heads(self) -> None:
        self.stream(
            (
                line(f"{COMMIT} refs/heads/{n:09}{'x' * 200}\n".encode())
                for n in iter(lambda: time.monotonic_ns() % 10**9, -1)
            ),
            kind=RESULT,
        )

    def post_million_heads(self) -> None:
        lines = (
            b"".join(line(f"{COMMIT} refs/heads/{n * 1000 + m}\n".encode()) for m in range(1000)) for n in range(1000)
        )
        self.stream((*lines, FLUSH), kind=RESULT)

    def _fetching(self, pieces: Iterator[bytes]) -> None:
        """The answer to `fetch`; `ls-refs`, which comes first, gets the usual one."""
        if b"command=ls-refs" in self.body:
            self.say(HEADS, kind=RESULT)
        else:
            self.stream(pieces, kind=RESULT)

    def post_endless_sideband(self) -> None:
        self._fetching(self._after(line(b"packfile\n"), band(2, b"working\r" * 8000)))

    def post_endless_errors(self) -> None:
        self._fetching(self._after(line(b"packfile\n"), band(2, b"\x1b[2J error: " + b"a" * 60_000 + b"\n")))

    def post_endless_pack(self) -> None:
        self._fetching(
            self._after(
                line(b"packfile\n") + band(1, b"PACK\0\0\0\2\x7f\xff\xff\xff" + b"\xb0" + b"\xff" * 8 + b"\x7f"),
                band(1, bytes(PIECE)),
            )
        )

    def post_endless_stored_pack(self) -> None:
        """One blob of 2 GB that is not even compressed: every byte lands on the disk."""
        head = band(1, b"PACK\0\0\0\2\0\0\0\1" + b"\xbf\xff\xff\xff\x7f" + b"\x78\x01")
        block = (
            b"\x00"
            + (PIECE - 500).to_bytes(2, "little")
            + (0xFFFF - (PIECE - 500)).to_bytes(2, "little")
            + os.urandom(PIECE - 500)
        )
        self._fetching(self._after(line(b"packfile\n") + head, band(1, block)))

    def post_wrong_pack(self) -> None:
        self._fetching(iter([line(b"packfile\n"), band(1, b"PACK\0\0\0\2\0\0\0\0" + bytes(20)), FLUSH]))

    def post_short_pack(self) -> None:
        self._fetching(iter([line(b"packfile\n"), band(1, b"PACK\0\0\0\2\0\0\0\5")]))

    def post_error_band(self) -> None:
        self._fetching(iter([line(b"packfile\n"), band(3, b"<script>\x1b[31m\xff\0" * 50), FLUSH]))

    def post_endless_shallow(self) -> None:
        self._fetching(self._after(line(b"shallow-info\n"), line(f"shallow {COMMIT}\n".encode()) * 1000))

    def _after(self, first: bytes, again: bytes) -> Iterator[bytes]:
        yield first
        while True:
            yield again

    # --- refusals ---
    def any_401(self) -> None:
        self.say(b"", code=401, WWW_Authenticate='Basic realm="x"')

    def any_401_forever(self) -> None:
        self.say(b"", code=401, WWW_Authenticate="Negotiate, NTLM, Digest realm=x nonce=y")

    def any_403(self) -> None:
        self.say(b"", code=403)

    def any_404(self) -> None:
        self.say(b"", code=404)

    def any_429(self) -> None:
        self.say(b"", code=429, Retry_After="120")

    def any_500(self) -> None:
        self.say(b"<script>alert(1)</script>" * 1000, code=500, kind="text/html")

    def any_503(self) -> None:
        self.say(b"", code=503, Retry_After="Fri, 31 Dec 9999 23:59:59 GMT")

    def any_reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()

    # --- redirects into the machine ---
    def _redirect(self, code: int) -> None:
        self.say(b"", code=code, Location=f"{self.elsewhere}/ok/x/info/refs?service=git-upload-pack")

    def any_301(self) -> None:
        self._redirect(301)

    def any_302(self) -> None:
        self._redirect(302)

    def any_307(self) -> None:
        self._redirect(307)

    def any_308(self) -> None:
        self._redirect(308)

    def post_307_later(self) -> None:
        self.say(b"", code=307, Location=f"{self.elsewhere}/ok/x/git-upload-pack")

    def any_file_redirect(self) -> None:
        self.say(b"", code=302, Location="file:///etc/passwd")

    def any_refresh(self) -> None:
        self.say(
            b"",
            Refresh=f"0; url={self.elsewhere}/x",
            Alt_Svc=f'h2="{self.elsewhere[8:]}"',
            Link=f"<{self.elsewhere}>; rel=preload",
        )

    # --- nonsense ---
    def get_dumb(self) -> None:
        if self.path.endswith("alternates"):
            self.say(f"{self.elsewhere}/x\n".encode(), kind="text/plain")
        elif self.path.endswith("HEAD"):
            self.say(b"ref: refs/heads/main\n", kind="text/plain")
        else:
            self.say(f"{COMMIT}\trefs/heads/main\n".encode(), kind="text/plain")

    def get_dumb_endless(self) -> None:
        self.stream(iter(f"{COMMIT}\trefs/heads/x{'y' * 60_000}\n".encode, None), kind="text/plain")

    def get_html(self) -> None:
        self.say(b"<html>" + b"<a href=x>" * 10_000, kind="text/html")

    def get_gzip_bomb(self) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(2000)) + packer.flush()
        self.say(packed, Content_Encoding="gzip")

    def get_lengths(self) -> None:
        self.say(VERSION_2, Content_Length="99999999999999999999")

    def get_bad_lines(self) -> None:
        self.say(b"zzzz" + b"0001" + b"0003" + b"ffff")

    def get_bundle(self) -> None:
        self.say(VERSION_2.removesuffix(FLUSH) + line(b"bundle-uri\n") + FLUSH)

    def post_bundle(self) -> None:
        self.say(line(f"bundle.x.uri={self.elsewhere}/x\n".encode()) + HEADS, kind=RESULT)

    def post_odd_heads(self) -> None:
        names = (
            b"HEAD",
            b"refs/heads/../../../x",
            b"refs/heads/-h",
            b"refs/heads/\x1b[31m",
            b"refs/heads/a b",
            b"\xff\xfe",
        )
        self.say(b"".join(line(COMMIT.encode() + b" " + name + b"\n") for name in names) + FLUSH, kind=RESULT)

    def post_bad_ids(self) -> None:
        self.say(line(b"zz HEAD\n") + line(b"a" * 64 + b" HEAD\n") + FLUSH, kind=RESULT)

    def post_error_line(self) -> None:
        self.say(line(b"ERR <script>alert(1)</script>\x1b[31m" + b"a" * 1000), kind=RESULT)

    # --- a real repository, served by git itself ---
    def any_git(self) -> None:
        """`git http-backend`; the repository does not allow filters, so that the one asked for is ignored."""
        path, _, query = self.path.removeprefix("/git").partition("?")
        environment = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "CONTENT_LENGTH": str(len(self.body)), "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }  # fmt: skip
        answer = subprocess.run(
            ["git", "http-backend"], env=environment, input=self.body, capture_output=True, check=True
        ).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        fields = dict(field.decode().split(": ", 1) for field in head.split(b"\r\n"))
        self.say(content, kind=fields.get("Content-Type", ""), code=int(fields.get("Status", "200")[:3]))


class Quiet(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: object) -> None:
        """Whoever goes away in the middle is no fault here."""


def serve(folder: Path, *, elsewhere: str) -> tuple[Quiet, Path]:
    """A forge that runs until it is shut down, and the certificate to trust."""
    pem = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    handler = type("Here", (Forge,), {"root": folder, "elsewhere": elsewhere})
    server = Quiet((IP, 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, folder / "cert.pem"


TRICKS = sorted(
    {
        name.split("_", 1)[1].replace("_", "-")
        for name in vars(Forge)
        if name.startswith(("get_", "post_", "any_")) and name != "any_git"
    }
)
