"""What axe finds wrong with a page: put into every page of a window once, and asked for nothing but faults."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT

COLOURS_READ_ONCE = """
;(() => {
    const colour = axe.commons.color.Color.prototype, read = colour.parseString, known = new Map();
    colour.parseString = function (text) {
        if (known.has(text)) {
            [this.r, this.g, this.b, this.alpha] = known.get(text);
        } else {
            read.call(this, text);
            known.set(text, [this.r, this.g, this.b, this.alpha]);
        }
        return this;
    };
})();
"""
"""A page has ten colours and axe reads them five thousand times, each time as if any notation could come."""
SCRIPT = AXE_SCRIPT + COLOURS_READ_ONCE
"""For `add_init_script` of a window whose pages are all looked at, or for `evaluate` of one page."""
FAULTS = "options => axe.run(options).then(found => found.violations)"
"""To be evaluated with EVERY_RULE or other options: a list of violations, each with `id` and `nodes`."""
EVERY_RULE = {"resultTypes": ["violations"]}
TAGGED = {
    **EVERY_RULE,
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}
"""The success criteria to level AA, and what the makers of axe call good practice."""
