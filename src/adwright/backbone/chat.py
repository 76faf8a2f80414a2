"""How a prompt is put to a causal language model: in its own chat template, or as plain text."""

from __future__ import annotations

from typing import Any

PLAIN_TEMPLATE = (
    "{{ bos_token or '' }}{% for message in messages %}{{ message.content }}"
    "{{ '\\n' if loop.last else '\\n\\n' }}{% endfor %}"
)
"""The chat template that a tokenizer without one gets when its model is fine-tuned: plain text, as below."""

BARE_TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"
"""The chat template of the base writer: its control prompt has begin and end of its own."""


def chat_text(tokenizer: Any, user: str, *, system: str = "") -> str:
    """The prompt as the model reads it, ready for the answer to follow.

    Args:
        tokenizer: Its chat template is used where it has one.
        user: What is asked.
        system: Instructions before it; none where empty.
    """
    if tokenizer.chat_template is None:
        parts = [part for part in (system, user) if part]
        return (tokenizer.bos_token or "") + "\n\n".join(parts) + "\n"
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": user})
    return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
