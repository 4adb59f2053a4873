"""Two hundred labels of real pages and what they mean, each looked at by hand; no match is wrong.

Drawn on 2026-11-23 from all pairs of a source and a label that found a model in the stored captures:
random.Random(20261123).sample(sorted(pairs), 200). Each was then read against its page: which model the words mean there,
on that day, and what of the label is the run's mode, effort, region or quantisation (the variant). Two of the draw were
wrong and mended: the SFT model of DeepSeek's card is not the published one, and Vercel lists Command R of August 2024.
"""

from pathlib import Path

import duckdb
import pytest

from flows.resolve import resolve
from warehouse.connect import create_schema
from warehouse.load import load_reference

REFERENCE = Path(__file__).parents[1] / "warehouse" / "reference"
# source | day | label | model | variant
PAIRS = """
aider | 2024-08-10 | claude-3.5-sonnet (diff) | claude-3-5-sonnet-20240620 | diff
aider | 2024-07-10 | deepseek-chat v2 (whole) | deepseek-v2-chat | whole
aider | 2025-02-01 | gemini-exp-1206 | gemini-exp-1206 |
aider | 2025-08-25 | gpt-5 (medium) | gpt-5-2025-08-07 | medium
aider | 2025-06-28 | o3-pro (high) | o3-pro-2025-06-10 | high
anthropic_docs_pricing | 2025-11-20 | Claude Opus 3 | claude-3-opus-20240229 |
anthropic_docs_pricing | 2025-11-20 | Claude Sonnet 4.5 | claude-sonnet-4-5-20250929 |
anthropic_pricing | 2026-05-08 | Haiku 4.5 | claude-haiku-4-5-20251001 |
artificial_analysis | 2026-07-01 | Apertus 8B Instruct | apertus-8b-instruct |
artificial_analysis | 2026-07-01 | Claude 3.7 Sonnet (Reasoning) | claude-3-7-sonnet-20250219 | thinking
artificial_analysis | 2026-08-22 | Claude Fable 5 (with fallback) | claude-fable-5 | fallback
artificial_analysis | 2026-08-22 | Claude Opus 5 (low) | claude-opus-5 | low
artificial_analysis | 2026-07-01 | DeepSeek R1 0528 Qwen3 8B | deepseek-r1-0528-qwen3-8b |
artificial_analysis | 2026-07-01 | DeepSeek R1 Distill Llama 8B | deepseek-r1-distill-llama-8b |
artificial_analysis | 2026-07-01 | Falcon-H1R-7B | falcon-h1r-7b |
artificial_analysis | 2026-08-22 | GLM-4.7-Flash (Reasoning) | glm-4.7-flash | thinking
artificial_analysis | 2026-08-22 | GPT-5.6 Luna (medium) | gpt-5.6-luna | medium
artificial_analysis | 2026-07-01 | Gemini 2.0 Flash-Lite (Preview) | gemini-2.0-flash-lite-preview-02-05 |
artificial_analysis | 2026-07-01 | Gemini 2.5 Flash (Non-reasoning) (gemini-2-5-flash-04-2025) | gemini-2.5-flash-preview-04-17 | no-thinking
artificial_analysis | 2026-08-22 | Gemini 3.6 Flash | gemini-3.6-flash |
artificial_analysis | 2026-07-01 | Grok 4.20 0309 (Non-reasoning) | grok-4.20-0309-non-reasoning |
artificial_analysis | 2026-07-01 | Hermes 3 - Llama-3.1 70B | hermes-3-llama-3.1-70b |
artificial_analysis | 2026-08-22 | Kimi K3 (low) | kimi-k3 | low
artificial_analysis | 2026-08-22 | Ling 3.0 Tiny | ling-3.0-tiny |
artificial_analysis | 2026-07-01 | Ling-2.6-1T | ling-2.6-1t |
artificial_analysis | 2026-07-01 | Nemotron Cascade 2 30B A3B | nemotron-cascade-2-30b-a3b |
artificial_analysis | 2026-07-01 | Qwen3 1.7B (Reasoning) | qwen3-1.7b | thinking
artificial_analysis | 2026-07-01 | Qwen3 32B (Non-reasoning) | qwen3-32b | no-thinking
artificial_analysis | 2026-08-22 | Qwen3.5 27B (Non-reasoning) | qwen3.5-27b | no-thinking
artificial_analysis | 2026-08-22 | Qwen3.5 4B (Non-reasoning) | qwen3.5-4b | no-thinking
artificial_analysis | 2026-08-22 | gpt-oss-20b (low) | gpt-oss-20b | low
artificial_analysis | 2026-07-01 | o1 | o1-2024-12-17 |
artificial_analysis | 2026-08-22 | o3 | o3-2025-04-16 |
deepseek_cards | 2024-05-08 | DeepSeek-V2 Chat (SFT) | deepseek-v2-chat-sft |
evalplus | 2024-04-29 | CodeLlama-13B [base] | codellama-13b-python |
evalplus | 2024-04-29 | DeepSeek-Coder-1.3B-base | deepseek-coder-1.3b-base |
evalplus | 2024-04-29 | GPT-4-Turbo (Nov 2023) [instruct] | gpt-4-1106-preview |
evalplus | 2024-04-29 | WhiteRabbitNeo-33B-v1 [instruct] | whiterabbitneo-33b-v1 |
evalplus | 2024-04-29 | dolphin-2.6-mixtral-8x7b [instruct] | dolphin-2.6-mixtral-8x7b |
google_cloud_pricing | 2026-05-08 | DeepSeek-R1 (0528) | deepseek-r1-0528 |
google_cloud_pricing | 2026-05-08 | GLM-5 | glm-5 |
google_cloud_pricing | 2026-05-08 | Gemini 2.5 Pro | gemini-2.5-pro |
litellm | 2025-09-01 | amazon.titan-text-lite-v1 | titan-text-lite |
litellm | 2025-09-01 | anthropic.claude-3-5-sonnet-20240620-v1:0 | claude-3-5-sonnet-20240620 |
litellm | 2025-09-01 | anthropic.claude-opus-4-20250514-v1:0 | claude-opus-4-20250514 |
litellm | 2025-09-01 | azure/gpt-35-turbo-0613 | gpt-3.5-turbo-0613 |
litellm | 2025-09-01 | azure/gpt-4-0613 | gpt-4-0613 |
litellm | 2025-09-01 | azure/o1 | o1-2024-12-17 |
litellm | 2025-09-01 | azure/o1-mini | o1-mini |
litellm | 2025-09-01 | azure/us/gpt-4o-mini-realtime-preview-2024-12-17 | gpt-4o-mini-realtime-preview-2024-12-17 | us
litellm | 2025-09-01 | azure_ai/Phi-3-mini-128k-instruct | phi-3-mini-128k-instruct |
litellm | 2025-09-01 | azure_ai/grok-3 | grok-3 |
litellm | 2025-09-01 | azure_ai/jais-30b-chat | jais-30b-chat |
litellm | 2025-09-01 | bedrock/us-gov-west-1/meta.llama3-70b-instruct-v1:0 | llama-3-70b-instruct | us-gov-west-1
litellm | 2025-09-01 | databricks/databricks-claude-3-7-sonnet | claude-3-7-sonnet-20250219 |
litellm | 2025-09-01 | deepinfra/Phind/Phind-CodeLlama-34B-v2 | phind-codellama-34b-v2 |
litellm | 2025-09-01 | deepinfra/Qwen/Qwen2.5-72B-Instruct | qwen-2.5-72b-instruct |
litellm | 2025-09-01 | deepinfra/deepseek-ai/DeepSeek-V3 | deepseek-v3 |
litellm | 2025-09-01 | deepinfra/google/gemini-2.5-pro | gemini-2.5-pro |
litellm | 2025-09-01 | deepinfra/google/gemma-2-9b-it | gemma-2-9b-it |
litellm | 2025-09-01 | deepinfra/mistralai/Mistral-7B-Instruct-v0.2 | mistral-7b-instruct-v0.2 |
litellm | 2025-09-01 | deepseek-chat | deepseek-v3.1 | no-thinking
litellm | 2025-09-01 | eu.amazon.nova-pro-v1:0 | nova-pro | eu
litellm | 2025-09-01 | fireworks_ai/accounts/fireworks/models/deepseek-coder-v2-instruct | deepseek-coder-v2-instruct |
litellm | 2025-09-01 | fireworks_ai/accounts/fireworks/models/llama-v3p2-11b-vision-instruct | llama-3.2-11b-instruct |
litellm | 2025-09-01 | fireworks_ai/accounts/fireworks/models/llama-v3p2-3b-instruct | llama-3.2-3b-instruct |
litellm | 2025-09-01 | fireworks_ai/accounts/fireworks/models/yi-large | yi-large |
litellm | 2025-09-01 | friendliai/mixtral-8x7b-instruct-v0-1 | mixtral-8x7b-instruct-v0.1 |
litellm | 2025-09-01 | ft:gpt-3.5-turbo-1106 | gpt-3.5-turbo-1106 | fine-tuned
litellm | 2025-09-01 | gemini-2.0-flash-lite-001 | gemini-2.0-flash-lite |
litellm | 2025-09-01 | gemini-2.5-pro | gemini-2.5-pro |
litellm | 2025-09-01 | gemini/learnlm-1.5-pro-experimental | learnlm-1.5-pro-experimental |
litellm | 2025-09-01 | gpt-4.1-nano-2025-04-14 | gpt-4.1-nano-2025-04-14 |
litellm | 2025-09-01 | gradient_ai/deepseek-r1-distill-llama-70b | deepseek-r1-distill-llama-70b |
litellm | 2025-09-01 | hyperbolic/deepseek-ai/DeepSeek-R1 | deepseek-r1 |
litellm | 2025-09-01 | jamba-mini-1.7 | jamba-mini-1.7 |
litellm | 2025-09-01 | meta.llama3-1-70b-instruct-v1:0 | llama-3.1-70b-instruct |
litellm | 2025-09-01 | mistral/codestral-mamba-latest | codestral-mamba-7b-v0.1 |
litellm | 2025-09-01 | mistral/devstral-small-2505 | devstral-small-2505 |
litellm | 2025-09-01 | mistral/mistral-large-2402 | mistral-large-2402 |
litellm | 2025-09-01 | moonshot/moonshot-v1-8k-vision-preview | moonshot-v1-8k-vision-preview |
litellm | 2025-09-01 | morph/morph-v3-fast | morph-v3-fast |
litellm | 2025-09-01 | nscale/deepseek-ai/DeepSeek-R1-Distill-Llama-70B | deepseek-r1-distill-llama-70b |
litellm | 2025-09-01 | nscale/deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B | deepseek-r1-distill-qwen-1.5b |
litellm | 2025-09-01 | o1-preview | o1-preview |
litellm | 2025-09-01 | o3-deep-research | o3-deep-research |
litellm | 2025-09-01 | o3-pro-2025-06-10 | o3-pro-2025-06-10 |
litellm | 2025-09-01 | openai/gpt-4-1106-preview | gpt-4-1106-preview |
litellm | 2025-09-01 | openai/gpt-4.1-nano-2025-04-14 | gpt-4.1-nano-2025-04-14 |
litellm | 2025-09-01 | openai/gpt-4o-audio-preview-2024-12-17 | gpt-4o-audio-preview-2024-12-17 |
litellm | 2025-09-01 | openai/gpt-5 | gpt-5-2025-08-07 |
litellm | 2025-09-01 | openrouter/anthropic/claude-3-5-haiku-20241022 | claude-3-5-haiku-20241022 |
litellm | 2025-09-01 | openrouter/openai/gpt-oss-20b | gpt-oss-20b |
litellm | 2025-09-01 | perplexity/sonar-reasoning | sonar-reasoning |
litellm | 2025-09-01 | together_ai/Qwen/Qwen3-235B-A22B-Thinking-2507 | qwen3-235b-a22b-thinking-2507 |
litellm | 2025-09-01 | together_ai/meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo | llama-3.1-8b-instruct | turbo
litellm | 2025-09-01 | us.amazon.nova-micro-v1:0 | nova-micro | us
litellm | 2025-09-01 | us.anthropic.claude-sonnet-4-20250514-v1:0 | claude-sonnet-4-20250514 | us
litellm | 2025-09-01 | vercel_ai_gateway/cohere/command-r | command-r-08-2024 |
litellm | 2025-09-01 | vercel_ai_gateway/xai/grok-2-vision | grok-2-vision-1212 |
litellm | 2025-09-01 | vertex_ai/jamba-1.5-mini@001 | jamba-1.5-mini |
litellm | 2025-09-01 | vertex_ai/meta/llama-3.1-8b-instruct-maas | llama-3.1-8b-instruct |
litellm | 2025-09-01 | vertex_ai/mistral-large@2411-001 | mistral-large-2411 |
litellm | 2025-09-01 | xai/grok-4-0709 | grok-4 |
livebench | 2026-01-14 | deepseek-v3.2-exp-thinking | deepseek-v3.2-exp | thinking
livebench | 2026-01-14 | gemini-3-pro-preview-11-2025-high | gemini-3-pro-preview | high
livebench | 2026-01-14 | gemini-3-pro-preview-11-2025-low | gemini-3-pro-preview | low
livebench | 2024-11-27 | gemini-exp-1114 | gemini-exp-1114 |
livebench | 2025-06-11 | grok-3-beta | grok-3 |
livebench | 2026-01-14 | qwen3-next-80b-a3b-instruct | qwen3-next-80b-a3b-instruct |
llm_prices | 2026-08-05 | claude-3-haiku | claude-3-haiku-20240307 |
llm_prices | 2026-08-05 | claude-3.7-sonnet | claude-3-7-sonnet-20250219 |
llm_prices | 2026-08-05 | gemini-2.0-flash | gemini-2.0-flash |
llm_prices | 2026-08-05 | gpt-5.2-pro | gpt-5.2-pro |
llm_prices | 2026-08-05 | mistral-nemo | mistral-nemo-instruct-2407 |
llm_prices | 2026-08-05 | o1-mini | o1-mini |
llmperf | 2023-12-19 | accounts/fireworks/models/llama-v2-7b-chat | llama-2-7b-chat |
llmperf | 2023-12-19 | llama2-13b | llama-2-13b-chat |
lmarena | 2026-02-06 | claude-opus-4-20250514 | claude-opus-4-20250514 |
lmarena | 2026-02-06 | deepseek-v3.1-terminus-thinking | deepseek-v3.1-terminus | thinking
lmarena | 2026-02-06 | deepseek-v3.2-exp | deepseek-v3.2-exp |
lmarena | 2026-02-06 | falcon-180b-chat | falcon-180b-chat |
lmarena | 2026-02-06 | gemini-pro-dev-api | gemini-1.0-pro | dev-api
lmarena | 2026-02-06 | gpt-4-0314 | gpt-4-0314 |
lmarena | 2026-02-06 | hunyuan-standard-256k | hunyuan-standard-256k |
lmarena | 2026-02-06 | mimo-v2-flash (non-thinking) | mimo-v2-flash | no-thinking
lmarena | 2026-02-06 | qwen1.5-72b-chat | qwen1.5-72b-chat |
lmarena | 2026-02-06 | qwen3-30b-a3b-instruct-2507 | qwen3-30b-a3b-instruct-2507 |
lmarena | 2026-02-06 | qwen3-vl-235b-a22b-instruct | qwen3-vl-235b-a22b-instruct |
lmarena | 2026-02-06 | qwq-32b | qwq-32b |
lmarena | 2026-02-06 | reka-flash-21b-20240226-online | reka-flash-21b | online
lmarena | 2026-02-06 | step-2-16k-exp-202412 | step-2-16k-exp-202412 |
lmarena_csv | 2024-07-23 | Command R | command-r-03-2024 |
lmarena_csv | 2024-07-23 | Command R+ | command-r-plus-04-2024 |
lmarena_csv | 2025-08-06 | DeepSeek-R1-0528 | deepseek-r1-0528 |
lmarena_csv | 2025-08-06 | DeepSeek-V3-0324 | deepseek-v3-0324 |
lmarena_csv | 2025-08-06 | Dolly-V2-12B | dolly-v2-12b |
lmarena_csv | 2025-08-06 | GPT-3.5-Turbo-0125 | gpt-3.5-turbo-0125 |
lmarena_csv | 2025-08-06 | GPT-4.5-Preview | gpt-4.5-preview-2025-02-27 |
lmarena_csv | 2025-08-06 | Gemini-1.5-Flash-8B-Exp-0827 | gemini-1.5-flash-8b-exp-0827 |
lmarena_csv | 2025-08-06 | Gemma-3n-e4b-it | gemma-3n-e4b-it |
lmarena_csv | 2025-08-06 | Granite-3.1-8B-Instruct | granite-3.1-8b-instruct |
lmarena_csv | 2025-08-06 | Grok-2-08-13 | grok-2 |
lmarena_csv | 2025-08-06 | Grok-3-Mini-beta | grok-3-mini |
lmarena_csv | 2025-08-06 | Llama-2-7B-chat | llama-2-7b-chat |
lmarena_csv | 2025-08-06 | Phi-3-Small-8k-Instruct | phi-3-small-8k-instruct |
lmarena_csv | 2025-08-06 | Qwen1.5-110B-Chat | qwen1.5-110b-chat |
lmarena_csv | 2025-08-06 | Qwen2-72B-Instruct | qwen2-72b-instruct |
lmarena_csv | 2025-08-06 | Qwen3-Coder-480B-A35B-Instruct | qwen3-coder-480b-a35b-instruct |
lmarena_csv | 2025-08-06 | Vicuna-33B | vicuna-33b-v1.3 |
meta_model_cards | 2025-07-15 | Llama 3.2 1B Spin Quant [instruct] | llama-3.2-1b-instruct | spinquant
meta_model_cards | 2025-07-15 | Llama 3.2 1B Vanilla PTQ [instruct] | llama-3.2-1b-instruct | vanilla-ptq
mistral_pricing | 2026-05-08 | Mistral 7B | mistral-7b-instruct-v0.3 |
mistral_pricing | 2026-05-08 | Mistral NeMo | mistral-nemo-instruct-2407 |
mistral_pricing | 2026-05-08 | Pixtral 12B | pixtral-12b-2409 |
openai_pricing | 2026-08-21 | gpt-3.5-turbo-1106 | gpt-3.5-turbo-1106 |
openai_pricing | 2026-08-21 | gpt-5-mini | gpt-5-mini-2025-08-07 |
openai_pricing | 2026-08-21 | gpt-5.5-pro | gpt-5.5-pro |
openai_pricing | 2026-08-21 | o3 | o3-2025-04-16 |
openrouter | 2025-03-25 | anthropic/claude-2 | claude-2 |
openrouter | 2025-03-25 | anthropic/claude-3-opus:beta | claude-3-opus-20240229 |
openrouter | 2025-03-25 | anthropic/claude-3.5-haiku-20241022 | claude-3-5-haiku-20241022 |
openrouter | 2026-03-13 | arcee-ai/trinity-mini | trinity-mini |
openrouter | 2026-07-18 | google/gemini-3-pro-image | gemini-3-pro-image |
openrouter | 2026-07-18 | google/gemma-3n-e4b-it | gemma-3n-e4b-it |
openrouter | 2026-03-13 | liquid/lfm-2.5-1.2b-thinking:free | lfm2.5-1.2b-thinking | free
openrouter | 2025-03-25 | liquid/lfm-40b | lfm-40b |
openrouter | 2026-07-18 | mancer/weaver | weaver |
openrouter | 2026-07-18 | meta-llama/llama-3.2-3b-instruct:free | llama-3.2-3b-instruct | free
openrouter | 2026-03-13 | meta-llama/llama-guard-3-8b | llama-guard-3-8b |
openrouter | 2026-07-18 | minimax/minimax-m3 | minimax-m3 |
openrouter | 2025-03-25 | mistralai/ministral-8b | ministral-8b-instruct-2410 |
openrouter | 2026-07-18 | mistralai/ministral-8b-2512 | ministral-3-8b-instruct-2512 |
openrouter | 2025-03-25 | moonshotai/moonlight-16b-a3b-instruct:free | moonlight-16b-a3b-instruct | free
openrouter | 2026-07-18 | morph/morph-v3-fast | morph-v3-fast |
openrouter | 2026-07-18 | nvidia/nemotron-3-nano-30b-a3b:free | nemotron-3-nano-30b-a3b | free
openrouter | 2026-07-18 | nvidia/nemotron-3-super-120b-a12b | nemotron-3-super-120b-a12b |
openrouter | 2026-07-18 | nvidia/nemotron-nano-12b-v2-vl:free | nemotron-nano-12b-v2-vl | free
openrouter | 2026-07-18 | openai/gpt-5.1 | gpt-5.1 |
openrouter | 2026-07-18 | perplexity/sonar-pro-search | sonar-pro-search |
openrouter | 2026-07-18 | qwen/qwen3-coder-next | qwen3-coder-next |
openrouter | 2026-07-18 | relace/relace-apply-3 | relace-apply-3 |
openrouter | 2026-03-13 | sao10k/l3.1-70b-hanami-x1 | l3.1-70b-hanami-x1 |
openrouter | 2026-07-18 | writer/palmyra-x5 | palmyra-x5 |
openrouter | 2026-07-18 | xiaomi/mimo-v2.5 | mimo-v2.5 |
qwen_blog | 2026-01-21 | GPT4-32k | gpt-4-32k |
qwen_blog | 2026-01-21 | Llama-3.1-405B-Instruct | llama-3.1-405b-instruct |
qwen_blog | 2026-01-21 | Llama2-13B [base] | llama-2-13b |
qwen_blog | 2026-01-21 | Llama3-8B [base] | llama-3-8b |
qwen_blog | 2026-01-21 | Qwen2-0.5B [base] | qwen2-0.5b |
seal_swe_bench_pro | 2025-10-20 | claude-4-5-haiku | claude-haiku-4-5-20251001 |
vectara_hallucination | 2025-03-01 | 01-AI Yi-1.5-6B-Chat | yi-1.5-6b-chat |
vectara_hallucination | 2025-03-01 | Google PaLM-2 | text-bison-001 |
vectara_hallucination | 2024-06-30 | Llama 2 13B | llama-2-13b-chat |
vectara_hallucination | 2024-06-30 | Llama 2 7B | llama-2-7b-chat |
vectara_hallucination | 2024-06-30 | Microsoft Phi-3-mini-128k | phi-3-mini-128k-instruct |
vectara_hallucination | 2026-03-10 | anthropic/claude-sonnet-4-6 | claude-sonnet-4-6 |
vectara_hallucination | 2026-03-10 | openai/gpt-5.1-low-2025-11-13 | gpt-5.1 | low
vectara_hallucination | 2026-03-10 | qwen/qwen3.5-122b-a10b | qwen3.5-122b-a10b |
vectara_hallucination | 2024-06-30 | tiiuae falcon-7b-instruct | falcon-7b-instruct |
"""


@pytest.fixture(scope="module")
def found():
    """Return what each label of the list comes to, on its day and in its source, with the project's registry."""
    con = duckdb.connect()
    create_schema(con)
    load_reference(con, REFERENCE)
    wanted = [[cell.strip() for cell in line.split("|")] for line in PAIRS.strip().splitlines()]
    for source, day, label, *_ in wanted:
        capture = f"{source} {day}"
        con.execute(
            "insert into raw.scores (source_id, capture_id, reading_id, captured_at, row_locator, model_label, source_url,"
            " is_estimate, benchmark_id, score, reported_by, is_contaminated)"
            " values (?, ?, ?, ?, 'row 1', ?, 'https://example.org', false, ?, 1, 'independent', false)",
            [source, capture, capture, day, label, label],
        )
    con.execute(
        "insert into raw.readings (reading_id, capture_id, source_id, reader_version, read_at, state, rows_read, rows_accepted,"
        " rows_quarantined) select distinct reading_id, capture_id, source_id, 1, captured_at, 'ok', 1, 1, 0 from raw.scores"
    )
    resolve(con)
    rows = con.execute(
        "select seen.source_id, seen.captured_at::date::varchar, label, model_id, coalesce(variant_of, '') from raw.scores as seen"
        " join (select *, variant as variant_of from core.labels) as told"
        " on seen.source_id = told.source_id and seen.model_label = told.label"
        " where (valid_from is null or valid_from <= seen.captured_at) and (valid_to is null or seen.captured_at < valid_to)"
    ).fetchall()
    con.close()
    return wanted, {tuple(row[:3]): row[3:] for row in rows}


def test_two_hundred_labels_checked_by_hand_mean_what_a_reader_takes_them_to_mean(found):
    wanted, meanings = found
    assert len({tuple(line[:3]) for line in wanted}) == 200
    wrong = [(*line, *meanings[tuple(line[:3])]) for line in wanted if tuple(line[3:]) != meanings[tuple(line[:3])]]
    assert wrong == []


def test_the_two_hundred_come_from_many_sources_and_years(found):
    assert len({line[0] for line in found[0]}) >= 15
    assert len({line[1][:4] for line in found[0]}) >= 4
