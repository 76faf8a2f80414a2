"""A real transformers model, small enough to be built and trained inside a test."""

from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

CHAT_TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def build_tokenizer(texts, *, chat=False):
    """A byte-level BPE tokenizer trained on `texts`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=["<pad>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<s>", eos_token="</s>", padding_side="left"
    )
    if chat:
        fast.chat_template = CHAT_TEMPLATE
    return fast


def build_model(tokenizer, *, seed=0):
    """A two-layer Qwen3 with random weights."""
    torch.manual_seed(seed)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=12,
        max_position_embeddings=2048,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    return Qwen3ForCausalLM(config)


def teach(model, tokenizer, prompts, answer, *, n_steps=400):
    """Trains the model to answer each of the prompts with `answer`."""
    rows = []
    for prompt in prompts:
        asked = tokenizer(prompt, add_special_tokens=False).input_ids
        told = [*tokenizer(answer, add_special_tokens=False).input_ids, tokenizer.eos_token_id]
        rows.append((asked + told, [-100] * len(asked) + told))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    model.train()
    for step in range(n_steps):
        tokens, labels = rows[step % len(rows)]
        loss = model(input_ids=torch.tensor([tokens]), labels=torch.tensor([labels])).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if loss.item() < 0.01:
            break
    return loss.item()


def save(folder: Path, tokenizer, model):
    """Saves both where `load_causal_lm` finds them; returns the folder as text."""
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    return str(folder)


def save_adapter(folder: Path, model, *, trained, layers=("q_proj", "v_proj")):
    """A LoRA adapter for the model; an untrained one has B = 0 and changes nothing."""
    adapted = get_peft_model(
        model, LoraConfig(r=4, lora_alpha=8, target_modules=list(layers), task_type="CAUSAL_LM")
    )
    if trained:
        with torch.no_grad():
            for name, weight in adapted.named_parameters():
                if "lora_B" in name:
                    weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)))
    adapted.save_pretrained(folder)
    adapted.unload()
    return str(folder)
