"""Through which proxy a chat platform is reached: that of its settings, or that of the environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pydantic import AfterValidator

from bot.settings.section import SettingsProblem

SCHEMES = ("http", "https", "socks5")
SAME = {"": "http", "socks": "socks5", "socks5h": "socks5"}
"""Other names that are in use; names of hosts are looked up by the proxy in any case."""
LOCAL = ("127.0.0.1", "::1", "localhost")
Via = Literal["setting", "environment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An address such as `http://host:3128` or `socks5://host:1080`, and where it is set."""

    url: str
    via: Via

    @property
    def is_socks(self) -> bool:
        return self.url.startswith("socks")

    @property
    def shown(self) -> str:
        """Without the password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def proxy_for(target: str, setting: str, extra: str) -> Proxy | None:
    """The proxy for requests to the address `target`; nothing on this machine is asked through one, unless a setting says so.

    `extra` is the module that SOCKS needs.

    Raises:
        SettingsProblem: the environment names something that is no proxy, or the extra `socks` is not installed.
    """
    found = Proxy(url=setting, via="setting") if setting else _of_environment(target)
    if found and found.is_socks and not _is_installed(extra):
        raise SettingsProblem(f"{found.shown}: a SOCKS proxy needs an extra: pip install 'notesbot[socks]'")
    return found


def _of_environment(target: str) -> Proxy | None:
    parts, known = urlsplit(target), getproxies()
    named = known.get(parts.scheme) or known.get("all")
    if not named or parts.hostname in LOCAL or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    try:
        return Proxy(url=_proxy(named), via="environment")
    except ValueError as error:
        raise SettingsProblem(f"HTTPS_PROXY or ALL_PROXY in the environment: {error}") from None


def _is_installed(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def _proxy(given: str) -> str:
    given = given.strip().rstrip("/")
    if not given:
        return ""
    scheme, _, rest = given.rpartition("://")
    scheme = SAME.get(scheme.lower(), scheme.lower())
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        usable = scheme in SCHEMES and parts.hostname and parts.port
    except ValueError:
        usable = None
    if not usable:
        raise ValueError("a proxy is given as http://host:port or socks5://host:port")
    return f"{scheme}://{rest}"


ProxyUrl = Annotated[str, AfterValidator(_proxy)]
