"""What is asked of a page in the browser, and what is done to it before."""

from pathlib import Path

CONTRAST = (Path(__file__).parent / "report_probe.js").read_text()
SPILT = (Path(__file__).parent / "spill_probe.js").read_text()
#: Everything is laid out, also what the page leaves to the moment it is scrolled to.
SHOW_ALL = "* { content-visibility: visible !important; transition: none !important; }"
OPEN_ALL = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
#: A word that is longer than a phone is wide.
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten" * 4
