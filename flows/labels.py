"""Normalise a page's words for a model: what is its name, what is decoration, what is the variant of a run.

Pure text, no store and no registry: flows/identity.py asks for the forms of a label, from the whole label to the barest,
and looks each up. A form says what was taken off, by kind, so that what is unsafe can be refused.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

# Names that a path, a prefix or the first word of a label may carry, and the organization they stand for. A model is
# taken through such a prefix only if it is that organization's. A step of a path that is not here and no host stands for
# the organization whose id it is.
VENDORS = {
    "01-ai": "01-ai", "01 ai": "01-ai", "ai2": "allenai", "ai21": "ai21", "ai21 labs": "ai21", "ai21labs": "ai21",
    "alibaba": "alibaba", "allenai": "allenai",
    "amazon": "amazon", "anthropic": "anthropic", "anthracite-org": "anthracite", "apple": "apple",
    "arcee": "arcee-ai", "arcee ai": "arcee-ai", "bytedance": "bytedance",
    "bytedance-seed": "bytedance", "cognitivecomputations": "cognitive-computations",
    "cohere": "cohere", "coherelabs": "cohere", "cohereforai": "cohere", "databricks": "databricks",
    "essentialai": "essential-ai", "huggingfaceh4": "huggingface", "huggingfacetb": "huggingface",
    "deepseek": "deepseek", "deepseek-ai": "deepseek", "google": "google", "ibm": "ibm", "ibm-granite": "ibm",
    "inception": "inception", "inceptionlabs": "inception", "inclusionai": "ant-group", "antgroup": "ant-group",
    "intel": "intel", "lgai-exaone": "lg-ai", "liquid": "liquid-ai", "liquidai": "liquid-ai", "meta": "meta",
    "meta-llama": "meta", "meta_llama": "meta", "microsoft": "microsoft", "minimax": "minimax",
    "minimaxai": "minimax", "mistral": "mistral", "mistral ai": "mistral", "mistralai": "mistral",
    "moonshot": "moonshotai", "moonshot ai": "moonshotai", "moonshotai": "moonshotai", "nous": "nous-research",
    "nousresearch": "nous-research", "nvidia": "nvidia", "openai": "openai", "openchat": "openchat",
    "primeintellect": "prime-intellect", "qwen": "alibaba", "reka": "reka", "reka ai": "reka", "rekaai": "reka",
    "sakana": "sakana-ai", "sarvamai": "sarvam", "snowflake": "snowflake", "stabilityai": "stability-ai", "stepfun": "stepfun",
    "stepfun-ai": "stepfun", "tencent": "tencent", "thudm": "zai", "tii": "tii", "tiiuae": "tii",
    "together": "together-ai", "togethercomputer": "together-ai", "upstage": "upstage", "x-ai": "xai", "xai": "xai",
    "xai-org": "xai", "xiaomi": "xiaomi", "xiaomimimo": "xiaomi", "z-ai": "zai", "z.ai": "zai", "zai": "zai",
    "zai-org": "zai", "zhipu": "zai", "zhipu ai": "zai", "zhipuai": "zai",
}  # fmt: skip
# Names of those who serve models of others: they say nothing about whose the model is.
HOSTS = {
    "accounts", "anyscale", "azure", "azure_ai", "baseten", "bedrock", "bedrock_converse", "cerebras", "cloudflare",
    "codestral", "cohere_chat", "text-completion-codestral", "dashscope", "databricks", "deepinfra", "fireworks", "fireworks_ai",
    "friendliai", "gemini", "github", "github_copilot", "gradient_ai", "groq",
    "huggingface", "hyperbolic", "lambda_ai", "models", "nebius", "novita", "nscale", "nvidia", "nvidia_nim", "oci",
    "ollama", "openrouter", "palm", "perplexity", "replicate", "sambanova", "snowflake", "together", "together_ai",
    "vercel_ai_gateway", "vertex_ai", "watsonx",
}  # fmt: skip
_FIRST_WORDS = sorted(VENDORS, key=len, reverse=True)
_GAP = re.compile(r"(?:\s+|-)(?=\S)")
_STEP = re.compile(r"[a-z0-9][\w.\- ]*", re.I)
_NAMED = re.compile(r"(?P<vendor>[\w.][\w.\- ]{1,30}?):\s+(?=\S)")
_REGION = re.compile(r"[a-z]{2}(?:-gov)?-[a-z]+-\d|us|eu|apac|global|global-standard")  # a price of its own each
_BEDROCK = re.compile(
    r"(?:(?P<region>us|eu|apac|jp|au|global|us-gov)\.)?(?P<vendor>ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|nvidia|openai|qwen|zai)\."
    r"(?P<name>[a-z].*?)(?P<version>-v[1-9]\d*(?::\d+)?(?::\d+k)?)?"
)
_FAMILIES = (
    "chatglm|claude|codellama|codeqwen|command|falcon|gemini|gemma|glm|gpt|granite|grok|hermes|internlm|jamba|llama|mistral"
    "|nova|olmo|phi|qwen|starcoder|tulu|yi"
)
_JOINED = re.compile(rf"\b({_FAMILIES})(?=\d)")
_CLAUDE_ORDER = re.compile(r"\bclaude-(\d(?:-\d)?)-(opus|sonnet|haiku|instant)(?=-|$)")
_GEMINI_ORDER = re.compile(r"\bgemini-(pro|flash|ultra|nano)-(\d-\d)(?=-|$)")

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MM, _DD = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
# Dates as vendors write them: 2024-05-13, 20240513, 05-2024, 05-24, 05-13, 2024-05, 2405, 0513, May 2024, and 001.
DATE = (
    rf"20\d\d-{_MM}-{_DD}|20\d\d{_MM}{_DD}|{_MM}-20\d\d|{_MM}-{_DD}|20\d\d-{_MM}|2[2-9]{_MM}|{_MM}{_DD}"
    rf"|{_MONTH}[ -]?'?(?:20)?\d\d|001|latest"
)
CONTEXT = r"(?:\d{1,4}k|[12]m)(?:[ -](?:context|ctx|tokens))?|4096|8192|16384|32768|131072"
EFFORT = r"(?:x?high|medium|low|minimal)"
_EFFORT = rf"(?:{EFFORT}|max)"  # in brackets only: gpt-5.1-codex-max is a model
THINKING = (
    r"(?:no[nt]?|without|default|extended|adaptive|\d+k)?[ -]?(?:thinking|think)(?:[ -](?:tokens|budget|mode|auto))?"
    r"(?:[ -]?\d+k)?|(?:non[ -]?|adaptive[ -])?reasoning"
)
QUANT = (
    r"(?:gguf[ :-])?q\d(?:_[0-9k](?:_[sml0-9])?)?(?:-\d+k)?|fp8|fp16|fp32|bf16|nf4|int[48]|[48]bit|w[48]a\d+|awq|gptq"
    r"|exl2|gguf|nvfp4|mxfp4"
)
FORMAT = r"diff-fenced|editor-diff|editor-whole|diff|whole|udiff"
HARNESS = r"mini-?swe-?agent(?: v?[\d.]+)?|swe-?agent(?: v?[\d.]+)?|agentless|openhands|moatless|autocoderover"
SHOTS = r"\d+-shot(?: cot)?|zero-shot(?: cot)?|few-shot(?: cot)?|cot"
NOTE = r"deprecated|retired|legacy|new"
PROVIDER = r"hf|maas|v[12]:0"

# What may stand in brackets or after a comma, and what may hang on the end of a name.
_BRACKETED = {
    "note": NOTE,
    "format": FORMAT,
    "harness": HARNESS,
    "shots": SHOTS,
    "quant": QUANT,
    "thinking": THINKING,
    "effort": rf"{_EFFORT}(?:[ -](?:effort|reasoning|thinking))?|(?:effort|reasoning|thinking)[ :-]+{_EFFORT}",
    "context": CONTEXT,
    "date": rf"{DATE}|{_MONTH}",
}
_HANGING = {
    "format": (FORMAT, r"[\s,]+"),
    "harness": (HARNESS, r"[\s,|-]+"),
    "quant": (QUANT, r"[\s,:_-]+"),
    "quant_turbo": (r"turbo(?:-free)?", r"(?<=instruct)-"),
    "thinking": (THINKING, r"[\s,-]+"),
    "effort": (rf"{EFFORT}(?:-?(?:reasoning|effort|thinking))?", r"[\s,_-]+"),
    "plain": (r"base", r"-"),
    "context": (CONTEXT, r"[\s,:-]+"),
    "date": (DATE, r"[\s,:-]+"),
    "provider": (PROVIDER, r"-"),
}
_BRACKET = re.compile(r"\s*[(\[]\s*(?P<x>[^()\[\]]+?)\s*[)\]]$")
_INSIDE = {kind: re.compile(rx, re.I) for kind, rx in _BRACKETED.items()}
_COMMAS = {kind: re.compile(rf"\s*,\s*(?P<x>{rx})$", re.I) for kind, rx in _BRACKETED.items()}
_TAILS = {kind: re.compile(rf"{sep}(?P<x>{rx})$", re.I) for kind, (rx, sep) in _HANGING.items()}
_ROUTES = re.compile(r":(?:(?P<drop>beta|floor|exacto)|(?P<keep>free|nitro|thinking|extended|online))$", re.I)
_MARK = re.compile(r"\s*\[(base|instruct)\]$")
_MIDDLE = re.compile(rf"(?P<name>.+)-(?P<x>{EFFORT})-(?P<date>20\d\d-{_MM}-{_DD})$", re.I)  # gpt-5-high-2025-08-07
_TUNED = re.compile(r"(?P<host>(?:[\w-]+/)?)ft:(?P<name>[^:/]+)", re.I)  # what a price list says of models one tunes
_FOOTNOTE = re.compile(r"\s*(?:[*\u2020\u2021\u00a7\u00b6]|\[?\^\d+\]?)+$")
_SYSTEM = re.compile(r"\s+(?:\+|&|/|->|=>|\u2192)\s+")
_WITHOUT_VARIANT = {"note", "date", "context", "provider"}
_KEY_KINDS = {
    "date": re.compile(rf"-(?:{DATE}|00\d)(?=-|$)"),
    "context": re.compile(r"-(?:\d{1,4}k|[12]m|4096|8192|16384|32768|131072)(?=-|$)"),
    "effort": re.compile(rf"-{EFFORT}(?=-|$)"),
    "thinking": re.compile(r"-(?:thinking|think|no-thinking|reasoning|non-reasoning)(?=-|$)"),
    "plain": re.compile(r"-base(?=-|$)"),
}
_KEY_TAILS = {
    kind: re.compile(rx.pattern.replace("(?=-|$)", "$"))
    for kind, rx in _KEY_KINDS.items()
    if kind in ("date", "context")
}


@dataclass(frozen=True, slots=True)
class Form:
    """A label with some of its decoration taken off.

    `taken` names the kinds that were taken off, `variant` the words among them that tell one run of a model from
    another, `cut` the dates and context sizes, `vendors` the organizations a prefix named, `mark` what the page's table
    said of its models: 'base' or 'instruct' (a reader writes it in square brackets behind the name).
    """

    text: str
    variant: tuple[str, ...] = ()
    taken: frozenset[str] = frozenset()
    cut: tuple[str, ...] = ()
    vendors: frozenset[str] = frozenset()
    is_hyphenated: bool = False
    mark: str | None = None


@lru_cache(maxsize=65536)
def name_key(text: str) -> str:
    """Return the key by which names are compared: case, white space, underscores and hyphens do not count."""
    return re.sub(r"[\s_\-\u2010-\u2014]+", "-", unicodedata.normalize("NFKC", text).casefold()).strip("-")


@lru_cache(maxsize=65536)
def loose_key(text: str) -> str:
    """Return the key of the rules: also spellings of one name: llama3 and Llama 3, v3p1 and 3.1, R+ and R Plus."""
    key = re.sub(r"(?<=\w)\+", "-plus", name_key(text))
    key = re.sub(r"[-()\[\],:@/|]+", "-", key).strip("-")
    key = re.sub(r"(?<=\d)p(?=\d)", ".", key)
    key = re.sub(r"\b(?:meta-(?=(?:code)?llama)|c4ai-)", "", key)
    key = re.sub(r"\bgpt-?35(?=-|$)", "gpt-3.5", key)
    key = re.sub(r"\bllama-v(?=\d)", "llama-", key)
    key = re.sub(r"\bcode-llama\b", "codellama", key)
    key = re.sub(r"(?<=\d)\.(?=\d)", "-", _JOINED.sub(r"\1-", key))
    return _GEMINI_ORDER.sub(r"gemini-\2-\1", _CLAUDE_ORDER.sub(r"claude-\2-\1", key))


def is_system(label: str) -> bool:
    """Return whether the label names several models at work together, such as an architect and an editor."""
    parts = [part for part in _SYSTEM.split(label) if not re.fullmatch(HARNESS, part.strip(), re.I)]
    return len(parts) > 1


@lru_cache(maxsize=65536)
def forms(label: str) -> tuple[Form, ...]:
    """Return the label and then its barer forms, the least changed first; nothing for a system of several models."""
    found: dict[Form, None] = {}
    for start in () if is_system(label) else _starts(label):
        form: Form | None = start
        while form:
            found[form] = None
            form = _take_off(form)
    return tuple(sorted(found, key=lambda form: len(form.taken - {"prefix", "host", "footnote"})))


def without_first_words(form: Form) -> list[str]:
    """Return the text of a form, and without the name of a vendor that it may begin with."""
    return [form.text, *(barer.text for barer in _without_prefix(form))]


@lru_cache(maxsize=65536)
def plain_keys(label: str) -> frozenset[str]:
    """Return the loose keys of a label with and without the names of hosts and vendors before it."""
    return frozenset(loose_key(f.text) for f in forms(label) if f.taken <= {"prefix", "host", "footnote"})


def _starts(label: str) -> Iterator[Form]:
    """Yield the label as it is, without its footnote mark and harness, and without the names of host and vendor."""
    form = Form(label.strip())
    yield form
    if match := _MARK.search(form.text):
        form = replace(form, text=form.text[: match.start()], mark=match[1])
        yield form
    text = _FOOTNOTE.sub("", form.text)
    if text != form.text:
        form = replace(form, text=text, taken=frozenset({"footnote"}))
        yield form
    parts = _SYSTEM.split(form.text)
    models = [part for part in parts if not re.fullmatch(HARNESS, part.strip(), re.I)]
    if len(parts) > 1 and len(models) == 1:
        harness = tuple(part.strip().lower() for part in parts if part != models[0])
        form = replace(form, text=models[0], variant=harness, taken=form.taken | {"harness"})
        yield form
    if match := _TUNED.fullmatch(form.text):
        text = match["host"] + match["name"]
        form = replace(form, text=text, variant=("fine-tuned",), taken=form.taken | {"route"})
        yield form
    yield from _without_prefix(form)
    if match := _MIDDLE.fullmatch(form.text.rpartition("/")[2]):
        text = form.text[: len(form.text) - len(match[0])] + f"{match['name']}-{match['date']}"
        form = replace(
            form, text=text, variant=(match["x"].lower(),), taken=form.taken | {"effort"}, is_hyphenated=True
        )
        yield form
        yield from _without_prefix(form)


def _without_prefix(form: Form) -> Iterator[Form]:
    if "/" in form.text:
        *path, name = form.text.split("/")
        region = tuple(step.lower() for step in path if _REGION.fullmatch(step) or step.lower().endswith("codestral"))
        vendors = frozenset(_vendor(step) for step in path if not _is_host(step))
        if not name or not all(_STEP.fullmatch(step) for step in path if not _is_host(step)):
            return
        kinds = {"prefix", "host"} if any(map(_is_host, path)) else {"prefix"}
        form = replace(form, text=name, taken=form.taken | kinds, vendors=vendors, variant=region + form.variant)
        yield form
    if match := _BEDROCK.fullmatch(form.text.lower()):
        name = re.sub(r"-v0:(\d)$", r"-v0.\1", match["name"])
        region = (match["region"],) if match["region"] else ()
        vendors = form.vendors | {VENDORS[match["vendor"]]}
        yield replace(form, text=name, taken=form.taken | {"prefix"}, vendors=vendors, variant=region + form.variant)
        return
    if match := _NAMED.match(form.text):
        yield _without(form, match.end(), match["vendor"])
        return
    lower = form.text.lower()
    for word in _FIRST_WORDS:
        if lower.startswith(word) and (rest := _GAP.match(form.text, len(word))):
            yield _without(form, rest.end(), word)


def _without(form: Form, end: int, vendor: str) -> Form:
    return replace(form, text=form.text[end:], taken=form.taken | {"prefix"}, vendors=form.vendors | {_vendor(vendor)})


def _vendor(step: str) -> str:
    """Return the id of the organization that a step of a path or a first word stands for."""
    return VENDORS.get(step.lower(), slug(step))


def _is_host(step: str) -> bool:
    return step.lower() in HOSTS or _REGION.fullmatch(step) is not None


def _take_off(form: Form) -> Form | None:
    """Return the form without its last decoration, or None if nothing known hangs on its end."""
    if match := _ROUTES.search(form.text):
        kept = (match["keep"].lower(),) if match["keep"] else ()
        return replace(form, text=form.text[: match.start()], variant=kept + form.variant, taken=form.taken | {"route"})
    if (match := _BRACKET.search(form.text)) and match.start() > 0:
        pieces = re.split(r"\s*[,;]\s*", match["x"])
        kinds = [next((kind for kind, rx in _INSIDE.items() if rx.fullmatch(piece)), None) for piece in pieces]
        for piece, kind in zip(reversed(pieces), reversed(kinds), strict=True):
            if None in kinds or kind is None:
                return None
            form = _taken(form, match.start(), kind, piece)
        return form
    for is_hyphenated, patterns in ((False, _COMMAS), (True, _TAILS)):
        for kind, pattern in patterns.items():
            match = pattern.search(form.text)
            if match and match.start() > 0:
                return _taken(form, match.start(), kind, match["x"], is_hyphenated=is_hyphenated)
    return None


def _taken(form: Form, start: int, kind: str, words: str, *, is_hyphenated: bool = False) -> Form:
    """Return the form up to `start`, with the words behind it as a variant or a cut."""
    word = () if kind in _WITHOUT_VARIANT else (_variant(kind, words),)
    return replace(
        form,
        text=form.text[:start],
        variant=word + form.variant,
        taken=form.taken | {kind.removesuffix("_turbo")},
        cut=form.cut + _cut(kind, words),
        is_hyphenated=form.is_hyphenated or (is_hyphenated and kind in ("effort", "thinking", "plain")),
    )


def _cut(kind: str, words: str) -> tuple[str, ...]:
    if kind not in ("date", "context") or words.lower() == "latest":
        return ()
    return (re.sub(r"\D", "", words) if words[0].isdigit() else words.lower(),)


def _variant(kind: str, words: str) -> str:
    """Return one spelling for a variant: 'high', 'thinking', 'no-thinking', 'thinking-32k', 'q8_0', 'diff'."""
    words = re.sub(r"\s+", " ", words.strip().lower())
    if kind == "effort" and (effort := re.search(_EFFORT, words)):
        return effort[0]
    if kind == "thinking" and words.endswith("reasoning"):
        return "no-thinking" if words.startswith("non") else "thinking"
    if kind == "thinking":
        budget = re.search(r"\d+k", words)
        if re.match(r"no[nt]?\b|without|no[nt]?think", words):
            return "no-thinking"
        mode = re.match(r"(default|extended|adaptive)\b", words)
        return f"thinking-{budget[0]}" if budget else f"{mode[0]}-thinking" if mode else "thinking"
    return words.replace(" ", "-")


def is_near(words: str, day: date, days: int, month_days: int | None = None) -> bool:
    """Return whether a date of a label (0513, 20240513, 2024-05, 'may 2024', 'may') comes within so many days of a day.

    A month may be `month_days` away, else as far as a day. What is no date (a context size, 001) is no reason against.
    """
    spans = list(_spans_of(words, day.year))
    wide = timedelta(days=days if month_days is None else month_days)
    near = timedelta(days=days)
    return not spans or any(
        start - far <= day <= end + far for start, end in spans for far in [near if start == end else wide]
    )


def is_date(words: str) -> bool:
    """Return whether words that were taken off tell a day, a month or a year and month."""
    return any(True for _ in _spans_of(words, 2024))


def _spans_of(words: str, year: int) -> Iterator[tuple[date, date]]:
    """Yield the first and last day that the words may mean; without a year, in the year given and those beside it."""
    years = [str(year - 1), str(year), str(year + 1)]
    if words.isdigit():
        forms = {8: [(words[:4], words[4:6], words[6:])], 6: [(words[:4], words[4:], ""), (words[2:], words[:2], "")]}
        short = [(y, words[:2], words[2:]) for y in years]
        forms[4] = [*short, (f"20{words[:2]}", words[2:], ""), (f"20{words[2:]}", words[:2], "")]
        found = forms.get(len(words), [])
    else:
        month = f"{_MONTHS.index(words[:3]) + 1:02}" if words[:3] in _MONTHS else ""
        told = re.sub(r"\D", "", words)[-2:]
        found = [(y, month, "") for y in ([f"20{told}"] if told else years)] if month else []
    for y, month, day in found:
        with suppress(ValueError):
            start = date(int(y), int(month), int(day or 1))
            yield (
                start,
                start if day else (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1),
            )


def stem(key: str) -> tuple[str, frozenset[str]]:
    """Return a loose key without the dates and context sizes at its end, and the kinds that were there."""
    kinds: set[str] = set()
    while True:
        for kind, pattern in _KEY_TAILS.items():
            bare = pattern.sub("", key)
            if bare != key and bare:
                key = bare
                kinds.add(kind)
                break
        else:
            return key, frozenset(kinds)


def goes_on_with(key: str, root: str, kinds: frozenset[str]) -> bool:
    """Return whether `key` is `root` and, directly after it, a suffix of one of the kinds."""
    if not key.startswith(f"{root}-"):
        return False
    rest = key[len(root) :]
    return any(pattern.match(rest) for kind, pattern in _KEY_KINDS.items() if kind in kinds)


def slug(label: str) -> str:
    """Return the label as a part of an id: lower-case letters, digits, dots and hyphens."""
    text = unicodedata.normalize("NFKD", label).casefold().replace("+", "-plus-")
    text = re.sub(r"[^a-z0-9.]+", "-", text).strip("-.")
    return text or short_hash(label)


def short_hash(label: str) -> str:
    """Return eight hexadecimal digits that stand for the label."""
    return hashlib.sha256(label.encode()).hexdigest()[:8]
