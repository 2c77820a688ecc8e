"""TeX formulas as Unicode, or None where that would lose or blur something."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

DEPTH = 12
"""Groups within groups; deeper formulas are better read as TeX."""

SYMBOLS = dict(
    pair.split(":", 1)
    for pair in (
        "alpha:α beta:β gamma:γ delta:δ epsilon:ϵ varepsilon:ε zeta:ζ eta:η theta:θ vartheta:ϑ iota:ι kappa:κ lambda:λ "
        "mu:μ nu:ν xi:ξ omicron:ο pi:π rho:ρ varrho:ϱ sigma:σ varsigma:ς tau:τ upsilon:υ phi:ϕ varphi:φ chi:χ psi:ψ "
        "omega:ω Gamma:Γ Delta:Δ Theta:Θ Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Upsilon:Υ Phi:Φ Psi:Ψ Omega:Ω ell:ℓ hbar:ℏ Re:ℜ Im:ℑ "
        "aleph:ℵ emptyset:∅ varnothing:∅ infty:∞ partial:∂ nabla:∇ forall:∀ exists:∃ nexists:∄ neg:¬ lnot:¬ top:⊤ bot:⊥ "
        "angle:∠ degree:° prime:′ sum:∑ prod:∏ coprod:∐ int:∫ iint:∬ oint:∮ bigcup:⋃ bigcap:⋂ ldots:… dots:… cdots:⋯ "
        "vdots:⋮ ddots:⋱ colon:: langle:⟨ rangle:⟩ lfloor:⌊ rfloor:⌋ lceil:⌈ rceil:⌉ lvert:| rvert:| vert:| mid:∣ lVert:‖ "
        "rVert:‖ Vert:‖ |:‖ {:{ }:} $:$ %:% &:& #:# _:_ times:× div:÷ cdot:· pm:± mp:∓ ast:∗ star:⋆ circ:∘ bullet:• "
        "oplus:⊕ otimes:⊗ odot:⊙ cup:∪ cap:∩ setminus:∖ wedge:∧ land:∧ vee:∨ lor:∨ le:≤ leq:≤ ge:≥ geq:≥ ne:≠ neq:≠ ll:≪ "
        "gg:≫ approx:≈ sim:∼ simeq:≃ cong:≅ equiv:≡ propto:∝ in:∈ notin:∉ ni:∋ subset:⊂ supset:⊃ subseteq:⊆ supseteq:⊇ "
        "parallel:∥ perp:⊥ models:⊨ vdash:⊢ to:→ rightarrow:→ leftarrow:← gets:← leftrightarrow:↔ Rightarrow:⇒ implies:⟹ "
        "Leftarrow:⇐ Leftrightarrow:⇔ iff:⟺ mapsto:↦ uparrow:↑ downarrow:↓ longrightarrow:⟶ hookrightarrow:↪ triangleq:≜ "
        "doteq:≐ succ:≻ prec:≺ checkmark:✓ dagger:†"
    ).split()
)
SPACED = frozenset("·∗⋆∘∣×÷±∓⊕⊗∪∩∖∧∨≤≥≠≪≫≈∼≃≅≡∝∈∉∋⊂⊃⊆⊇∥⊨⊢→←↔⇒⟹⇐⇔⟺↦⟶↪≜≐≻≺=<>")
SPACES = {",": " ", ";": " ", ":": " ", " ": " ", "quad": "  ", "qquad": "   ", "!": ""}
SILENT = frozenset("left right big Big bigl bigr bigg Bigg displaystyle textstyle limits nolimits".split())
NAMES = frozenset(
    "log ln lg exp sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh max min sup inf lim limsup liminf arg "
    "argmax argmin det dim ker deg gcd Pr softmax".split()
)
UPRIGHT = frozenset(
    "text mathrm operatorname mathbf mathit mathsf mathtt textbf textit textrm boldsymbol bm mathcal mathscr rm".split()
)
DOUBLE = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ1", "𝔸𝔹ℂ𝔻𝔼𝔽𝔾ℍ𝕀𝕁𝕂𝕃𝕄ℕ𝕆ℙℚℝ𝕊𝕋𝕌𝕍𝕎𝕏𝕐ℤ𝟙", strict=True))
ACCENTS = {"hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304", "tilde": "\u0303", "widetilde": "\u0303",
           "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308"}  # fmt: skip
RAISED = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW′*",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ′*",
        strict=True,
    )
)
LOWERED = dict(zip("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))

TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|[\s\S])|\s+|[\s\S]")
SIMPLE = re.compile(r"[\w.]+|\W", re.UNICODE)


class _Unreadable(Exception):
    """The formula is better shown as TeX."""


def to_unicode(tex: str) -> str | None:
    r"""`x_i^2 \le \frac{1}{n}` becomes `xᵢ² ≤ 1/n`; None for matrices, aligned lines, unknown commands and broken groups."""
    pieces = iter(TOKEN.findall(tex))
    try:
        readable = _sequence(pieces, closer=None, depth=0)
    except _Unreadable:
        return None
    return re.sub(r" {2,}", " ", readable).strip() or None


def _sequence(pieces: Iterator[str], *, closer: str | None, depth: int) -> str:
    """Everything up to the closer of this group."""
    if depth > DEPTH:
        raise _Unreadable
    parts: list[str] = []
    before = ""
    for piece in pieces:
        swallowed = piece.isspace() and before[1:] in SYMBOLS  # as TeX does: `\\Delta W` is one term
        before = piece
        if piece == closer:
            return "".join(parts)
        if swallowed:
            continue
        if piece in ("^", "_"):
            parts.append(_script(piece, _argument(pieces, depth)))
        else:
            parts.append(_atom(piece, pieces, depth))
    if closer is not None:
        raise _Unreadable
    return "".join(parts)


def _atom(piece: str, pieces: Iterator[str], depth: int) -> str:
    if piece == "{":
        return _sequence(pieces, closer="}", depth=depth + 1)
    if piece in ("}", "&", "\\\\", "$"):
        raise _Unreadable
    if piece.startswith("\\"):
        return _command(piece[1:], pieces, depth)
    if piece.isspace():
        return " "
    return {"'": "′", "~": " "}.get(piece, f" {piece} " if piece in SPACED else piece)


def _command(name: str, pieces: Iterator[str], depth: int) -> str:
    if name in SYMBOLS:
        symbol = SYMBOLS[name]
        return f" {symbol} " if symbol in SPACED else symbol
    if name in SPACES:
        return SPACES[name]
    if name in SILENT:
        return ""
    if name in NAMES:
        return f" {name} "
    if name in UPRIGHT or name == "operatorname*":
        return _verbatim(pieces) if name in ("text", "textbf", "textit", "textrm") else _argument(pieces, depth)
    return _built(name, pieces, depth)


def _built(name: str, pieces: Iterator[str], depth: int) -> str:
    """Commands that arrange their arguments."""
    if name in ("frac", "dfrac", "tfrac"):
        above, below = _argument(pieces, depth), _argument(pieces, depth)
        return f"{_grouped(above)}/{_grouped(below)}"
    if name == "sqrt":
        inside = _argument(pieces, depth)
        if inside == "[":
            raise _Unreadable
        return f"√{_grouped(inside)}"
    argument = _argument(pieces, depth) if name == "mathbb" or name in ACCENTS else ""
    if name == "mathbb" and argument in DOUBLE:
        return DOUBLE[argument]
    if name in ACCENTS and len(argument) == 1:
        return unicodedata.normalize("NFC", argument + ACCENTS[name])
    raise _Unreadable


def _argument(pieces: Iterator[str], depth: int) -> str:
    for piece in pieces:
        if not piece.isspace():
            if piece in ("^", "_") or depth > DEPTH:
                raise _Unreadable
            return _atom(piece, pieces, depth + 1).strip()
    raise _Unreadable


def _verbatim(pieces: Iterator[str]) -> str:
    r"""The words of `\text{...}`, spaces and all."""
    if next(pieces, "") != "{":
        raise _Unreadable
    words: list[str] = []
    for piece in pieces:
        if piece == "}":
            return "".join(words)
        if piece in ("{", "$") or (piece.startswith("\\") and piece[1:] not in SYMBOLS and piece[1:] not in SPACES):
            raise _Unreadable
        words.append(_command(piece[1:], pieces, DEPTH) if piece.startswith("\\") else piece)
    raise _Unreadable


def _script(sign: str, text: str) -> str:
    """Raised or lowered characters where Unicode has them all; else the sign stays, with brackets around more than one word."""
    if not text or "_" in text or "^" in text:
        raise _Unreadable
    if text.strip() == "∘" and sign == "^":
        return "°"
    table = RAISED if sign == "^" else LOWERED
    tight = text.replace(" ", "")
    if all(character in table for character in tight):
        return "".join(table[character] for character in tight)
    return sign + _grouped(re.sub(r" *([^\w ]) *", r"\1", text))


def _grouped(text: str) -> str:
    """Brackets around what would fall apart without them."""
    whole = SIMPLE.fullmatch(text) or (len(text) > 1 and text[0] == "(" and text[-1] == ")" and text.count("(") == 1)
    return text if whole else f"({text})"
