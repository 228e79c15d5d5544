"""Name files that are not films, or films without a picture, by what they begin with."""

from __future__ import annotations

#: What a container begins with, and its name.
CONTAINERS = {
    b"FLV": "an FLV file",
    b"\x1a\x45\xdf\xa3": "a Matroska or WebM file",
    b"OggS": "an Ogg file",
    bytes.fromhex("3026b2758e66cf11"): "an ASF or WMV file",
    bytes.fromhex("060e2b34"): "an MXF file",
    b"DKIF": "an IVF file",
    b"RIFF....AVI ": "an AVI file",
}
#: What other files begin with that are taken for films, their name, and the next step.
OTHERS = {
    b"PK\3\4": ("a ZIP archive", "upload the films in it."),
    b"Rar!": ("a RAR archive", "upload the films in it."),
    b"7z\xbc\xaf": ("a 7z archive", "upload the films in it."),
    b"\x1f\x8b": ("a gzip archive", "upload the films in it."),
    b"#EXTM3U": ("a playlist (HLS), which only names other files", "upload the film itself."),
    b"<?xml": ("an XML text, such as a manifest or an error page", "upload the film itself."),
    b"<MPD": ("a manifest (DASH), which only names other files", "upload the film itself."),
    b"<!DOCTYPE": ("a web page, such as an error page", "upload the film itself."),
    b"<html": ("a web page, such as an error page", "upload the film itself."),
    b"%PDF": ("a PDF", "upload a film."),
    b"8BPS": ("a Photoshop file", "export it as a film."),
    b"BLENDER": ("a Blender project", "export it as a film."),
    b"....RED1": ("a RED recording (R3D), for which there is no decoder", "export it as ProRes."),
    b"....RED2": ("a RED recording (R3D), for which there is no decoder", "export it as ProRes."),
}
#: Bytes of a file's head that are enough to name it.
HEAD_BYTES = 32


def name_file(head: bytes) -> str:
    """Return what a file that cannot be read is, and the next step; "" for an unknown one.

    ``head``: its first HEAD_BYTES bytes.
    """
    for signature, name in CONTAINERS.items():
        if _begins_with(head, signature):
            return (
                f"it is {name} without a picture: the recording or the upload was cut off after "
                "its head, or it has no picture track; upload the whole film."
            )
    for signature, (name, step) in OTHERS.items():
        if _begins_with(head, signature):
            return f"it is {name}; {step}"
    return ""


def is_animated_webp(head: bytes) -> bool:
    """Return whether a file is an animated WebP, which libav opens and cannot decode.

    ``head``: its first HEAD_BYTES bytes. Source: RFC 9649, section 2.7, the flag A of VP8X.
    """
    return _begins_with(head, b"RIFF....WEBPVP8X") and bool(head[20] & 0b10)


def _begins_with(head: bytes, signature: bytes) -> bool:
    """Compare byte by byte; a dot in the signature stands for any byte."""
    return len(head) >= len(signature) and all(
        expected in (byte, ord(".")) for byte, expected in zip(head, signature, strict=False)
    )
