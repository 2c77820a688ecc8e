"""Unicode forms and character entities in time that grows with the text, whatever the text is."""

from __future__ import annotations

import html
import re
from typing import Literal
from unicodedata import normalize

WHOLE = 2000
"""Characters normalised at once: the time of `unicodedata.normalize` grows with the square of a run of combining marks."""
SLICE = re.compile(rf".{{1,{WHOLE}}}(?=[\x00-\u02ff\u4e00-\u9fff]|\Z)|.{{1,{WHOLE}}}", re.DOTALL)
"""Ends before a character that joins nothing before it; a run of marks without one, which spells nothing, is cut anywhere."""
UNREAL_ENTITY = re.compile(r"&#(?=\d{8}|[xX][0-9a-fA-F]{7})")
"""Of no character there is; Python refuses to read so long a number."""


def normalized(form: Literal["NFC", "NFKC"], text: str) -> str:
    """`text` in a Unicode normal form."""
    if text.isascii():
        return text
    return "".join(normalize(form, piece) for piece in SLICE.findall(text)) if len(text) > WHOLE else normalize(form, text)


def unescaped(text: str) -> str:
    """`text` with its character entities read (`&lt;` is `<`)."""
    return html.unescape(UNREAL_ENTITY.sub("&amp;#", text)) if "&" in text else text
