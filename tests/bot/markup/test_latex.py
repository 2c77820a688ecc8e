from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.markup.latex import to_unicode


@pytest.mark.parametrize(
    ("tex", "readable"),
    [
        (r"x_i^2 \le \frac{1}{n}", "xᵢ² ≤ 1/n"),
        (r"\sum_{i=1}^{n} x_i", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"\theta_{old}", "θ_old"),
        (r"\hat{y} = \sigma(W x + b)", "ŷ = σ(W x + b)"),
        (r"O(n \log n)", "O(n log n)"),
        (r"\left(\frac{a+b}{c}\right)^2", "((a+b)/c)²"),
        (r"\sqrt{d_k}", "√dₖ"),
        (r"\mathbb{R}^{d}", "ℝᵈ"),
        (r"\text{若 } x > 0", "若 x > 0"),
        (r"a \in A \Rightarrow b", "a ∈ A ⇒ b"),
        (r"90^\circ", "90°"),
        (r"p_\theta(x_t \mid x_{<t})", "p_θ(xₜ ∣ x_(<t))"),
        (r"\Delta W = BA \in \mathbb{R}^{d \times r}", "ΔW = BA ∈ ℝ^(d×r)"),
        (r"f'(x)", "f′(x)"),
        (r"50\%", "50%"),
    ],
)
def test_simple_formulas_become_unicode(tex: str, readable: str) -> None:
    assert to_unicode(tex) == readable


@pytest.mark.parametrize(
    "tex",
    [
        r"\begin{matrix}a & b\end{matrix}",
        r"a \\ b",
        r"\unknown{x}",
        r"{a",
        r"a}",
        r"x_",
        r"\frac{a}",
        r"a_{b_c}",
        r"\sqrt[3]{x}",
        "{" * 50 + "a" + "}" * 50,
        "",
    ],
)
def test_what_would_lose_something_stays_tex(tex: str) -> None:
    assert to_unicode(tex) is None


@given(
    st.lists(
        st.sampled_from(["\\frac", "{", "}", "^", "_", "x", "\\alpha", "\\text", " ", "2", "\\hat", "\\mathbb", "$", "\\", "&"])
    ).map("".join)
)
def test_broken_formulas_never_fail(tex: str) -> None:
    readable = to_unicode(tex)
    assert readable is None or "\\" not in readable
