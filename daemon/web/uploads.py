"""Reads the one form that carries files: onto the disk while it comes, into memory once it is whole.

Such a form holds a page's place for no moment (`turnstile`): it has places of its own, a time that grows with
what has come, and `SPOOL_BYTES` of memory while it comes. Who holds no good link is refused before a body is
read. It is taken apart in a thread, since octets can be chosen that take the parser long.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Scope

from daemon.front_desk import MAX_TEXT, Upload
from daemon.templating.values import clean
from daemon.web.bodies import MAX_FIELDS, MAX_FORM_BYTES, declared_bytes
from daemon.web.settings import UploadLimits

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

SPOOL_BYTES: Final = 64 * 1024
"""What of a form is held in memory before it goes to the disk."""
MOST_CPU_S: Final = 4.0
"""Of taking one apart. 35 MB of files take a tenth of a second."""
GRACE_S: Final = 20.0
SLOWEST: Final = 16 * 1024
"""Octets a second, on average after GRACE_S. A bad telephone line has three times as much."""
LONGEST_S: Final = 600.0
AT_ONCE: Final = 2
"""Forms whose files are held in memory while they are checked: each may be as long as a mail."""
_ROUTE: Final = re.compile(r"/c/[^/]{1,300}/information")
_FIELD_BYTES: Final = 4 * MAX_TEXT
_AROUND_BYTES: Final = 2048
"""Around each part, its name among it."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields, the first value of each, clean; and the files that were chosen."""

    fields: Mapping[str, str]
    files: tuple[Upload, ...] = ()


def is_upload(scope: Scope) -> bool:
    """Whether this is a form that may carry files, by what it says of itself before its body comes."""
    kind = Headers(scope=scope).get("content-type", "")
    is_multipart = kind.partition(";")[0].strip().lower() == "multipart/form-data"
    return is_multipart and scope["method"] == "POST" and _ROUTE.fullmatch(scope["path"]) is not None


class Uploads:
    """Reads such forms, within `limits`."""

    def __init__(self, limits: UploadLimits) -> None:
        self._limits = limits
        self._most_bytes = limits.all_bytes + MAX_FORM_BYTES + limits.most * _AROUND_BYTES
        self._hands = asyncio.Semaphore(AT_ONCE)

    @contextlib.asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[Form]:
        """The form, as long as it is needed. Raises HTTPException: 413 over a limit, 415 for an encoded one,
        408 for a slow one, 400 for what is no form."""
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise HTTPException(415)
        if declared_bytes(request.scope) > self._most_bytes:
            raise HTTPException(413)
        with SpooledTemporaryFile(max_size=SPOOL_BYTES) as body:
            size = await self._gathered(request, body)
            async with self._hands if size > MAX_FORM_BYTES else contextlib.nullcontext():
                yield await asyncio.to_thread(self._understood, body, request.headers["content-type"])

    async def _gathered(self, request: Request, body: SpooledTemporaryFile[bytes]) -> int:
        """Write the body down as it comes, more time for what has come; its length. Raises HTTPException."""
        begun, so_far = asyncio.get_running_loop().time(), 0
        try:
            async with asyncio.timeout(GRACE_S) as limit:
                async for chunk in request.stream():
                    so_far += len(chunk)
                    if so_far > self._most_bytes:
                        raise HTTPException(413)
                    limit.reschedule(begun + min(LONGEST_S, GRACE_S + so_far / SLOWEST))
                    await asyncio.to_thread(body.write, chunk)
        except TimeoutError:
            raise HTTPException(408) from None
        return so_far

    def _understood(self, body: SpooledTemporaryFile[bytes], content_type: str) -> Form:
        """In a thread, and not for long: a body that is made for it takes the parser a second for each
        megabyte, a hundred times as long as any other. Raises HTTPException 400."""
        body.seek(0)
        collected, began = _Collector(self._limits.most), time.thread_time()
        try:
            boundary = parse_options_header(content_type)[1][b"boundary"]
            parser = MultipartParser(boundary, collected.callbacks())
            while chunk := body.read(SPOOL_BYTES):
                parser.write(chunk)
                if time.thread_time() - began > MOST_CPU_S:
                    raise HTTPException(400)
            parser.finalize()
        except (FormParserError, LookupError, ValueError):
            raise HTTPException(400) from None
        return collected.form()


class _Collector:
    """Gathers the parts of one form as the parser meets them. Raises ValueError where there are too many."""

    def __init__(self, most_files: int) -> None:
        self._most_files = most_files + 1  # one too many is told to its writer, a thousand to nobody
        self._header = bytearray(), bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._data = bytearray()
        self._fields: dict[str, str] = {}
        self._files: list[Upload] = []
        self._parts = 0

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": lambda data, start, end: self._data.extend(data[start:end]),
            "on_part_end": self._end,
        }

    def form(self) -> Form:
        return Form(self._fields, tuple(self._files))

    def _begin(self) -> None:
        self._headers, self._data, self._parts = {}, bytearray(), self._parts + 1
        if self._parts > MAX_FIELDS + self._most_files:
            raise ValueError("too many parts")

    def _end_header(self) -> None:
        name, value = map(bytes, self._header)
        self._headers[name.lower()] = value
        self._header = bytearray(), bytearray()

    def _end(self) -> None:
        options = parse_options_header(self._headers.get(b"content-disposition", b""))[1]
        name, filename = _text(options[b"name"]), options.get(b"filename")
        if filename is None:
            if len(self._data) > _FIELD_BYTES or len(self._fields) >= MAX_FIELDS:
                raise ValueError("too much in fields")
            self._fields.setdefault(name, _text(bytes(self._data)))
        elif filename or self._data:  # where no file is chosen, browsers send one without name and content
            if len(self._files) >= self._most_files:
                raise ValueError("too many files")
            kind = self._headers.get(b"content-type", b"").decode("ascii", "replace")
            self._files.append(Upload(_text(filename), kind, bytes(self._data)))


def _text(octets: bytes) -> str:
    """A form of ours is in UTF-8, and so is what a browser sends back."""
    return clean(octets.decode("utf-8", "replace"))
