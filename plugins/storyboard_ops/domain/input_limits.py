"""Bounds on everything that comes from outside: files, messages, pictures, films, web answers.

They are generous: no real film, picture or production file comes near them, and any input within
them needs less than 1 GB of memory; what exceeds them is refused within 10 s. SECURITY.md shows
them as a table. The comment after each value is its unit, then what the bound is for.
"""

from __future__ import annotations

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

# --- Objects in S3 ------------------------------------------------------------------------------
MOST_OBJECT_BYTES = 256 * MIB  # bytes: an object that is read whole, e.g. a manifest, a picture

# --- Text ---------------------------------------------------------------------------------------
MOST_JSON_BYTES = 8 * MIB  # bytes: a JSON document; Python needs up to 30 times as much memory
MOST_YAML_BYTES = 256 * KIB  # bytes: a YAML file; the bundled production has 7 KiB
MOST_SCRIPT_BYTES = 4 * MIB  # bytes: a screenplay; one page has 3 KiB, 10 KiB by Final Draft
MOST_SCRIPT_LINES = 100_000  # lines: of a screenplay, or notes in it; a long one has 10,000
MOST_SCENES = 1_000  # scenes: of one storyboard; a long screenplay has 300
MOST_PANELS = 5_000  # panels: of one storyboard; a screenplay of 190 scenes has some 900
MOST_CUT_BYTES = 32 * MIB  # bytes: an editor's cut of a storyboard; 5,000 panels as OTIO have 15
MOST_ANSWER_BYTES = 32 * MIB  # bytes: an answer of an image model; Bedrock sends at most 25 MB
MOST_RECORD_ITEMS = 500_000  # commas: in a record; each value at fault takes 1 KB to list
MOST_DEPTH = 64  # levels: nested lists and objects; manifests have 6
MOST_NUMBER_DIGITS = 400  # digits: one number; the largest float has 309

# --- Uploads ------------------------------------------------------------------------------------
MOST_MESSAGE_BYTES = 200_000  # bytes: a message about uploads; S3's own have some 1 to 4 KiB
MOST_RECORDS = 100  # records: of one message about uploads; S3 sends one each
MOST_WRAPPINGS = 2  # notifications: of SNS around a message; a topic adds one
MOST_KEY_BYTES = 1_024  # bytes: the key of an object, as S3 allows
MOST_RECEIVES = 15  # times: a message that is received more often is rejected
MOST_REASON = 1_000  # characters: why a message was rejected

# --- Pictures -----------------------------------------------------------------------------------
MOST_PICTURE_BYTES = 64 * MIB  # bytes: a reference picture; a lossless one of 8K has up to 50 MiB
MOST_REFERENCE_BYTES = 256 * MIB  # bytes: all reference pictures of a production
MOST_REFERENCE_NAME = 1_024  # characters: how a production file names one; an S3 key's limit
MOST_PICTURE_PIXELS = 64 * MIB  # pixels: 8,192 x 8,192; a frame of 8K has half as many
MOST_MODERN_PIXELS = 32 * MIB  # pixels: a WebP or AVIF file, whose decoders take more memory; 8K
MOST_SHRUNK_PIXELS = 128 * MIB  # pixels: a reference picture that is shrunk before its upload
MOST_PICTURE_SIDE = 16_384  # pixels: per side; as many as AV1's highest levels allow
MOST_PICTURE_PARTS = 1_000  # parts: segments of a JPEG before its pixels; a profile takes 255
MOST_PICTURE_TEXTS = 20  # texts: compressed ones in a PNG; each takes up to 8 MB and 0.1 s
MOST_PICTURE_SCANS = 64  # scans: of a progressive JPEG; encoders write 10

# --- Films --------------------------------------------------------------------------------------
MOST_FILM_PACKETS = 2_600_000  # packets: coded pictures of a film, as in 24 h at 30 per second
MOST_TRACK_SAMPLES = 6_000_000  # samples: one track of an MP4; 24 h of coded sound have 4.1 M
MOST_CONTAINER_SAMPLES = 16_000_000  # samples: all tracks of an MP4; 24 h with two of sound: 11 M
MOST_EDITED_SAMPLES = 32_000_000  # samples: entries of an edit list times samples of its track
MOST_TRACKS = 200  # tracks: a broadcast multiplex has about 100
MOST_MOVIE_HEAD = 256 * MIB  # bytes: description of an MP4; 24 h at 60 per second need 165 MiB
MOST_INDEX_BYTES = 512 * MIB  # bytes: the index of a film's packets, uncompressed; 43 per packet
MOST_PACKET_BYTES = 256 * MIB  # bytes: one coded picture; uncompressed 8K with 16 bits has 190 MiB
MOST_FILM_HOURS = 168  # hours: from the first picture to the last
MOST_FILM_SAMPLES = 10_000_000  # samples: of a film at the interval of a run

# --- The web ------------------------------------------------------------------------------------
MOST_WEB_CONNECT_S = 10  # seconds: until a server accepts a connection
MOST_WEB_SILENCE_S = 20  # seconds: between two parts of an answer
MOST_WEB_TOTAL_S = 120  # seconds: for a whole answer; one has at most 8 MiB
MOST_REDIRECTS = 5  # redirections: of one link, all on its host

# --- Messages to people -------------------------------------------------------------------------
MOST_SHOWN_VALUE = 200  # characters: a value that is quoted in an error
MOST_ERROR_TEXT = 4_000  # characters: a whole error text
MOST_SHOWN_FAULT = 1_000  # characters: one fault; some list all that is allowed
MOST_FAULTS = 20  # faults: listed in one error; the others are counted
