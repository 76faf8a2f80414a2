"""A BERT of 16 dimensions with a vocabulary of the synthetic table's words, saved as transformers saves one."""

from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from predict.synthetic_table import FILLERS, WORDS


def save_tiny_encoder(folder: Path, seed: int = 0) -> Path:
    """The folder, holding an untrained encoder and its tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *FILLERS]
    vocab = folder / "vocab.txt"
    vocab.write_text("\n".join(words), encoding="utf-8")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = BertModel(
            BertConfig(
                vocab_size=len(words),
                hidden_size=16,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=32,
                max_position_embeddings=64,
                initializer_range=0.3,
            )
        )
    model.save_pretrained(folder)
    BertTokenizerFast(vocab=str(vocab), do_lower_case=True).save_pretrained(folder)
    return folder
