"""Components of messages and modals go in; their faults come out (discord-api-docs, "Component Reference")."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from tests.fakes.discord.refusals import Faults, Path
from tests.fakes.discord.values import every_component

ROW, BUTTON, SELECT, INPUT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 1, 2, 3, 4, 9, 10, 11, 12, 13, 14, 17
LABEL, UPLOAD, RADIO, CHECKS, CHECK = 18, 19, 21, 22, 23
SELECTS = (3, 5, 6, 7, 8)
ON_TOP = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
IN_CONTAINER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
IN_LABEL = (INPUT, *SELECTS, UPLOAD, RADIO, CHECKS, CHECK)
MOST_ROWS, MOST_COMPONENTS, MOST_TEXT = 5, 40, 4000
Body = Mapping[str, Any]


def check_components(value: object, faults: Faults, *, v2: bool, files: Collection[str] = ()) -> list[dict[str, Any]]:
    """The components of a message, their faults noted; `files` are the names that `attachment://` may point to."""
    path: Path = ("components",)
    components = faults.items(value, path, most=MOST_COMPONENTS if v2 else MOST_ROWS)
    checks = _Checks(faults, files=files)
    for number, one in enumerate(components):
        checks.one(one, (*path, number), ON_TOP if v2 else (ROW,))
    if not faults.found:
        _check_totals(components, faults)
    return components


def check_modal(body: Body, faults: Faults) -> None:
    faults.unknown(body, ("title", "custom_id", "components"))
    faults.text(body.get("title"), ("title",), least=1, most=45)
    faults.text(body.get("custom_id"), ("custom_id",), least=1, most=100)
    checks = _Checks(faults, modal=True)
    for number, one in enumerate(faults.items(body.get("components"), ("components",), least=1, most=5)):
        checks.one(one, ("components", number), (ROW, LABEL, TEXT))


def _check_totals(components: list[dict[str, Any]], faults: Faults) -> None:
    every = every_component(components)
    if len(every) > MOST_COMPONENTS:
        faults.add(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", f"Must be {MOST_COMPONENTS} or fewer in total.")
    if sum(len(one["content"]) for one in every if one["type"] == TEXT) > MOST_TEXT:
        message = f"The total length of displayable text must be {MOST_TEXT} or fewer."
        faults.add(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)


class _Checks:
    """The checks of one message or modal; it remembers the ids that were used."""

    def __init__(self, faults: Faults, *, files: Collection[str] = (), modal: bool = False) -> None:
        self._faults = faults
        self._files = files
        self._modal = modal
        self._custom_ids: set[str] = set()

    def one(self, body: Any, path: Path, allowed: Collection[int]) -> None:
        if not isinstance(body, dict):
            self._faults.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            return
        kind = body.get("type")
        if not isinstance(kind, int) or kind not in allowed:
            self._faults.choice((*path, "type"), tuple(allowed))
            return
        check = self._CHECKS.get(kind, _Checks._select)
        check(self, body, path)

    def _row(self, body: Body, path: Path) -> None:
        inner = self._faults.items(body.get("components"), (*path, "components"), least=1, most=5)
        allowed = (INPUT,) if self._modal else (BUTTON, *SELECTS)
        for number, one in enumerate(inner):
            self.one(one, (*path, "components", number), allowed)
            if isinstance(one, dict) and one.get("type") != BUTTON and len(inner) > 1:
                message = "The specified component exceeds the maximum width"
                self._faults.add((*path, "components", number), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)

    def _button(self, body: Body, path: Path) -> None:
        self._faults.unknown(body, "type id style label emoji custom_id sku_id url disabled".split(), path)
        style = body.get("style")
        if style not in (1, 2, 3, 4, 5):
            self._faults.choice((*path, "style"), (1, 2, 3, 4, 5))
        self._faults.text(body.get("label"), (*path, "label"), most=80)
        if not body.get("label") and not body.get("emoji"):
            self._faults.add(path, "BUTTON_COMPONENT_INVALID_LABEL", "A button must have a label or an emoji")
        self._emoji(body.get("emoji"), (*path, "emoji"))
        if style == 5:
            self._link(body, path)
        else:
            self._custom_id(body, path)
            if body.get("url"):
                self._faults.add(
                    path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified"
                )

    def _link(self, body: Body, path: Path) -> None:
        self._faults.text(body.get("url"), (*path, "url"), least=1, most=512)
        if body.get("custom_id"):
            self._faults.add(
                path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified"
            )
        if body.get("url") and not str(body["url"]).startswith(("http://", "https://", "discord://")):
            self._faults.add((*path, "url"), "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https', 'discord').")

    def _select(self, body: Body, path: Path) -> None:
        self._custom_id(body, path)
        self._faults.text(body.get("placeholder"), (*path, "placeholder"), most=150)
        options = body.get("options")
        if body["type"] in (SELECT, RADIO, CHECKS):
            options = self._faults.items(options, (*path, "options"), least=1, most=25)
            self._options(options, (*path, "options"))
        most = len(options) if body["type"] == SELECT and options else 25
        least = self._faults.number(body.get("min_values"), (*path, "min_values"), least=0, most=most)
        largest = self._faults.number(body.get("max_values"), (*path, "max_values"), least=1, most=most)
        if least is not None and least > (largest if largest is not None else 1):
            self._faults.add(
                (*path, "min_values"),
                "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE",
                "min_values must be equal to or less than max_values",
            )

    def _options(self, options: list[Any], path: Path) -> None:
        used: set[str] = set()
        for number, one in enumerate(options):
            self._faults.text(one.get("label"), (*path, number, "label"), least=1, most=100)
            value = self._faults.text(one.get("value"), (*path, number, "value"), least=1, most=100)
            self._faults.text(one.get("description"), (*path, number, "description"), most=100)
            self._emoji(one.get("emoji"), (*path, number, "emoji"))
            if value in used:
                message = "The specified option value is already used"
                self._faults.add((*path, number, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
            used.add(value)

    def _section(self, body: Body, path: Path) -> None:
        for number, one in enumerate(self._faults.items(body.get("components"), (*path, "components"), least=1, most=3)):
            self.one(one, (*path, "components", number), (TEXT,))
        if not body.get("accessory"):
            self._faults.required((*path, "accessory"))
        else:
            self.one(body["accessory"], (*path, "accessory"), (BUTTON, THUMBNAIL))

    def _text(self, body: Body, path: Path) -> None:
        self._faults.text(body.get("content"), (*path, "content"), least=1, most=MOST_TEXT)

    def _thumbnail(self, body: Body, path: Path) -> None:
        self._media(body.get("media"), (*path, "media"))
        self._faults.text(body.get("description"), (*path, "description"), most=1024)

    def _gallery(self, body: Body, path: Path) -> None:
        for number, one in enumerate(self._faults.items(body.get("items"), (*path, "items"), least=1, most=10)):
            self._thumbnail(one, (*path, "items", number))

    def _file(self, body: Body, path: Path) -> None:
        if not str((body.get("file") or {}).get("url", "")).startswith("attachment://"):
            self._faults.add((*path, "file", "url"), "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('attachment').")
        else:
            self._media(body["file"], (*path, "file"))

    def _media(self, media: Any, path: Path) -> None:
        url = str((media or {}).get("url") or "")
        if not url:
            self._faults.required((*path, "url"))
        elif url.startswith("attachment://") and url.removeprefix("attachment://") not in self._files:
            self._faults.add(
                (*path, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", "The referenced attachment was not found"
            )
        elif not url.startswith(("http://", "https://", "attachment://")):
            self._faults.add((*path, "url"), "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https', 'attachment').")

    def _separator(self, body: Body, path: Path) -> None:
        self._faults.number(body.get("spacing"), (*path, "spacing"), least=1, most=2)

    def _container(self, body: Body, path: Path) -> None:
        self._faults.number(body.get("accent_color"), (*path, "accent_color"), least=0, most=0xFFFFFF)
        for number, one in enumerate(
            self._faults.items(body.get("components"), (*path, "components"), least=1, most=MOST_COMPONENTS)
        ):
            self.one(one, (*path, "components", number), IN_CONTAINER)

    def _input(self, body: Body, path: Path) -> None:
        self._custom_id(body, path)
        if body.get("style") not in (1, 2):
            self._faults.choice((*path, "style"), (1, 2))
        if path[-1] != "component":
            self._faults.text(body.get("label"), (*path, "label"), least=1, most=45)
        self._faults.number(body.get("min_length"), (*path, "min_length"), least=0, most=4000)
        self._faults.number(body.get("max_length"), (*path, "max_length"), least=1, most=4000)
        self._faults.text(body.get("value"), (*path, "value"), most=4000)
        self._faults.text(body.get("placeholder"), (*path, "placeholder"), most=100)

    def _label(self, body: Body, path: Path) -> None:
        self._faults.text(body.get("label"), (*path, "label"), least=1, most=45)
        self._faults.text(body.get("description"), (*path, "description"), most=100)
        self.one(body.get("component"), (*path, "component"), IN_LABEL)

    def _ided(self, body: Body, path: Path) -> None:
        self._custom_id(body, path)

    def _custom_id(self, body: Body, path: Path) -> None:
        custom_id = self._faults.text(body.get("custom_id"), (*path, "custom_id"), least=1, most=100)
        if custom_id and custom_id in self._custom_ids:
            message = "Component custom id cannot be duplicated"
            self._faults.add((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        self._custom_ids.add(custom_id)

    def _emoji(self, emoji: Any, path: Path) -> None:
        if emoji and not emoji.get("id") and (not emoji.get("name") or str(emoji["name"]).isascii()):
            self._faults.add((*path, "name"), "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")

    _CHECKS: ClassVar[Mapping[int, Callable[[_Checks, Body, Path], None]]] = {
        ROW: _row,
        BUTTON: _button,
        INPUT: _input,
        SECTION: _section,
        TEXT: _text,
        THUMBNAIL: _thumbnail,
        GALLERY: _gallery,
        FILE: _file,
        SEPARATOR: _separator,
        CONTAINER: _container,
        LABEL: _label,
        UPLOAD: _ided,
        CHECK: _ided,
    }
