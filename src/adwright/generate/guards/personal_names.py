"""A person's full name beside an order, a thanks, a prize or another sign that a customer is meant.

Holds when: the name is written as names are: a Chinese surname with one or two characters, or two or more
capitalised words.

Does not cover: a first name alone, a user name, names in other scripts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from adwright.generate.guards.personal_numbers import Hit
from adwright.generate.guards.personal_words import personal_words

_TITLE = "女士|先生|小姐|太太|同学|阿姨|叔叔|夫人|老师|大姐|大哥|大爷|奶奶"
_ACT = (
    "下单|下了[一两]?单|下过单|下的单|订购|订了|购买|购得|买了|买下|买走|买过|买的|买到|入手|拍下|回购|复购"
    "|续订|签收|收到|退货|退了|换货|预订|预定|付款|支付|抢到|抽中|喜提|预约"
    "|试用|带走|领走|中奖|中得|获得|领取|充值|留言|投诉|评价|反馈|家住|住在|寄|"
    "(?:您|你)|的(?:订单|包裹|快递|收货|手机|电话|地址|生日|身份|账户|会员|尺码|积分|购物车|病历|体检|处方|孩子"
    "|女儿|儿子|宝宝)|刚从(?:医院|月子中心)|刚(?:出院|手术|离婚|流产|化疗)|[,，]?(?:订单|身份证|手机|电话|微信|住址"
    "|地址|会员号|\\d{2}岁|[男女][,，])"
)
_WHEN = (
    "(?:已经|已|刚刚|刚|曾|又|再次|在[^，。！？,!?]{1,12}?|于[^，。！？,!?]{1,12}?|上周[一二三四五六日]?"
    "|上个?月|昨[天晚日]|前天|今[天早晨]|本周|本月|去年|今年|双十一|\\d{1,2}月(?:\\d{1,2}[日号])?"
    "|第[一二三四五六七八九十\\d]+次|花了?[\\d.]+元|一口气|连续|、)*"
)
_LABEL = (
    "老客户|老顾客|感谢|多谢|恭喜|祝贺|亲爱的|尊敬的|(?<![\u4e00-\u9fff])(?:致|给|叫|嗨)|顾客|客户|会员|买家|用户|收件人"
    "|收货人|下单人|联系人|订货人|持卡人|姓名|名单|得主|获奖者|中奖者|幸运儿|粉丝|寄给|送给|车主|宝妈|邻居|家长"
    "|业主|患者|学员|您好|你好"
)
_EN_NAME = (
    r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? )?[A-Z][a-zà-öø-ÿ'’]+(?:[ -][A-Z][a-zà-öø-ÿ'’]+|[ ][A-Z]\.)*[ ](?:(?:van"
    r"|von|de|da|del|della|der|di|la|le|bin|al|Mc|Mac|O['’]) ?)*[A-Z][A-Za-zà-öø-ÿ'’-]+"
)
_EN_BOUGHT = (
    r"ordered|bought|purchased|paid|returned|picked up|snapped up|reordered|re-ordered|checked out|received"
    r"|signed up|subscribed|spent|owes|lives|booked|"
    r"grabbed|collected|won|pre-ordered|preordered|added|left .{0,20}(?:cart|basket)|placed (?:an|her|his"
    r"|their) order|has ordered|swears by|of order|is wearing|unboxed"
)
_SENSITIVE = (
    r"IVF|fertility|insulin|antidepressant|HIV|pregnan\w+|prenatal|menopause|incontinence|psoriasis|eczema|rehab"
    r"|divorce|bankruptcy|hair[- ]loss|chemo\w*|hearing[- ]aid|depression|anxiety|diabet\w+|ovulation|statin"
    r"|methadone|colostomy|wig|thyroid|migraine|acne|weight[- ]loss|arthritis|asthma|antiviral|cancer"
)
_EN = (
    rf"(?:(?:Hi|Hello|Hey|Dear|Thanks|Thank you|Congrats|Congratulations|Welcome back|Welcome"
    rf"|Happy [Bb]irthday|Shout-?out|Well done|Cheers|Good news)(?: (?:to"
    rf"|again))?,? )(?P<greeted>{_EN_NAME})(?=[,.!;:—–]| of | from | in | at | who | for |\s*$|, )",
    rf"(?P<acting>{_EN_NAME})(?:,? \(?(?:of|from|in|aged?) [\w ,'’-]{{2,30}}?\)?|,? \d\d"
    rf"|,? \([^)]{{1,40}}\))?,? (?:(?:who|just|has|have|recently|already|also|first|then|since|last \w+"
    rf"|yesterday) ){{0,3}}(?:{_EN_BOUGHT})\b",
    rf"\b(?:[Oo]rder(?:ed|s)?|[Pp]arcel|[Pp]ackage|[Dd]elivery|[Ii]nvoice|[Rr]eceipt|[Rr]efund|[Aa]ccount"
    rf"|[Ss]ubscription|[Ss]hipment|[Pp]urchase|[Rr]eserved|[Ee]ngraved|[Pp]acked|[Bb]ooked)(?: (?:no\.? ?"
    rf"|number |#)?[\w#-]*\d[\w-]*)?(?:,? (?:placed|made|shipped|is|was|ready|under|in the name of"
    rf"|on \w+))* ?(?:for|by|from|to|of|:|under|in the name of|—|-),? (?P<ordered>{_EN_NAME})",
    rf"(?P<owning>{_EN_NAME})(?:'s|’s|['’]) (?:order|parcel|package|account|address|phone|mobile|number"
    rf"|purchase|delivery|basket|cart|wishlist|birthday|email|e-mail|home|doctor|prescription|daughter|son"
    rf"|credit|card|husband|wife|size|measurements|due date|third|second|first|fourth|recent|last|latest)\b",
    rf"\b(?:[Cc]ustomer|[Mm]ember|[Bb]uyer|[Cc]lient|[Ss]hopper|[Rr]ecipient|[Ww]inner|[Pp]atient"
    rf"|[Ss]ubscriber|[Nn]ame|[Aa]ttn|[Ss]hip to|[Dd]eliver to|[Bb]ill to|[Cc]ongratulations to"
    rf"|[Tt]hanks to)(?: is| was)?[,:]? (?P<labelled>{_EN_NAME})",
    rf"(?P<numbered>{_EN_NAME})[^.!?\n]{{0,30}}(?:\b[Oo]rder (?:no\.?|number|#)|#\d{{4,}}"
    rf"|\b[Oo]rder [A-Z]*-?\d{{3,}})",
    rf"(?P<unwell>{_EN_NAME}|[A-Z][a-z]+ [A-Z]\.),? (?:is |are )?(?:(?:your|still|how is|how's|about)\b"
    rf"[^.!?\n]{{0,30}}?\b)(?:{_SENSITIVE})\b",
    rf"\b(?:[Tt]ell|[Aa]sk|[Ww]rite to|[Tt]ext|[Cc]all|[Mm]essage|[Dd]ivorce,) (?P<told>{_EN_NAME})"
    rf"(?=[^.!?\n]{{0,40}}(?:number|review|address|bought|order|says)|[!.])",
    rf"(?P<verified>{_EN_NAME}),? (?:a )?(?:verified (?:buyer|customer|purchaser)|customer since|member since"
    rf"|loyal customer|repeat customer|regular customer|our customer)",
)
_EN_GATE = re.compile(r"[A-Z][a-zà-ÿ'’]+[ -](?:[a-z]{2,3} )?[A-Z]")
_EN_TRIGGER = re.compile(
    r"\b(?:hi|hello|hey|dear|thank|congrat|welcome|happy|shout|well done|cheers|good news|order|pre-?order|re-?order"
    r"|bought|purchas|paid|return|picked|snapped|checked|receiv|signed|subscri|spent|owes|lives|book|grabbed|collected"
    r"|won|added|left|placed|swears|wearing|unboxed|parcel|package|deliver|invoice|receipt|refund|account|ship|reserved"
    r"|engraved|packed|customer|member|buyer|client|shopper|recipient|winner|patient|name|attn|bill to|verified|loyal"
    r"|repeat|regular|tell|ask|call|text|message|divorce|still|your)|['’]s? ",
    re.IGNORECASE,
)
_AROUND = 18
_CREDIT = re.compile(
    r"(?<!placed )(?<!made )(?<!ordered )(?<!bought )(?<!paid )(?<!owned )(?<!shipped )(?<!purchased )\bby $"
)
_EN_PATTERN = re.compile("|".join(_EN))
_BUYER = re.compile(r"顾客|买家|客户|中奖|\b(?:winner|customer|buyer)\b", re.I)
_NEAR = 12  # characters before a name that say whose it is


def find_names(text: str, known_text: str) -> Iterator[Hit]:
    """Full names; those of a public role and those in the catalogue carry their exemption."""
    seen: set[int] = set()
    for start, end in (*_chinese(text), *_western(text)):
        if start in seen:
            continue
        seen.add(start)
        yield Hit("name", start, end, sure=False, exemption=_exemption(text, start, end, known_text))


def _exemption(text: str, start: int, end: int, known_text: str) -> str | None:
    words = personal_words()
    if text[start:end].lower() in known_text:
        return words.ids["catalogue"]
    around = f"{text[max(0, start - _AROUND) : start]}|{text[end : end + 8]}"
    if _BUYER.search(text[max(0, start - _NEAR) : start]):
        return None  # "our designer thanks the customer Wang Xiaoming"
    credited = _CREDIT.search(text[max(0, start - _AROUND) : start])
    return "safety.public_name" if credited or words.roles.search(around) else None


def _chinese(text: str) -> Iterator[tuple[int, int]]:
    if text.isascii():
        return
    labelled, acting, titled = _chinese_patterns()
    for match in labelled.finditer(text):
        if match["title"] or match["colon"] or _plausible(match["name"]):
            yield match.span("name")
    for match in acting.finditer(text):
        if _plausible(match["name"]):
            yield match.span("name")
    for match in titled.finditer(text):
        yield match.span("name")


def _plausible(name: str) -> bool:
    """Whether the given name holds nothing that given names never hold."""
    words = personal_words()
    given = name[2:] if name[:2] in words.compound_surnames else name[1:]
    return not any(c in words.no_given_name for c in given)


@functools.cache
def _chinese_patterns() -> tuple[re.Pattern[str], ...]:
    """A name after a label, a name of three characters before what customers do, a name with a title."""
    words = personal_words()
    surname = f"(?:{'|'.join(words.compound_surnames)}|[{words.surnames}])"
    none = f"(?!{words.not_names.pattern})"
    given = f"(?!{_TITLE}|总|姐|哥|某|家)[\u4e00-\u9fff]"
    before = "(?:^|[^\u4e00-\u9fff]|的|来自[\u4e00-\u9fff]{2,4}的|[市省区县])"
    aside = "(?:[(（][^)）]{1,24}[)）])?[,，:：!！]?"
    labelled = (
        f'(?:{_LABEL})(?:们)?(?:来自[\u4e00-\u9fff]{{2,6}}的)?(?P<colon>[:：]?)["“「 '
        f",，]?{none}(?P<name>{surname}{given}{{1,2}}?)"
        f'(?:(?P<title>{_TITLE})|(?=[(（,，!！、。;；:"”」]|的?订单|在|于|您|上周|昨|购|下单|订|{_WHEN}(?:{_ACT})))'
    )
    acting = f"{before}{none}(?P<name>{surname}{given}{{2}}){aside}{_WHEN}(?:{_ACT})"
    titled = f"{before}{none}(?P<name>{surname}{given}{{1,2}}?)(?:{_TITLE}){aside}{_WHEN}(?:{_ACT})"
    return re.compile(labelled), re.compile(acting), re.compile(titled)


def _western(text: str) -> Iterator[tuple[int, int]]:
    if not _EN_GATE.search(text) or not _EN_TRIGGER.search(text):
        return
    words = personal_words()
    for match in _EN_PATTERN.finditer(text):
        group = match.lastgroup or ""
        start, end = match.span(group)
        parts = [w.strip("'’.").lower() for w in re.split("[ -]", match[group])]
        if not any(part in words.not_names_en or len(part) < 2 for part in (parts[0], parts[-1])):
            yield start, end
