"""What is no marketing text: markup, chat turns, tool calls, encoded or hidden text, our own prompt.

Holds when: slots are plain text. Does not cover: an instruction in plain words; `rules/safety.toml` has those.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Iterator
from importlib.resources import files

_TAGS = (
    "script|iframe|img|svg|style|object|embed|form|link|meta|base|video|audio|span|div|a|html|body|head|input"
    "|button|template|noscript|marquee|details|"
    "system|user|assistant|instructions?|prompt|data|context|catalogue_data|tool|tool_call|function"
    "|function_call|think|thinking|invoke|im_start|im_end|"
    "developer|human|document|rules|override|admin|s|inst|sys"
)
_SHAPES = (
    rf"[<＜﹤]\s*[/／]?\s*(?:{_TAGS})\b[^<>＜＞\n]{{0,300}}[>＞﹥]",
    r"<!--|-->|<!\[CDATA\[|<\?(?:php|xml)",
    r"(?:java|vb)script\s*:|data:text/html|\bon(?:error|load|click|mouseover)\s*=",
    r"[<＜][|｜][^<>\n]{1,40}[|｜][>＞]|\[/?(?:INST|SYS|SYSTEM|ASSISTANT|USER)\]|<</?SYS>>|\[/?system\]",
    r"#{2,}\s*(?:system|instruction|user|assistant|response|human|prompt|新指令|系统|指令|end)",
    r"(?:^|\n|[\"”}]\s{0,3})\s*(?:assistant|human|ai|chatgpt|助手|ai助手)\s*[:：]",
    r"(?:^|\n|[\"”}.。!！]\s{0,3})\s*\[?(?:system|developer|admin|root|user|系统|管理员|开发者|用户"
    r"|system message|系统消息"
    r"|系统提示)\]?\s*[:：]\s*(?:you|ignore|override|new|the (?:user|model|assistant|prompt|guard)|from now|do not"
    r"|don't|output|print|"
    r"write|say|add|reveal|set|please|always|never|disregard|respond|forget|state|claim|你|请|忽略|无视|新|现在"
    r"|从|输出|必须"
    r"|不要|把|将|在|写|说|声称|务必|立即|所有)",
    r"\"\s*[,，]\s*\"\w{2,30}\"\s*[:：]|[\"”]\s*\}\s*[,，{\[\n\"]|\}\s*\]\s*\}|^\s*[\"”]?\s*\}\s*\S",
    r"\{\s*[\"'“]?(?:tool|function|name|action|command|role|system|method|arguments|tool_calls|headline"
    r"|description|schema|messages|instructions?|prompt|override|type)[\"'”]?\s*:",
    r"\{\{\s{0,3}[/#]?\s{0,3}(?:system|user|assistant|developer|instructions?|prompt|override)\b",
    r"```|~~~~|\{%|\$\{[^}]*\}|\{\{[^{}]*[*(+][^{}]*\}\}|<%",
    r"!\[[^\]\n]{0,200}\]\(|\[[^\]\n]{1,120}\]\((?:https?:|javascript:|data:|//|www)",
    r"\bdrop\s+table\b|;\s*--|\brm\s+-rf\b|\bcurl\s+-?\w*\s*https?:|\bos\.system\b|\bimport\s+(?:os"
    r"|subprocess)\b|\beval\(|\bfetch\(|\bunion\s+select\b",
    r"(?:%[0-9a-f]{2}){5,}|(?:&#x?[0-9a-f]{2,6};){4,}|(?:\\u[0-9a-f]{4}){4,}|(?:\\x[0-9a-f]{2}){5,}"
    r"|(?:\b[01]{8}\b ?){5,}|(?<![0-9a-z])(?:[0-9a-f]{2} ?){24,}(?![0-9a-z])",
    r"snoitcurtsni|tpmorp\s|erongi\s",
    r"\bcatalogue_data\b",
)
_SHAPE = re.compile("|".join(f"(?:{s})" for s in _SHAPES), re.IGNORECASE)
_ORDER_WORDS = (
    r"\b(?:ignor(?:ez|er|a|e|iere?n?|ar|uj)|oubli(?:e|ez)|olvida|vergiss|dimentica|esque[cç]a|negeer|ohita"
    r"|zignoruj|ignorera|abaikan|bỏ qua)\b[^.!?\n]{0,40}"
    r"\b(?:instructions?|consignes?|instrucciones|anweisungen|istruzioni|instru[cç][oõ]es|instructies"
    r"|instruktion\w*|polece\w+|regeln|r[eè]gles|reglas|regole|instruksi|hướng dẫn)\b"
)
_FOREIGN_ORDER = re.compile(
    _ORDER_WORDS
    + r"|(?:игнориру|забуд|отмени)\w*[^.!?\n]{0,40}(?:инструкци|указани|правил)\w*|(?:以前|上記|これまで"
    r"|前)の(?:指示|命令|プロンプト|ルール)\w{0,3}を?(?:無視|忘れ)|指示を無視"
    r"|(?:이전|위의|모든)\s?(?:지시|명령|지침|프롬프트)\S{0,4}\s?(?:무시|잊)|(?:تجاهل"
    r"|انس)[^.!?\n]{0,40}(?:التعليمات|الأوامر)"
    r"|(?:नज़रअंदाज़|अनदेखा)|התעלם",
    re.IGNORECASE,
)
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}(?![A-Za-z0-9+/])")
_TAG_CHARACTERS = re.compile("(?<!\U0001f3f4)[\U000e0020-\U000e007f]+")
_UNSEEN_RUN = re.compile("[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]{4,}|[\u202d\u202e]")
_SUSPECT = re.compile(
    r"[<>＜＞|｜\[\]{}`\"”\\~=]|##|--|&#|%[0-9a-f]{2}%|[01]{8}|(?:[0-9a-f]{2} ?){24}", re.IGNORECASE
)
_SPEAKER = re.compile(
    r"(?:assistant|human|ai|gpt|助手|system|message|developer|admin|root|user|系统|消息|提示|管理员|开发者|用户|script|html)"
    r"\s{0,3}[:：]",
    re.IGNORECASE,
)
_CODE = (
    "snoitcurtsni", "tpmorp", "erongi", "catalogue_data", "drop", "rm -rf", "curl", "os.system", "import",
    "eval(", "fetch(", "union", "onerror", "onload", "onclick", "onmouseover",
)  # fmt: skip
_ORDER_STEMS = ("ignor", "oubli", "olvid", "vergiss", "dimentic", "negeer", "abaikan", "ohita", "esque")
_URL = re.compile(
    r"(?:https?|hxxps?|ftp)\s?[:：]\s?//[^\s\"'<>，。！]+|(?<![@\w.-])(?:www\.)?(?:[a-z0-9-]{2,40}\.){1,3}"
    r"(?:com|net|org|io|cn|xyz|top|shop|ru|info|biz|app|link|site|online|club|vip|cc|me|co|example|invalid"
    r"|test|tk|ml|click|store|live|dev)(?![\w@-])(?:/[^\s\"'<>，。！]*)?"
    r"|(?<![@\w])[a-z0-9-]{2,40}(?: ?\[(?:dot|\.)\] ?| dot )(?:com|net|org|io|cn|xyz|shop|ru)(?![\w])",
    re.IGNORECASE,
)
_MAY_LINK = re.compile(r"\.[A-Za-z]|[:：]\s?//|[Dd][Oo][Tt]|\[\.")  # one of these stands in every address
_WORD = re.compile("[a-z]+")
_LEAK_WORDS = 6


def find_markup(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and sort ("markup", "encoded", "hidden", "foreign order", "prompt") of what is no copy."""
    if _may_hold_markup(text):
        for match in _SHAPE.finditer(text):
            yield *match.span(), "markup"
    for match in _FOREIGN_ORDER.finditer(text) if _may_order(text) else ():
        yield *match.span(), "foreign order"
    for match in _ENCODED.finditer(text) if len(text) >= 20 else ():
        if _decodes(match[0]):
            yield *match.span(), "encoded"
    if not text.isascii():
        for pattern in (_TAG_CHARACTERS, _UNSEEN_RUN):
            for match in pattern.finditer(text):
                yield *match.span(), "hidden"
    leak = _leak(text)
    if leak is not None:
        yield *leak, "prompt"


def _may_hold_markup(text: str) -> bool:
    """Whether one of the signs stands there without which no shape is found; most copy has none."""
    if _SUSPECT.search(text):
        return True
    if (":" in text or "：" in text) and _SPEAKER.search(text):
        return True
    lower = text.lower()
    for code in _CODE:  # noqa: SIM110 -- a loop is faster, and every text comes here
        if code in lower:
            return True
    return False


def find_links(text: str) -> Iterator[tuple[int, int]]:
    """Addresses on the web."""
    if _MAY_LINK.search(text):
        for match in _URL.finditer(text):
            yield match.span()


def _may_order(text: str) -> bool:
    if not text.isascii():
        return True
    lower = text.lower()
    for stem in _ORDER_STEMS:  # noqa: SIM110 -- as above
        if stem in lower:
            return True
    return False


def _decodes(word: str) -> bool:
    """Whether the word is base64 of readable text."""
    if (word.isalpha() and word.islower()) or len(set(word)) < 6:
        return False
    for candidate in (word, word.replace("-", "+").replace("_", "/")):
        stripped = candidate.rstrip("=")
        try:
            raw = base64.b64decode(stripped + "=" * (-len(stripped) % 4), validate=True)
            decoded = raw.decode("utf-8")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            continue
        if len(decoded) >= 8 and sum(c.isprintable() for c in decoded) == len(decoded):
            return True
    return False


def _leak(text: str) -> tuple[int, int] | None:
    """Where six words in a row are those of our own instructions."""
    if text.count(" ") < _LEAK_WORDS - 1:
        return None
    lower, ours = text.lower(), _own_shingles()
    run = _WORD.findall(lower)
    if ours.isdisjoint(zip(*(run[i:] for i in range(_LEAK_WORDS)), strict=False)):
        return None
    words = list(_WORD.finditer(lower))
    first = next(i for i in range(len(run)) if tuple(run[i : i + _LEAK_WORDS]) in ours)
    return words[first].start(), words[first + _LEAK_WORDS - 1].end()


@functools.cache
def _own_shingles() -> frozenset[tuple[str, ...]]:
    """Every six words in a row of the prompt templates, those of one line each."""
    shingles: set[tuple[str, ...]] = set()
    for path in files("adwright.generate.prompts").iterdir():
        if path.name.endswith(".j2"):
            text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "\n", path.read_text(encoding="utf-8"))
            for block in re.split(r"\n\s*\n|\n- |\{|\}", text):
                words = _WORD.findall(block.lower())
                shingles |= {tuple(words[i : i + _LEAK_WORDS]) for i in range(len(words) - _LEAK_WORDS + 1)}
    return frozenset(shingles)
