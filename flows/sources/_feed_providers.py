"""Who serves a model: the names that the feeds give a provider, and the one it has here.

A name that is not here is a provider's own slug: it loads as it is, and waits for a row in providers.csv. Two services that
ask different prices for one model are two providers, whoever owns them (alibaba and alibaba-cn, azure's two).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

UNSTATED = "unstated"
_NAMES: Mapping[str, str] = {
    # LiteLLM
    "azure_ai": "azure",
    "azure_text": "azure",
    "bedrock_converse": "bedrock",
    "bedrock_mantle": "bedrock",
    "codestral": "mistral",
    "cohere_chat": "cohere",
    "dashscope": "alibaba",
    "deep_infra": "deepinfra",
    "fireworks_ai": "fireworks",
    "friendliai": "friendli",
    "gemini": "google",
    "github_copilot": "github-copilot",
    "lambda_ai": "lambda",
    "meta_llama": "meta",
    "moonshot": "moonshotai",
    "nvidia_nim": "nvidia",
    "palm": "google",
    "text-completion-codestral": "mistral",
    "text-completion-openai": "openai",
    "together_ai": "together",
    "vercel_ai_gateway": "vercel",
    "wandb_ai": "wandb",
    # models.dev
    "amazon-bedrock": "bedrock",
    "cloudflare-workers-ai": "cloudflare",
    "fireworks-ai": "fireworks",
    "google-vertex": "vertex",
    "google-vertex-anthropic": "vertex",
    "llama": "meta",
    "novita-ai": "novita",
    "snowflake-cortex": "snowflake",
    "togetherai": "together",
    # llm-prices, by vendor
    "amazon": "bedrock",
    "meta-ai": "meta",
    "moonshot-ai": "moonshotai",
    "qwen": "alibaba",
    "z.ai": "zai",
    # OpenRouter, by the tag or the name of an endpoint
    "google-ai-studio": "google",
    "z-ai": "zai",
}
_FAMILIES = (("vertex_ai", "vertex"), ("fireworks_ai-", "fireworks"))  # 'vertex_ai-llama_models' and the like


def provider_of(name: str) -> str:
    """Return the provider_id of a name in a feed; UNSTATED where the feed names nobody."""
    slug = re.sub(r"[^a-z0-9_.]+", "-", name.lower()).strip("-_.")
    if not slug:
        return UNSTATED
    family = next((provider for start, provider in _FAMILIES if slug.startswith(start)), slug)
    return _NAMES.get(slug, family)
