"""Captions that several tests share: some with nothing to say about, some to count words of."""

from __future__ import annotations

#: Captions of 20 to 30 words that share no fragment.
VARIED = (
    "Mira leans over the wet railing and laughs at the gulls, seen from below against low clouds, "
    "while warm evening light falls across the harbour.",
    "From behind a barrel, wide awake and still, Mira watches two sailors argue under a swinging "
    "lamp in the narrow blue street after rain.",
    "Close on Mira biting her lip as she ties a knot, her hands in focus, pale morning sky and "
    "masts blurred far behind.",
    "Running along the pier, arms out for balance, Mira looks back over one shoulder; sea spray "
    "and a yellow sunset fill the frame.",
    "A quiet kitchen at night: Mira sits on the table, swinging both legs, and whispers towards "
    "an open window with stars outside.",
)
#: How many words a caption has; the linter and the review board must agree on it.
WORD_COUNTS = {
    "": 0,
    "Mira's lamp is well-lit; the gulls’ cries": 7,
    "3 owls, 2 boats": 4,
    "मीरा बंदरगाह पर हाथ हिलाती है।": 6,  # Hindi: vowel signs belong to their word
    "क्‍ष त्र": 2,  # a joiner inside a word
    "می‌روم به خانه": 3,  # Persian: a non-joiner inside a word
    "וַיֹּאמֶר מִירָה": 2,  # Hebrew with points
    "Ми́ра ждёт": 2,  # an accent that no letter is composed with
    "İstanbul'da Mira": 2,
    "ミラは海辺で待つ。": 8,  # Japanese: each character is a word, marks are none
    "夕暮れの港でMiraが手を振る。": 12,
    "米拉在灯塔旁 挥手": 8,
    "ミラ・ヴェール": 6,
    "人々が3人": 5,
    "𠮷野家": 3,  # a Chinese character beyond the first 65,536
    "か\u3099くせい": 4,  # a voiced kana, written as two code points
    "미라가 항구에서 손을 흔든다": 4,  # Korean has blanks
    "❤️ 🏮 👩\u200d🚒": 0,  # pictures, a variation selector, a joiner
    "1️⃣ lantern": 2,
}
