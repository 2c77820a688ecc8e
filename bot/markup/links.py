"""An address goes in; whether a chat platform makes a link of it comes out."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def parts_of(url: str) -> SplitResult | None:
    """None for what is no address: a broken host or port."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port
    except ValueError:
        return None
    return parts


def is_on_the_web(parts: SplitResult) -> bool:
    """True for http and https with a host that can be real, and nobody's name before it."""
    return parts.scheme in ("http", "https") and is_host(parts.hostname or "") and "@" not in parts.netloc


def is_host(host: str) -> bool:
    """True for an IPv4 address and for names with a dot whose pieces are letters, digits and hyphens."""
    pieces = host.removesuffix(".").split(".")
    if len(pieces) == 4 and all(piece.isascii() and piece.isdigit() and int(piece) < 256 for piece in pieces):
        return True
    sound = all(len(piece) <= 63 and piece.replace("-", "").isalnum() and piece.strip("-") == piece for piece in pieces)
    return sound and len(pieces) > 1 and len(pieces[-1]) > 1 and not pieces[-1].isdigit()
