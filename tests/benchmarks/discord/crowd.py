"""People who ask in every way there is, and the count of what came of it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.benchmarks.discord.serving import MARK
from tests.fakes.discord import Call, Channel, FakeDiscord, Impossible, Message, User

ENDS = "完毕"
WAYS = ("slash", "mention", "reply", "thread")


@dataclass
class Crowd:
    """One person in each of many channels."""

    fake: FakeDiscord
    channels: int
    asked: dict[str, str] = field(default_factory=dict)
    """Mark to the way in which it was asked."""
    calls: dict[str, Call] = field(default_factory=dict)
    people: list[User] = field(default_factory=list)
    places: list[Channel] = field(default_factory=list)

    def __post_init__(self) -> None:
        guild = self.fake.world.add_guild("Cooks", owner=self.fake.world.add_user("Chef"))
        for number in range(self.channels):
            self.people.append(self.fake.world.add_user(f"Person{number}", locale="zh-CN"))
            self.fake.world.add_member(guild, self.people[-1])
            self.places.append(self.fake.world.add_channel(guild, f"channel{number}"))

    async def ask(self, questions: int, pause_s: float) -> None:
        await asyncio.gather(*(self._ask_in(number, questions, pause_s) for number in range(self.channels)))

    async def _ask_in(self, number: int, questions: int, pause_s: float) -> None:
        chance = random.Random(number)
        for question in range(questions):
            await asyncio.sleep(chance.uniform(0, 2 * pause_s))
            mark = f"Q{number * 1000 + question:06d}"
            self.asked[mark] = self._say(chance, number, mark)

    def _say(self, chance: random.Random, number: int, mark: str) -> str:
        person, place, text = self.people[number], self.places[number], f"{mark} 米饭要煮多久？"
        way = chance.choice(WAYS)
        if way == "slash":
            try:
                self.calls[mark] = self.fake.people.slash(person, place, "ask", question=text)
                return way
            except Impossible:  # the commands are not registered yet
                way = "mention"
        own = [one for one in self.fake.said(place) if not one.loading]
        threads = [one for one in self.fake.world.channels.values() if one.parent is place and one.owner == self.fake.bot.id]
        if way == "thread" and threads:
            self.fake.people.says(person, threads[-1], text)
        elif way == "reply" and own:
            self.fake.people.says(person, place, text, reply_to=own[-1], ping=False)
        else:
            self.fake.people.says(person, place, f"@bot {text}")
            way = "mention"
        return way

    # What came of it

    def messages(self) -> list[Message]:
        return [one for place in self.fake.world.channels.values() for one in self.fake.said(place)]

    def answers(self) -> Counter[str]:
        """How many messages carry the answer to each mark."""
        return Counter(found[0] for one in self.messages() if (found := MARK.search(one.text)))

    def complete(self) -> set[str]:
        return {found[0] for one in self.messages() if ENDS in one.text and not one.loading and (found := MARK.search(one.text))}

    def open(self) -> set[str]:
        """Marks without a complete answer, of those that Discord has taken from the person."""
        missing = set(self.asked) - self.complete()
        return {mark for mark in missing if mark not in self.calls or self.calls[mark].acknowledged}

    async def until_answered(self, within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s):
                while self.open():
                    await asyncio.sleep(0.2)
        except TimeoutError:
            print("  still open:", sorted((mark, self.asked[mark]) for mark in self.open())[:10])

    def doubled(self) -> list[str]:
        return [mark for mark, count in self.answers().items() if count > 1]

    def rejected(self) -> list[tuple[str, int]]:
        """Refused for what was sent; a wait for a rate limit is none."""
        return [(one.route, one.status) for one in self.fake.refusals if one.status not in (0, 429, 502, 503)]

    def latencies(self) -> list[float]:
        return sorted(call.latency for call in self.fake.api.calls.values() if call.acknowledged)
