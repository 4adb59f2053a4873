"""Normalise a page's words for a model: what is its name, what is decoration, what is the variant of a run.

Pure text, no store and no registry: flows/identity.py asks for the forms of a label, from the whole label to the barest,
and looks each up. A form says what was taken off, by kind, so that what is unsafe can be refused.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

# Names that a path, a prefix or the first word of a label may carry, and the organization they stand for. A model is
# taken through such a prefix only if it is that organization's.
VENDORS = {
    "01-ai": "01-ai", "ai21": "ai21", "ai21labs": "ai21", "alibaba": "alibaba", "allenai": "allenai",
    "amazon": "amazon", "anthropic": "anthropic", "bytedance": "bytedance", "bytedance-seed": "bytedance",
    "cohere": "cohere", "coherelabs": "cohere", "cohereforai": "cohere", "databricks": "databricks",
    "deepseek": "deepseek", "deepseek-ai": "deepseek", "google": "google", "ibm": "ibm", "ibm-granite": "ibm",
    "inception": "inception", "meta": "meta", "meta-llama": "meta", "microsoft": "microsoft", "minimax": "minimax",
    "minimaxai": "minimax", "mistral": "mistral", "mistralai": "mistral", "moonshot": "moonshotai",
    "moonshotai": "moonshotai", "nousresearch": "nous-research", "openai": "openai", "qwen": "alibaba",
    "reka": "reka", "rekaai": "reka", "snowflake": "snowflake", "stepfun": "stepfun", "tencent": "tencent",
    "tii": "tii", "tiiuae": "tii", "upstage": "upstage", "x-ai": "xai", "xai": "xai", "xai-org": "xai",
    "xiaomi": "xiaomi", "z-ai": "zai", "z.ai": "zai", "zai": "zai", "zai-org": "zai", "zhipu": "zai",
    "zhipu ai": "zai",
}  # fmt: skip
# Names of those who serve models of others: they say nothing about whose the model is.
HOSTS = {
    "accounts", "anyscale", "azure", "azure_ai", "baseten", "bedrock", "bedrock_converse", "cerebras", "cloudflare",
    "codestral", "cohere_chat", "dashscope", "databricks", "deepinfra", "eu", "fireworks", "fireworks_ai",
    "friendliai", "gemini", "github", "github_copilot", "global", "global-standard", "gradient_ai", "groq",
    "huggingface", "hyperbolic", "lambda_ai", "models", "nebius", "novita", "nscale", "nvidia", "nvidia_nim", "oci",
    "ollama", "openrouter", "perplexity", "replicate", "sambanova", "snowflake", "together", "together_ai", "us",
    "vercel_ai_gateway", "vertex_ai", "watsonx",
}  # fmt: skip
# Vendors whose name is also the first word of their models' names: as a first word only with a colon ("Mistral: ...").
_FAMILY_WORDS = {"deepseek", "meta-llama", "minimax", "mistral", "qwen", "reka", "snowflake"}
_REGION = re.compile(r"[a-z]{2}(?:-gov)?-[a-z]+-\d")
_BEDROCK = re.compile(
    r"(?:(?:us|eu|apac|jp|au|global|us-gov)\.)?(?P<vendor>ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\."
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
_MM, _DD = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
# Dates as vendors write them: 2024-05-13, 20240513, 05-2024, 05-24, 05-13, 2024-05, 2405, 0513, May 2024, and 001.
DATE = (
    rf"20\d\d-{_MM}-{_DD}|20\d\d{_MM}{_DD}|{_MM}-20\d\d|{_MM}-{_DD}|20\d\d-{_MM}|2[2-9]{_MM}|{_MM}{_DD}"
    rf"|{_MONTH}[ -]?(?:20)?\d\d|00\d|latest"
)
CONTEXT = r"(?:\d{1,4}k|[12]m)(?:[ -](?:context|ctx|tokens))?|4096|8192|16384|32768|131072"
EFFORT = r"(?:x?high|medium|low|minimal)"
THINKING = (
    r"(?:no[nt]?|without|default|extended|adaptive|\d+k)?[ -]?(?:thinking|think)(?:[ -](?:tokens|budget|mode))?"
    r"(?:[ -]?\d+k)?"
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
    "effort": rf"{EFFORT}(?:[ -](?:effort|reasoning|thinking))?|(?:effort|reasoning)[ :-]+{EFFORT}",
    "context": CONTEXT,
    "date": DATE,
}
_HANGING = {
    "format": (FORMAT, r"[\s,]+"),
    "harness": (HARNESS, r"[\s,|-]+"),
    "quant": (QUANT, r"[\s,:_-]+"),
    "quant_turbo": (r"turbo(?:-free)?", r"(?<=instruct)-"),
    "thinking": (THINKING, r"[\s,-]+"),
    "effort": (rf"{EFFORT}(?:-(?:reasoning|effort))?", r"[\s,_-]+"),
    "context": (CONTEXT, r"[\s,:-]+"),
    "date": (DATE, r"[\s,:-]+"),
    "provider": (PROVIDER, r"-"),
}
_BRACKETS = {kind: re.compile(rf"\s*[(\[]\s*(?P<x>{rx})\s*[)\]]$", re.I) for kind, rx in _BRACKETED.items()}
_COMMAS = {kind: re.compile(rf"\s*,\s*(?P<x>{rx})$", re.I) for kind, rx in _BRACKETED.items()}
_TAILS = {kind: re.compile(rf"{sep}(?P<x>{rx})$", re.I) for kind, (rx, sep) in _HANGING.items()}
_ROUTES = re.compile(r":(?:(?P<drop>free|beta|nitro|floor|exacto)|(?P<keep>thinking|extended|online))$", re.I)
_FOOTNOTE = re.compile(r"\s*(?:[*\u2020\u2021\u00a7\u00b6]|\[?\^\d+\]?)+$")
_SYSTEM = re.compile(r"\s+(?:\+|&|/|->|=>|\u2192)\s+")
_WITHOUT_VARIANT = {"note", "date", "context", "provider"}
_KEY_KINDS = {
    "date": re.compile(rf"-(?:{DATE})(?=-|$)"),
    "context": re.compile(r"-(?:\d{1,4}k|[12]m|4096|8192|16384|32768|131072)(?=-|$)"),
    "effort": re.compile(rf"-{EFFORT}(?=-|$)"),
    "thinking": re.compile(r"-(?:thinking|think|no-thinking)(?=-|$)"),
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
    another, `cut` the dates and context sizes, `vendors` the organizations a prefix named.
    """

    text: str
    variant: tuple[str, ...] = ()
    taken: frozenset[str] = frozenset()
    cut: tuple[str, ...] = ()
    vendors: frozenset[str] = frozenset()
    is_hyphenated: bool = False


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
    key = re.sub(r"\bmeta-(?=(?:code)?llama)", "", key)
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
    return tuple(found)


def _starts(label: str) -> Iterator[Form]:
    """Yield the label as it is, without its footnote mark and harness, and without the names of host and vendor."""
    form = Form(label.strip())
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
    yield from _without_prefix(form)


def _without_prefix(form: Form) -> Iterator[Form]:
    if "/" in form.text:
        *path, name = form.text.split("/")
        vendors = frozenset(VENDORS[step.lower()] for step in path if _is_vendor(step))
        if not name or not all(_is_vendor(step) or _is_host(step) for step in path):
            return
        kinds = {"prefix", "host"} if any(not _is_vendor(step) for step in path) else {"prefix"}
        form = replace(form, text=name, taken=form.taken | kinds, vendors=vendors)
        yield form
    if match := _BEDROCK.fullmatch(form.text.lower()):
        name = re.sub(r"-v0:(\d)$", r"-v0.\1", match["name"])
        yield replace(form, text=name, taken=form.taken | {"prefix"}, vendors=form.vendors | {VENDORS[match["vendor"]]})
        return
    for word in sorted(VENDORS, key=len, reverse=True):
        between = r"\s*:\s+" if word in _FAMILY_WORDS else r"(?:\s*:\s+|\s+|-)"
        rest = re.match(rf"{re.escape(word)}{between}(?=\S)", form.text, re.I)
        if rest:
            vendors = form.vendors | {VENDORS[word]}
            yield replace(form, text=form.text[rest.end() :], taken=form.taken | {"prefix"}, vendors=vendors)
            return


def _is_vendor(step: str) -> bool:
    return step.lower() in VENDORS and step.lower() not in HOSTS


def _is_host(step: str) -> bool:
    return step.lower() in HOSTS or _REGION.fullmatch(step) is not None


def _take_off(form: Form) -> Form | None:
    """Return the form without its last decoration, or None if nothing known hangs on its end."""
    if match := _ROUTES.search(form.text):
        kept = (match["keep"].lower(),) if match["keep"] else ()
        return replace(form, text=form.text[: match.start()], variant=kept + form.variant, taken=form.taken | {"route"})
    for is_hyphenated, patterns in ((False, _BRACKETS), (False, _COMMAS), (True, _TAILS)):
        for kind, pattern in patterns.items():
            match = pattern.search(form.text)
            if match and match.start() > 0:
                word = () if kind in _WITHOUT_VARIANT else (_variant(kind, match["x"]),)
                return replace(
                    form,
                    text=form.text[: match.start()],
                    variant=word + form.variant,
                    taken=form.taken | {kind.removesuffix("_turbo")},
                    cut=form.cut + _cut(kind, match["x"]),
                    is_hyphenated=form.is_hyphenated or (is_hyphenated and kind in ("effort", "thinking")),
                )
    return None


def _cut(kind: str, words: str) -> tuple[str, ...]:
    if kind not in ("date", "context") or words.lower() == "latest":
        return ()
    return (re.sub(r"\D", "", words) if words[0].isdigit() else words.lower(),)


def _variant(kind: str, words: str) -> str:
    """Return one spelling for a variant: 'high', 'thinking', 'no-thinking', 'thinking-32k', 'q8_0', 'diff'."""
    words = re.sub(r"\s+", " ", words.strip().lower())
    if kind == "effort" and (effort := re.search(EFFORT, words)):
        return effort[0]
    if kind == "thinking":
        budget = re.search(r"\d+k", words)
        if re.match(r"no[nt]?\b|without|no[nt]?think", words):
            return "no-thinking"
        mode = re.match(r"(default|extended|adaptive)\b", words)
        return f"thinking-{budget[0]}" if budget else f"{mode[0]}-thinking" if mode else "thinking"
    return words.replace(" ", "-")


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
