"""Find what a caption says about the framing of its picture, in the wordings that models use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

#: Framings whose words contradict each other.
Claim = Literal["full", "close"]

#: Blanks, hyphens and dashes between the words of a term.
_GAP = r"[\s\u00ad\u2010-\u2015-]*"
_MORE = r"(?:very|so|quite|rather|fairly|extremely|super|more|too)?\s*"
_VIEW = r"(?:shot|view|crop|frame|framing|portrait|angle|image|picture|composition)"
_SEEN = "(?:framed|cropped|shot|filmed|seen|shown|viewed|captured|photographed|pictured|depicted)"
_PARTS: Mapping[Claim, tuple[str, ...]] = {
    "close": (
        rf"\bclose{_GAP}ups?\b",
        rf"\b(?:close|closer|closest|tight|tighter){_GAP}{_VIEW}\b",
        rf"\b{_SEEN}\s+{_MORE}(?:closely|tightly|tight|up\s+close)\b",
        rf"\b(?:closely|tightly){_GAP}(?:framed|cropped)\b",
        rf"\bhead{_GAP}and{_GAP}shoulders?\b",
        rf"\bhead{_GAP}shots?\b",
        rf"\bbust{_GAP}(?:shot|portrait)\b",
        r"\bfrom\s+the\s+(?:shoulders?|neck|chest)\s+up(?:wards?)?\b",
        rf"\b(?:shoulders?|chest){_GAP}up\b",
        r"\b(?:face|head)\s+(?:fills|filling)\s+(?:\w+\s+){0,3}"
        r"(?:frame|picture|image|screen|view)\b",
        r"\bzoomed\s+in\b",
        "(?:nah|gross|detail)aufnahme",
        r"\b(?:tr[eè]s\s+)?gros(?:ses)?[\s-]plans?\b",
        "крупн(?:ый|ым|ого)\\s+план",
        "クローズアップ",
        "特写|特寫|近景特",
        "클로즈업",
    ),
    "full": (
        rf"\b(?:full|whole|entire){_GAP}(?:figure|body|length)\b",
        rf"\bhead{_GAP}to{_GAP}(?:toes?|foot|feet)\b",
        rf"\b(?:wide|wider|long|establishing){_GAP}shot\b",
        r"\bin\s+an?\s+(?:very\s+)?(?:wide|wider|long)\s+(?:view|framing)\b",
        rf"\b{_SEEN}\s+from\s+(?:afar|far\s+away|(?:an?|some)\s+{_MORE}"
        r"(?:great\s+|long\s+)?distance)\b",
        "ganzkörper",
        r"\bplan\s+d['\u2019]ensemble\b|\bplan\s+large\b",
        "общ(?:ий|им|его)\\s+план|во\\s+весь\\s+рост",
        "全身|ロングショット",
        "远景|遠景",
        "전신",
    ),
}
_PATTERNS = {claim: re.compile("|".join(parts)) for claim, parts in _PARTS.items()}
#: Characters before a term in which it may be denied.
DENIAL_REACH = 60
#: Words before a term that deny it, and before or after "close up" where it is a verb.
_DENIAL = re.compile(
    r"\b(?:not|no|never|without|isn['\u2019]t|rather\s+than|instead\s+of)"
    r"\s+(?:(?:in|a|an|any|the|quite|really|shown|seen|framed)\s+)*$"
)
_VERB = re.compile(r"close\s+up$")
_BEFORE_VERB = re.compile(
    r"\b(?:to|will|must|can|could|should|would|may|they|we|you|helps?|and|who)\s+(?:\w+ly\s+)?$"
)
_AFTER_VERB = re.compile(
    r"\s+(?:the|an?|his|her|their|its|our|your|my|this|that|these|those|all|every|for|shop|early)\b"
)


def framing_claims(text: str) -> dict[Claim, str]:
    """Return the framings that a caption claims, each with its first wording in small letters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    claims: dict[Claim, str] = {}
    for claim, pattern in _PATTERNS.items():
        for match in pattern.finditer(folded):
            if not _is_no_claim(folded, match):
                claims[claim] = match[0]
                break
    return claims


def _is_no_claim(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - DENIAL_REACH) : match.start()]
    if _DENIAL.search(before):
        return True
    is_verb = _VERB.fullmatch(match[0]) is not None
    after_verb = _AFTER_VERB.match(text, match.end()) is not None
    return is_verb and (after_verb or (_BEFORE_VERB.search(before) is not None))
