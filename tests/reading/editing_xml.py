"""The shape of editing XML: the part of the published document types that a board needs.

Of FCPXML 1.9 and of the Final Cut Pro 7 elements that Apple's references list, with their children
in the order that those demand.
"""

from __future__ import annotations

import io

from lxml import etree

FCPXML = """
<!ELEMENT fcpxml (resources?, library)>
<!ATTLIST fcpxml version CDATA #FIXED "1.9">
<!ELEMENT resources (asset | format)*>
<!ELEMENT format EMPTY>
<!ATTLIST format id ID #REQUIRED name CDATA #IMPLIED frameDuration CDATA #IMPLIED
  width CDATA #IMPLIED height CDATA #IMPLIED>
<!ELEMENT asset (media-rep+, metadata?)>
<!ATTLIST asset id ID #REQUIRED name CDATA #IMPLIED start CDATA #IMPLIED duration CDATA #IMPLIED
  hasVideo CDATA #IMPLIED format IDREF #IMPLIED videoSources CDATA #IMPLIED>
<!ELEMENT media-rep EMPTY>
<!ATTLIST media-rep kind (original-media | proxy-media) "original-media" src CDATA #REQUIRED>
<!ELEMENT metadata (md*)>
<!ELEMENT md EMPTY>
<!ATTLIST md key CDATA #REQUIRED value CDATA #IMPLIED>
<!ELEMENT library (event*)>
<!ELEMENT event (project*)>
<!ATTLIST event name CDATA #IMPLIED>
<!ELEMENT project (sequence)>
<!ATTLIST project name CDATA #IMPLIED>
<!ELEMENT sequence (note?, spine, metadata?)>
<!ATTLIST sequence format IDREF #REQUIRED duration CDATA #IMPLIED tcStart CDATA #IMPLIED
  tcFormat (DF | NDF) #IMPLIED>
<!ELEMENT spine (video | gap)*>
<!ELEMENT video (note?, marker*)>
<!ATTLIST video ref IDREF #REQUIRED offset CDATA #IMPLIED name CDATA #IMPLIED start CDATA #IMPLIED
  duration CDATA #REQUIRED>
<!ELEMENT gap (note?, marker*)>
<!ATTLIST gap name CDATA #IMPLIED offset CDATA #IMPLIED start CDATA #IMPLIED
  duration CDATA #REQUIRED>
<!ELEMENT note (#PCDATA)>
<!ELEMENT marker EMPTY>
<!ATTLIST marker start CDATA #REQUIRED duration CDATA #IMPLIED value CDATA #REQUIRED
  note CDATA #IMPLIED>
"""

_TEXTS = (
    "name duration timebase ntsc string frame displayformat width height pixelaspectratio "
    "fielddominance enabled start end in out stillframe pathurl description scene comment "
    "effectid effectcategory effecttype mediatype"
)
XMEML = "\n".join(
    [
        "<!ELEMENT xmeml (sequence)>",
        "<!ATTLIST xmeml version CDATA #REQUIRED>",
        "<!ELEMENT sequence (name, duration, rate, timecode, media, marker*)>",
        "<!ATTLIST sequence id ID #REQUIRED>",
        "<!ELEMENT rate (timebase, ntsc)>",
        "<!ELEMENT timecode (rate, string, frame, displayformat, reel?)>",
        "<!ELEMENT reel (name)>",
        "<!ELEMENT media (video)>",
        "<!ELEMENT video ((format, track) | samplecharacteristics)>",
        "<!ELEMENT format (samplecharacteristics)>",
        "<!ELEMENT samplecharacteristics (rate, width, height, pixelaspectratio, fielddominance)>",
        "<!ELEMENT track (clipitem | generatoritem)*>",
        "<!ELEMENT clipitem (name, enabled, duration, rate, start, end, in, out, stillframe, file,"
        " logginginfo, marker*)>",
        "<!ATTLIST clipitem id ID #REQUIRED>",
        "<!ELEMENT generatoritem (name, enabled, duration, rate, start, end, in, out, effect,"
        " marker*)>",
        "<!ATTLIST generatoritem id ID #REQUIRED>",
        "<!ELEMENT effect (name, effectid, effectcategory, effecttype, mediatype)>",
        "<!ELEMENT file (name, pathurl, duration, rate, timecode, media)>",
        "<!ATTLIST file id ID #REQUIRED>",
        "<!ELEMENT logginginfo (description, scene)>",
        "<!ELEMENT marker (name, comment, in, out)>",
        *(f"<!ELEMENT {name} (#PCDATA)>" for name in _TEXTS.split()),
    ]
)


def parse_checked(text: str, shape: str) -> etree._Element:
    """Parse a document by libxml2, which is not what wrote it, and check it against its shape."""
    document = etree.fromstring(text.encode())
    rules = etree.DTD(io.StringIO(shape))
    assert rules.validate(document), rules.error_log.filter_from_errors()
    return document
