"""The words after `/quiz`, and those that ask no question: what a person sets, statistics, exports."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import prompts
from bot.quiz.deck import QuizContext
from bot.quiz.export import AnkiMissing, csv_of, logs_of, package_of
from bot.quiz.fsrs import CannotOptimize, fitted_parameters
from bot.quiz.stats import DAYS, Statistics, in_letters, picture, statistics
from bot.quiz.timezones import UnknownTimezone, clock_time, day_of, end_of_today, moment_of, zone
from bot.quiz.views import moment
from bot.storage.cards import Learner
from bot.types import Attachment, Language, Page, Person, Place

VERBS = {
    "due": "due stats_due 到期 待复习",
    "stats": "stats statistics 统计 数据",
    "undo": "undo 撤销 悔",
    "suspend": "suspend 暂停 停用",
    "wake": "wake unsuspend 恢复",
    "remind": "remind reminder 提醒",
    "group": "group 群测 小组 抢答",
    "stop": "stop end quit 停止 结束",
    "timezone": "timezone tz 时区",
    "new": "new 新卡 每日新卡",
    "retention": "retention 记忆率",
    "export": "export 导出",
    "optimize": "optimize optimise 优化",
    "help": "help 帮助",
}
MEANS = {word: verb for verb, words in VERBS.items() for word in words.split()}
COUNT = re.compile(r"(?:^|\s)(\d{1,3})\s*(?:题|张|道|个|questions?|cards?)?$", re.IGNORECASE)
MOST = 100
"""Questions in one quiz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizCommand:
    """A verb (`start` without one), its words, and a number of questions (0 when not said)."""

    verb: str
    words: str = ""
    count: int = 0


def understand(text: str) -> QuizCommand:
    """`group RAG 5`, `注意力 10题`, `remind 20:00`, `stats`..."""
    first, _, rest = text.strip().partition(" ")
    verb = MEANS.get(first.casefold(), "")
    if verb not in ("", "group"):
        return QuizCommand(verb=verb, words=rest.strip())
    words = (rest if verb else text).strip()
    count = COUNT.search(words)
    if not count:
        return QuizCommand(verb=verb or "start", words=words)
    return QuizCommand(verb=verb or "start", words=words[: count.start()].strip(), count=max(1, min(MOST, int(count[1]))))


def with_count(text: str, count: int) -> str:
    """`text` with a number of questions, where one can stand and none is said."""
    wanted = understand(text)
    return text if wanted.count or wanted.verb not in ("start", "group") else f"{text} {count}"


OFF = ("off", "no", "关", "关闭", "不", "停")
DECK_NAME = "notesbot"


class LearnerCommands:
    """The verbs of `/quiz` that ask no question."""

    def __init__(self, desk: QuizContext) -> None:
        self._desk = desk

    async def obey(self, wanted: QuizCommand, person: Person, place: Place, language: Language) -> Page:
        """One of these verbs."""
        learner = await self._desk.learners.get(person)
        match wanted.verb:
            case "stats":
                return await self._stats(learner, language)
            case "export":
                return await self._export(learner, place, wanted.words, language)
            case "remind":
                return await self._remind(learner, place, wanted.words, language)
            case "optimize":
                return await self._optimize(learner, language)
            case "wake":
                return _page("woken", language, count=await self._desk.reviews.wake(person.key))
            case "timezone":
                return await self._timezone(learner, wanted.words, language)
            case "new" | "retention":
                return await self._number(learner, wanted.verb, wanted.words, language)
            case _:
                return _page("help", language)

    async def numbers(self, learner: Learner) -> Statistics:
        """What `/quiz stats` shows."""
        desk, now = self._desk, self._desk.now()
        horizon = end_of_today(now, learner.timezone) + timedelta(days=DAYS - 1)
        return statistics(
            await desk.reviews.log(learner.person),
            await desk.reviews.due_dates(learner.person, vault=desk.deck.vault, before=horizon),
            now=now,
            timezone=learner.timezone,
            wanted=learner.retention,
            resting=await desk.reviews.resting(learner.person),
        )

    async def _stats(self, learner: Learner, language: Language) -> Page:
        numbers = await self.numbers(learner)
        if not numbers.reviews:
            return _page("no_reviews", language)
        photo = await asyncio.to_thread(picture, numbers, language)
        return Page(text=page_of(numbers, language), photo=photo)

    async def _export(self, learner: Learner, place: Place, words: str, language: Language) -> Page:
        if words == "json":
            if not place.private:
                return _page("export_private", language)
            log = await self._desk.reviews.log(learner.person)
            file = Attachment(name="notesbot-reviews.json", content=await asyncio.to_thread(logs_of, log))
            return Page(text=_say("exported_reviews", language, count=len(log)), file=file)
        makers: dict[str, Callable[..., bytes]] = {"apkg": package_of, "csv": csv_of}
        if words not in makers:
            return _page("export_how", language)
        cards = await self._desk.deck.cards()
        if not cards:
            return _page("no_cards", language)
        try:
            content = await asyncio.to_thread(makers[words], cards, DECK_NAME)
        except AnkiMissing:
            return _page("anki_missing", language)
        file = Attachment(name=f"notesbot-cards.{words}", content=content)
        return Page(text=_say("exported", language, count=len(cards)), file=file)

    async def _remind(self, learner: Learner, place: Place, words: str, language: Language) -> Page:
        if words.casefold() in OFF:
            await self._desk.learners.put(replace(learner, remind_at="", unreached=""))
            return _page("remind_off", language)
        if not words and learner.remind_at:
            return _page("remind_now", language, time=learner.remind_at, timezone=learner.timezone)
        clock = clock_time(words)
        if clock is None:
            return _page("remind_how", language)
        if not place.private:
            return _page("remind_private", language)
        now = self._desk.now()
        today = day_of(now, learner.timezone)
        past = moment_of(today, clock, learner.timezone) <= now
        changed = replace(
            learner,
            remind_at=f"{clock:%H:%M}",
            unreached="",
            reminded_on=today.isoformat() if past else "",
            platform=place.platform,
            chat=place.chat,
            thread=place.thread,
            language=language,
        )
        await self._desk.learners.put(changed)
        return _page("remind_set", language, time=changed.remind_at, timezone=changed.timezone)

    async def _optimize(self, learner: Learner, language: Language) -> Page:
        log = await self._desk.reviews.log(learner.person)
        try:
            parameters = await fitted_parameters(log)
        except CannotOptimize as problem:
            return Page(text=_say(problem.name, language, **problem.values))
        await self._desk.learners.put(replace(learner, parameters=parameters))
        return _page("optimized", language, count=len(log))

    async def _timezone(self, learner: Learner, words: str, language: Language) -> Page:
        try:
            name = zone(words or learner.timezone).key
        except UnknownTimezone:
            return _page("timezone_unknown", language, words=words)
        if words:
            await self._desk.learners.put(replace(learner, timezone=name))
        return _page("timezone_set", language, timezone=name, time=moment(self._desk.now(), name))

    async def _number(self, learner: Learner, verb: str, words: str, language: Language) -> Page:
        number = int(words.removesuffix("%")) if words.removesuffix("%").isdecimal() else -1
        if verb == "new":
            if not 0 <= number <= 999:
                return _page("new_how", language, count=learner.new_per_day)
            await self._desk.learners.put(replace(learner, new_per_day=number))
            return _page("new_set", language, count=number)
        if not 70 <= number <= 97:
            return _page("retention_how", language, percent=round(learner.retention * 100))
        await self._desk.learners.put(replace(learner, retention=number / 100))
        return _page("retention_set", language, percent=number)


def page_of(numbers: Statistics, language: Language) -> str:
    """The statistics in words and letters."""
    retention = "-" if numbers.retention is None else f"{numbers.retention:.0%}"
    said = _say(
        "stats",
        language,
        streak=numbers.streak,
        reviews=numbers.reviews,
        retention=retention,
        due=numbers.due,
        today=numbers.today,
        resting=numbers.resting,
    )
    rows = ((_say("stats_forecast", language), numbers.forecast), (_say("stats_weeks", language), numbers.weeks))
    return "\n\n".join([said, *(f"{name} `{in_letters(row)}`" for name, row in rows)])


def _page(name: str, language: Language, **values: object) -> Page:
    return Page(text=prompts.load("quiz").say(name, language, **values))


def _say(name: str, language: Language, **values: object) -> str:
    return prompts.load("quiz").say(name, language, **values)
