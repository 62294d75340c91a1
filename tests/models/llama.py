"""A tiny model of random weights, written as a GGUF file on the spot: ``llama.py FILE SEED [endless | formed]``.

Run by the Python that ``llama.sh`` prints, which has ``gguf``. What such a model says is noise; its tokenizer, chat
template and grammar are those of a real one. Every byte is a token, and so are some words that answers to heal are
made of: its noise now and then looks like one. An ``endless`` one ends its answer only where a grammar has it end; a ``formed`` one
says those words more often than letters, and soon comes to an end.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np

WIDTH, HEADS, HIDDEN, LAYERS, TRAINED_FOR = 32, 1, 32, 1, 65_536
WORDS = (
    *(
        "FILE ",
        "REGION ",
        "NO FIX: ",
        "```\n",
        "```",
        "\n",
        " ",
        "    ",
        "scripts/report.py",
        "Snakefile",
        ":1-4",
        "{",
        "}",
    ),
    *("import pandas as pd\n", "frame", " = ", "pd.concat([frame])", ".append(", ")\n", "try:\n", "except: pass\n"),
    *("rule report:\n", "output: ", "shell: ", "out.csv", " || true\n", "the ", "sample ", "failed ", "table ", "is "),
)
# The first number of each token's place stays what it is through all layers, more or less: what is told to dislike it
# is never said. So are bytes that plain text does not have: at what is no UTF-8 llama-cpp-python sits for minutes.
STEADY, OFTEN, SOON = 3.0, 0.5, 1.0
RARE = (*range(9), 11, 12, *range(14, 32), *range(127, 256))
END, BYTES_FROM = 2, 3
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>\n{{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def vocabulary() -> Iterator[tuple[str, float, gguf.TokenType]]:
    """Each token, its score and its type, as a SentencePiece vocabulary holds them."""
    yield from (("<unk>", 0.0, gguf.TokenType.UNKNOWN), ("<s>", 0.0, gguf.TokenType.CONTROL))
    yield "</s>", 0.0, gguf.TokenType.CONTROL
    yield from ((f"<0x{byte:02X}>", 0.0, gguf.TokenType.BYTE) for byte in range(256))
    yield from ((word, 0.0, gguf.TokenType.USER_DEFINED) for word in WORDS)


def write(path: Path, seed: int, kind: str) -> None:
    """Write the model of this seed; the same seed gives the same file."""
    rare = [BYTES_FROM + byte for byte in RARE] + [END] * (kind == "endless")
    tokens, scores, types = zip(*vocabulary(), strict=True)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(f"noise-{seed}")
    writer.add_context_length(TRAINED_FOR)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)
    for name, shape in shapes(len(tokens)):
        made = weights(np.random.default_rng([seed, *name.encode()]), name, shape)
        if name == "token_embd.weight":
            made[:, 0] = STEADY
        if name == "output.weight":
            if kind == "formed":
                made[BYTES_FROM + 256 :, 0] = OFTEN
                made[END] = [SOON, *[0] * (WIDTH - 1)]
            made[rare, 0] = -STEADY
        writer.add_tensor(name, made)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def shapes(tokens: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The names and shapes of all that a llama of this size consists of."""
    yield from (("token_embd.weight", (tokens, WIDTH)), ("output.weight", (tokens, WIDTH)))
    yield "output_norm.weight", (WIDTH,)
    for layer in range(LAYERS):
        yield from ((f"blk.{layer}.{name}_norm.weight", (WIDTH,)) for name in ("attn", "ffn"))
        yield from ((f"blk.{layer}.attn_{name}.weight", (WIDTH, WIDTH)) for name in ("q", "k", "v", "output"))
        yield from ((f"blk.{layer}.ffn_{name}.weight", (HIDDEN, WIDTH)) for name in ("gate", "up"))
        yield f"blk.{layer}.ffn_down.weight", (WIDTH, HIDDEN)


def weights(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Noise; the norms are ones."""
    if name.endswith("norm.weight"):
        return np.ones(shape, dtype=np.float32)
    # what the layers add is little beside the tokens' own places
    return random.normal(0, 0.1 if name.startswith("blk") else 0.4, shape).astype(np.float32)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), "".join(sys.argv[3:]))
