"""Proxies of the settings and of the environment, with a proxy that listens on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.platforms.discord.health import look as look_at_discord
from bot.platforms.telegram.health import look as look_at_telegram
from bot.settings import DiscordSettings, SettingsProblem, TelegramSettings, proxy_for
from bot.types import Finding
from tests.fakes.discord import FakeDiscord
from tests.fakes.proxy import FakeProxy
from tests.fakes.telegram import FakeTelegram

TELEGRAM, DISCORD = "https://api.telegram.org", "https://discord.com"
TOKEN = f"123456:{'A' * 35}"
VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
async def proxy() -> AsyncIterator[FakeProxy]:
    async with FakeProxy() as listening:
        yield listening


async def names(found: AsyncIterator[Finding]) -> list[str]:
    return [one.name async for one in found]


async def test_both_platforms_are_reached_through_the_proxy_of_their_settings(proxy: FakeProxy) -> None:
    async with FakeTelegram() as telegram, FakeDiscord() as discord:
        there = TelegramSettings(api_url=telegram.url, proxy=proxy.url)
        assert (await names(look_at_telegram(telegram.token, there)))[:2] == ["proxy_setting", "telegram_ok"]
        here = DiscordSettings(api_url=discord.base, proxy=proxy.url)
        assert (await names(look_at_discord(discord.token, here)))[:2] == ["proxy_setting", "discord_nowhere"]
    assert {target.split("127.0.0.1")[0] for target in proxy.targets} == {"GET ", "POST "}


async def test_tunnels_are_opened_for_what_is_encrypted_and_the_environment_counts_for_both(
    proxy: FakeProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert await names(look_at_telegram(TOKEN, TelegramSettings())) == ["proxy_environment", "telegram_unreachable"]
    assert await names(look_at_discord(TOKEN, DiscordSettings())) == ["proxy_environment", "discord_unreachable"]
    assert set(proxy.targets) == {"CONNECT api.telegram.org:443", "CONNECT discord.com:443"}


@pytest.mark.parametrize(
    ("environment", "target", "used"),
    [
        ({"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "http://q:1"}, DISCORD, "http://p:1"),
        ({"ALL_PROXY": "q:1"}, DISCORD, "http://q:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.org,discord.com"}, DISCORD, ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "discord.com"}, TELEGRAM, "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, TELEGRAM, ""),
        ({"ALL_PROXY": "http://p:1"}, "http://127.0.0.1:8081", ""),
        ({"HTTP_PROXY": "http://p:1"}, DISCORD, ""),
    ],
)
def test_the_environment_is_read_as_other_programs_read_it(
    environment: dict[str, str], target: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = proxy_for(target, "", "json")
    assert (found.url if found else "") == used


def test_a_setting_goes_before_the_environment_and_its_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    found = proxy_for(DISCORD, DiscordSettings(proxy="socks5h://me:secret@q:1080/").proxy, "json")
    assert found
    assert (found.url, found.shown) == ("socks5://me:secret@q:1080", "socks5://q:1080")


def test_a_socks_proxy_without_its_extra_says_what_to_install() -> None:
    with pytest.raises(SettingsProblem, match=r"pip install 'notesbot\[socks\]'"):
        proxy_for(DISCORD, "socks5://q:1080", "no_such_module")


@pytest.mark.parametrize("wrong", ["ftp://q:1", "q", "http://:1", "http://q", "http://q:99999"])
def test_what_is_no_proxy_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="a proxy is given as"):
        TelegramSettings(proxy=wrong)
    monkeypatch.setenv("HTTPS_PROXY", wrong)
    with pytest.raises(SettingsProblem, match="HTTPS_PROXY"):
        proxy_for(DISCORD, "", "json")
