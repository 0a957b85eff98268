"""Writes git objects byte by byte, so that a repository can hold what git itself would never make."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

FILE, PROGRAM, LINK, MODULE, TREE = b"100644", b"100755", b"120000", b"160000", b"40000"
WHO = b"Alice <a@example.org> 1714564800 +0000"


class Store:
    """A bare repository made of loose objects. Ids are hexadecimal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for folder in ("objects", "refs/heads"):
            (path / folder).mkdir(parents=True)
        (path / "config").write_text(
            "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[uploadpack]\n\tallowFilter = true\n"
        )

    def put(self, kind: str, content: bytes) -> str:
        raw = f"{kind} {len(content)}".encode() + b"\0" + content
        name = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
        self.write(name, zlib.compress(raw, 1))
        return name

    def write(self, name: str, packed: bytes) -> None:
        place = self.path / "objects" / name[:2] / name[2:]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(packed)

    def put_zeros(self, size: int) -> str:
        """A blob of zeros that never lies in memory."""
        digest = hashlib.sha1(f"blob {size}".encode() + b"\0", usedforsecurity=False)
        packer, packed = zlib.compressobj(1), []
        packed.append(packer.compress(f"blob {size}".encode() + b"\0"))
        piece = bytes(1 << 20)
        for start in range(0, size, len(piece)):
            part = piece[: min(len(piece), size - start)]
            digest.update(part)
            packed.append(packer.compress(part))
        packed.append(packer.flush())
        self.write(digest.hexdigest(), b"".join(packed))
        return digest.hexdigest()

    def tree(self, entries: list[tuple[bytes, bytes, str]]) -> str:
        """A tree of (mode, name, id), in the order given."""
        return self.put(
            "tree", b"".join(mode + b" " + name + b"\0" + bytes.fromhex(one) for mode, name, one in entries)
        )

    def folder(self, files: dict[str | bytes, object]) -> str:
        """A tree of names: bytes are a file, text a file, a tuple (mode, content or id), a dictionary a folder."""
        entries = []
        for name, held in files.items():
            raw = name if isinstance(name, bytes) else name.encode()
            if isinstance(held, dict):
                entries.append((TREE, raw, self.folder(held)))
                continue
            mode, content = held if isinstance(held, tuple) else (FILE, held)
            if mode == MODULE or (isinstance(content, str) and len(content) == 40 and isinstance(held, tuple)):
                entries.append((mode, raw, content))
            else:
                entries.append((mode, raw, self.put("blob", content.encode() if isinstance(content, str) else content)))
        return self.tree(sorted(entries, key=lambda one: one[1] + (b"/" if one[0] == TREE else b"")))

    def commit(self, tree: str, *, branch: str = "main", raw: bytes | None = None) -> str:
        content = raw or b"tree " + tree.encode() + b"\nauthor " + WHO + b"\ncommitter " + WHO + b"\n\nChange things\n"
        return self.point(self.put("commit", content), branch=branch)

    def point(self, target: str, *, branch: str = "main") -> str:
        reference = self.path / "refs" / "heads" / branch
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(f"{target}\n")
        (self.path / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
        return target

    def of(self, files: dict[str | bytes, object]) -> str:
        return self.commit(self.folder(files))
