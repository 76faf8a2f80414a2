"""A real MarianMT model, small enough to be built and trained inside a test.

Its tokenizer splits at spaces: SentencePiece, which published Marian models need, is not installed everywhere.
"""

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import MarianConfig, MarianMTModel, PreTrainedTokenizerFast


def build_marian(folder, pairs, *, n_steps=120):
    """Trains a model to translate the pairs word by word, saves it, and returns the folder as text."""
    words = sorted({word for pair in pairs for text in pair for word in text.split()})
    vocabulary = {w: i for i, w in enumerate(["<pad>", "</s>", "<unk>", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=64,
    )
    torch.manual_seed(0)
    config = MarianConfig(
        vocab_size=len(vocabulary),
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=64,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
        forced_eos_token_id=None,
        scale_embedding=True,
    )
    model = MarianMTModel(config)
    asked = fast([source for source, _ in pairs], return_tensors="pt", padding=True)
    labels = fast([target for _, target in pairs], return_tensors="pt", padding=True).input_ids
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    model.train()
    for _ in range(n_steps):
        loss = model(input_ids=asked.input_ids, attention_mask=asked.attention_mask, labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if loss.item() < 0.01:
            break
    model.eval()
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return str(folder)
