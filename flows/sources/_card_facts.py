"""What cards say of their models beside scores: context sizes, and which of them are copies in fewer bits."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KM])?(?:\s*tokens)?", re.I)
_QUANTIZED = re.compile(r"\b\d-?bits?\b|\bint[48]\b|awq|gptq|gguf|fp8|exl2", re.I)


def context_of(text: str) -> int | None:
    """Return a context size in tokens; 4K, 32K and other powers of two count 1,024 to the K, 200K counts 1,000."""
    match = _SIZE.fullmatch(text.strip().replace(",", ""))
    if not match:
        return None
    number, unit = float(match[1]), (match[2] or "").upper()
    is_binary = number.is_integer() and int(number) & (int(number) - 1) == 0
    base = 1024 if is_binary else 1000
    return int(number * {"": 1, "K": base, "M": base * base}[unit])


def is_quantized(label: str) -> bool:
    """Return whether a label names a copy of a model in fewer bits, which is no model of its own."""
    return bool(_QUANTIZED.search(label))
