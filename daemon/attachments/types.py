"""Finds what a file is by its content. Its name and its declared type prove nothing.

The table is our own. Of the pure libraries, `filetype` 1.2.0 knows no shortcut, HTML or Office document of
the old kind, and `puremagic` 1.30 calls every ZIP a Word document. What has to be refused must be known for
sure.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

HEAD: Final = 40_000
"""Octets from which `type_of` can tell, but for Office documents of the old kind: an ISO image has its mark
at 32769 (ECMA-119, 8.4)."""

UNKNOWN: Final = "application/octet-stream"
PLAIN: Final = "text/plain"
ZIP: Final = "application/zip"
GZIP: Final = "application/gzip"
BZIP2: Final = "application/x-bzip2"
XZ: Final = "application/x-xz"
TAR: Final = "application/x-tar"
OLE: Final = "application/x-ole-storage"
MAIL: Final = "message/rfc822"

_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (0, b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (0, b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm"),  # and Mach-O for several processors
    (0, b"dex\n", "application/x-dex"),
    (0, b"L\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut"),  # [MS-SHLLINK] 2.1
    (0, b"MSCF", "application/vnd.ms-cab-compressed"),
    (0, b"ITSF", "application/vnd.ms-htmlhelp"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/onenote"),  # [MS-ONESTORE] 2.3.1
    (0, b"conectix", "application/x-virtualdisk"),
    (0, b"vhdxfile", "application/x-virtualdisk"),
    (32769, b"CD001", "application/x-iso9660-image"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"%!PS", "application/postscript"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"PK\x03\x04", ZIP),
    (0, b"PK\x05\x06", ZIP),
    (0, b"\x1f\x8b\x08", GZIP),
    (0, b"BZh", BZIP2),
    (0, b"\xfd7zXZ\0", XZ),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", TAR),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (0, b"\x78\x9f\x3e\x22", "application/vnd.ms-tnef"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\0\0\x01\0", "image/vnd.microsoft.icon"),
    (0, b"AC10", "image/vnd.dwg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"fLaC", "audio/flac"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_ISO_MEDIA: Final = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"avif": "image/avif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}
_FLASH: Final = (b"FWS", b"CWS", b"ZWS")

EXTENSIONS: Final = {
    PLAIN: "txt",
    ZIP: "zip",
    GZIP: "gz",
    BZIP2: "bz2",
    XZ: "xz",
    TAR: "tar",
    "application/x-msdownload": "exe",
    "application/x-elf": "elf",
    "application/x-mach-binary": "macho",
    "application/java-vm": "class",
    "application/java-archive": "jar",
    "application/vnd.android.package-archive": "apk",
    "application/x-dex": "dex",
    "application/x-ms-shortcut": "lnk",
    "application/x-msi": "msi",
    "application/vnd.ms-cab-compressed": "cab",
    "application/vnd.ms-htmlhelp": "chm",
    "application/onenote": "one",
    "application/x-virtualdisk": "vhd",
    "application/x-iso9660-image": "iso",
    "application/x-shockwave-flash": "swf",
    "application/x-sh": "sh",
    "application/x-bat": "bat",
    "text/html": "html",
    "image/svg+xml": "svg",
    "application/xml": "xml",
    "application/pdf": "pdf",
    "application/postscript": "ps",
    "application/rtf": "rtf",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.ms-outlook": "msg",
    "application/vnd.ms-tnef": "dat",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/epub+zip": "epub",
    "application/x-7z-compressed": "7z",
    "application/vnd.rar": "rar",
    "application/vnd.sqlite3": "sqlite",
    MAIL: "eml",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/tiff": "tif",
    "image/bmp": "bmp",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/avif": "avif",
    "image/vnd.adobe.photoshop": "psd",
    "image/vnd.microsoft.icon": "ico",
    "image/vnd.dwg": "dwg",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/amr": "amr",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-msvideo": "avi",
}


def type_of(content: bytes) -> str:
    """The media type of `content`, or of a file of which `content` is the first HEAD octets.

    What is inside a ZIP decides more (`zip_type`). Text is what decodes and holds no control characters;
    what cannot be told is application/octet-stream. Raises nothing.
    """
    if not content:
        return PLAIN
    for offset, mark, found in _SIGNATURES:
        if content.startswith(mark, offset):
            return _ole_type(content) if found == OLE else found
    if content[4:8] == b"ftyp":
        return _ISO_MEDIA.get(content[8:12], "video/mp4")
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12], UNKNOWN)
    if content[:3] in _FLASH and content[3:4] < b"\x40":
        return "application/x-shockwave-flash"
    text = _text(content[:HEAD])
    if text is not None:
        return _text_type(text)
    if content[:2] == b"MZ":  # a text may begin so too, and was told apart above
        return "application/x-msdownload"
    if content[:2] == b"BM" and content[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if content[:1] == b"\xff" and content[1:2] in (b"\xfb", b"\xf3", b"\xf2"):
        return "audio/mpeg"
    if b"%PDF-" in content[:1024]:  # readers open it wherever it begins there (ISO 32000-1, annex H.3.4.1)
        return "application/pdf"
    return UNKNOWN


def zip_type(names: Collection[str], mimetype: str = "") -> str:
    """What a ZIP with these entries is; `mimetype` is the content of its entry of that name, "" for none."""
    if "[Content_Types].xml" in names:
        for folder, found in _OPEN_XML.items():
            if any(name.startswith(folder) for name in names):
                return found
    if "AndroidManifest.xml" in names:
        return "application/vnd.android.package-archive"
    if "META-INF/MANIFEST.MF" in names:
        return "application/java-archive"
    return mimetype if mimetype in DOCUMENTS else ZIP


def extension_of(media_type: str) -> str:
    """Without a dot; "bin" for what is not known."""
    return EXTENSIONS.get(media_type, "bin")


_OPEN_XML: Final = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

DOCUMENTS: Final = frozenset(
    {
        *_OPEN_XML.values(),
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.presentation",
        "application/epub+zip",
    }
)
"""What is a ZIP and opened as one document: pictures and pages in it are shown by its own program."""

# [MS-CFB] 2.6.1: names of streams stand in the directory as UTF-16; an installer is known by its class id.
_MSI_CLASS: Final = bytes.fromhex("84100c0000000000c000000000000046")
_OLE_STREAMS: Final = (
    ("__substg1.0_", "application/vnd.ms-outlook"),
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)
_VBA: Final = "_VBA_PROJECT".encode("utf-16-le")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def has_macros(content: bytes, media_type: str) -> bool:
    """Whether an Office document of the old kind carries a program; of the new kind `archives` tells."""
    return media_type in _OLE_TYPES and _VBA in content


def is_encrypted(content: bytes, media_type: str) -> bool:
    """Whether an Office document has a password ([MS-OFFCRYPTO] 2.3.1, agile and standard encryption)."""
    return media_type == OLE and _ENCRYPTED in content


def _ole_type(content: bytes) -> str:
    if _MSI_CLASS in content:
        return "application/x-msi"
    return next((found for name, found in _OLE_STREAMS if name.encode("utf-16-le") in content), OLE)


_OLE_TYPES: Final = frozenset({OLE, *(found for _, found in _OLE_STREAMS)})


def _text(head: bytes) -> str | None:
    """`head` as text, None where it is none. An Arabic text may be in windows-1256, which has no mark: there
    it is enough that no control characters are in it."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "replace")
    if _CONTROL.search(head):
        return None
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(head) - 3 and error.reason == "unexpected end of data":
            return head[: error.start].decode("utf-8-sig")
    letters = sum(octet < 128 for octet in head)
    return head.decode("latin-1") if letters * 12 >= len(head) else None


_CONTROL: Final = re.compile(rb"[\x00-\x07\x0e-\x1a\x1c-\x1f]")
_BEFORE: Final = re.compile(r"(?:\s|<!--[^>]{0,2000}-->|<\?xml[^>]{0,500}\?>)*", re.IGNORECASE)
_HTML: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|script|iframe|meta|title|table|div|hta:application)\b", re.IGNORECASE
)
_SVG: Final = re.compile(r"(?:<!doctype\s+svg[^>]{0,500}>\s*)?<svg\b", re.IGNORECASE)
_FIRST_HEADER: Final = re.compile(r"(?:From \S+ .*\r?\n)?[A-Za-z][A-Za-z0-9-]{1,60}: ?\S")
_MAIL: Final = re.compile(
    r"^(?:From|To|Date|Subject|Message-ID|MIME-Version|Received):", re.IGNORECASE | re.MULTILINE
)


def _text_type(text: str) -> str:
    start = _BEFORE.match(text)
    begins = text[start.end() : start.end() + 2000] if start else text[:2000]
    if _SVG.match(begins):
        return "image/svg+xml"
    if _HTML.match(begins) or "<hta:application" in text[:HEAD].lower():
        return "text/html"
    if text.startswith("#!"):
        return "application/x-sh"
    if begins[:9].lower() == "@echo off":
        return "application/x-bat"
    if text.lstrip()[:5] == "<?xml":
        return "application/xml"
    if _FIRST_HEADER.match(text) and len(_MAIL.findall(text[:20_000])) >= 3:
        return MAIL
    return PLAIN
