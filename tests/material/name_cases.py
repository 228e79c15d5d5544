"""Names in many scripts; the linter, the script and the review board must agree on them."""

from __future__ import annotations

#: A name as a production file has it, and as a script, a model or a keyboard may write it.
SPELLINGS = (
    ("Zoë", "Zoe\u0308"),
    ("Łucja Kraśko", "Łucja Kras\u0301ko"),
    ("ガラ", "カ\u3099ラ"),
    ("ミラ", "ﾐﾗ"),
    ("ガラ", "ｶﾞﾗ"),
    ("한나", "\u1112\u1161\u11ab\u1102\u1161"),
    ("Mira", "ＭＩＲＡ"),
    ("Strauß", "STRAUSS"),
    ("İpek", "ipek"),
    ("Işıl", "IŞIL"),
    ("Οδυσσέας", "ΟΔΥΣΣΈΑΣ"),
    ("O'Brien", "O’Brien"),
    ("Lil' Bo", "Lil‘ Bo"),
    ("Bram 'Red' Vos", "Bram ‘Red’ Vos"),
    ("Captain Vos", "Captain\u00a0Vos"),
    ("Captain Vos", "Captain  Vos"),
    ("Anne-Marie", "Anne‑Marie"),
    ("Anne-Marie", "Anne Marie"),
    ("Mira", "Mi\u00adra"),
    ("Mira", "\ufeffMira\u200e"),
    ("山田 太郎", "山田太郎"),
    ("山田太郎", "山田　太郎"),
    ("クララ・ノヴァ", "クララ･ノヴァ"),
    ("น้ำ", "น้\u0e4d\u0e32"),
    ("R²", "R2"),
)

#: A text, the names looked for, and those that it has.
MENTIONS = (
    ("MIRA waves.", ["Mira"], {"Mira"}),
    ("Mira's lantern", ["Mira"], {"Mira"}),
    ("Mirage at sea, admiral", ["Mira"], set()),
    ("Big Buck Bunny hops", ["Buck", "Big Buck Bunny"], {"Big Buck Bunny"}),
    ("Buck meets Big  Buck\nBunny", ["Buck", "Big Buck Bunny"], {"Buck", "Big Buck Bunny"}),
    ("her red coat", ["Red coat", "blue hat"], {"Red coat"}),
    ("infrared coats", ["red coat"], set()),
    ("Rene\u0301e laughs", ["Ren\u00e9e"], {"Ren\u00e9e"}),
    ("Zoe\u0308 laughs", ["Zoe"], set()),
    ("R2 and C(3)", ["R2", "C(3)"], {"R2", "C(3)"}),
    ("nothing", [], set()),
    # Japanese: particles touch names; a word of katakana is whole.
    ("ミラが歩く", ["ミラ"], {"ミラ"}),
    ("港でミラとブラムが待つ", ["ミラ", "ブラム", "ピップ"], {"ミラ", "ブラム"}),
    ("カミラは鏡ミラーを見る", ["ミラ"], set()),
    ("さくらは山田太郎を見る", ["さくら", "山田 太郎"], {"さくら", "山田 太郎"}),
    ("夕暮れの港でMiraが手を振る", ["Mira"], {"Mira"}),
    # Chinese, also in traditional form.
    ("小明在灯塔旁挥手", ["小明", "小红"], {"小明"}),
    ("王小明和李華走進房間", ["王小明", "小明", "李華"], {"王小明", "李華"}),
    # Thai, Lao, Khmer, Burmese: a vowel or mark makes another syllable.
    ("มานีเดินไปโรงเรียนกับปิติ", ["มานี", "ปิติ"], {"มานี", "ปิติ"}),
    ("เขาเมาแล้ว", ["มา"], set()),
    ("มานะวิ่ง", ["มาน"], set()),
    ("ນາງຄຳຍ່າງໄປ", ["ຄຳ"], {"ຄຳ"}),
    ("សុខាដើរ", ["សុខា", "សុខ"], {"សុខា"}),
    ("မောင်လှသွားသည်", ["မောင်လှ"], {"မောင်လှ"}),
    # Korean particles, Arabic and Hebrew prefixes.
    ("미라가 한나에게 손을 흔든다", ["미라", "한나"], {"미라", "한나"}),
    ("وميرا تضحك", ["ميرا"], {"ميرا"}),
    ("ذهب إليه وعليه", ["علي"], set()),
    ("הלך אל מירה ולנועם", ["מירה", "נועם"], {"מירה", "נועם"}),
    # Hindi has blanks.
    ("राम चलता है", ["राम"], {"राम"}),
    ("आराम करो", ["राम"], set()),
)
