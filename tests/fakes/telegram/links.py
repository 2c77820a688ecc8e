"""Addresses go in; checked addresses come out, or what is wrong with them (`check_link` of TDLib)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

HOST = re.compile(r"[^\s/.:@]+(?:\.[^\s/.:@]+)+\.?|\[[0-9a-fA-F:]+\]")
PROTOCOLS = frozenset({"http", "https", "ftp", "tg", "ton", "tonsite", "mailto", "tel"})


class WrongLink(Exception):
    """Why an address is none."""


def checked_link(link: str) -> str:
    """The address with a protocol and a path; `WrongLink` when it is none."""
    protocol, separator, _ = link.partition(":")
    if separator and protocol.lower() in {"tg", "ton", "tonsite", "mailto", "tel"}:
        return link
    if "://" not in link:
        link = f"http://{link}"
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError as problem:
        raise WrongLink("Wrong port number specified in the URL") from problem
    if parts.scheme.lower() not in PROTOCOLS:
        raise WrongLink("Unsupported URL protocol")
    if port == 0 or re.search(r"\s", link):
        raise WrongLink("Wrong HTTP URL")
    if not HOST.fullmatch(parts.hostname or ""):
        raise WrongLink("Wrong HTTP URL" if parts.hostname else "URL host is empty")
    return link if parts.path else link.replace(parts.netloc, f"{parts.netloc}/", 1)


def link_or_none(link: str) -> str | None:
    try:
        return checked_link(link)
    except WrongLink:
        return None


def user_of(link: str) -> int | None:
    """The person that `tg://user?id=1` means."""
    match = re.fullmatch(r"tg:(?://)?user\?id=(\d+)", link, re.IGNORECASE)
    return int(match[1]) if match else None


def asked_of(link: str, host: str) -> dict[str, str] | None:
    """The fields of `tg://HOST?name=value`; None when it is another address."""
    match = re.fullmatch(rf"tg:(?://)?{host}/?(?:\?([^#]*))?(?:#.*)?", link, re.IGNORECASE)
    return {name: values[0] for name, values in parse_qs(match[1] or "").items()} if match else None
