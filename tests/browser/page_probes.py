"""Scripts that inspect a page in the browser, and what prepares a page for them."""

from pathlib import Path

CONTRAST = (Path(__file__).parent / "report_probe.js").read_text()
SPILT = (Path(__file__).parent / "spill_probe.js").read_text()
#: Lays everything out, including what the page defers until it is scrolled into view.
SHOW_ALL = "* { content-visibility: visible !important; transition: none !important; }"
OPEN_ALL = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
#: What scrolls, but not by keyboard.
UNREACHABLE = """() => [...document.querySelectorAll("header *, main *")].filter((one) => {
  const { overflowX, overflowY } = getComputedStyle(one);
  const wide = /auto|scroll/.test(overflowX) && one.scrollWidth > one.clientWidth + 1;
  const high = /auto|scroll/.test(overflowY) && one.scrollHeight > one.clientHeight + 1;
  return (wide || high) && one.tabIndex < 0;
}).map((one) => one.className)"""
#: What scrolls sideways. Only rows of chips and frames, which are operated by touch, may do so.
SIDEWAYS = """() => [...document.querySelectorAll("body *")].filter((one) =>
  /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1
  && !one.matches(".filters, .strip, .stage")).map((one) => `${one.tagName}.${one.className}`)"""
#: A word that is wider than a phone.
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten" * 4
