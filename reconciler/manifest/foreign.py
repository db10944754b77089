"""Files that are no manifest yet: told by what they are, with the cure."""

import re
from typing import Final

_MAGIC: Final = (
    (b"\x1f\x8b", "the file is compressed by gzip", "unpack it: gunzip"),
    (b"PK\x03\x04", "the file is a zip archive", "unpack it"),
    (b"\0GITCRYPT\0", "the file is encrypted by git-crypt", "unlock it: git-crypt unlock"),
    (b"age-encryption.org/", "the file is encrypted by age", "decrypt it: age --decrypt"),
    (b"$ANSIBLE_VAULT;", "the file is encrypted by Ansible", "decrypt it: ansible-vault view"),
)  # fmt: skip
_UTF_32: Final = re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff|\0\0\0[^\0]|[^\0]\0\0\0")
_UTF_16: Final = re.compile(rb"\xff\xfe|\xfe\xff|\0[^\0]\0[^\0]|[^\0]\0[^\0]\0")
_LFS: Final = re.compile(r"version https://git-lfs\.github\.com/spec/")
_CONFLICT: Final = re.compile(r"^(?:<{7} |>{7} |\|{7} )", re.MULTILINE)
_BOM_AFTER_COMMENTS: Final = re.compile(r"((?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))+)\ufeff")

Foreign = tuple[int, str, str]  # where, what it is, what to do


def foreign_bytes(data: bytes) -> Foreign | None:
    """Recognise what is no text in UTF-8."""
    for magic, message, hint in _MAGIC:
        if data.startswith(magic):
            return 0, message, hint
    for pattern, name in ((_UTF_32, "UTF-32"), (_UTF_16, "UTF-16")):
        if pattern.match(data):
            return 0, f"the file is {name}, not UTF-8", "save it as UTF-8"
    return None


def foreign_text(text: str) -> Foreign | None:
    """Recognise a text that something else left here."""
    if _LFS.match(text):
        return 0, "this is a pointer of Git LFS, not the file itself", "fetch it: git lfs pull"
    if "<<<<<<<" in text or ">>>>>>>" in text:
        for found in _CONFLICT.finditer(text):
            return (
                found.start(),
                "a merge conflict of git was not resolved here",
                "keep one side, and take the lines with <<<<<<<, ======= and >>>>>>> out",
            )
    return None


def without_late_bom(text: str) -> str:
    """Drop a byte order mark that stands after the comments at the top."""
    found = _BOM_AFTER_COMMENTS.match(text) if "\ufeff" in text else None
    return found.group(1) + text[found.end() :] if found else text
