"""Somebody adds a file that is not what its name says: it is refused, and nothing of what they typed is lost."""

import re

from playwright.sync_api import expect

from onthaal.words import words
from tests.journeys.citizen import CERTIFICATE, photo
from tests.journeys.papers import Papers

PAGE = b"<!doctype html><title>ik</title><script>fetch('/mine/')</script>"
REMARK = "Ik kom liefst op woensdag"


def test_a_page_that_calls_itself_a_photo_is_refused_and_nothing_typed_is_lost(papers: Papers) -> None:
    nora = papers.citizen("nora")
    nora.signs_in()
    nora.answers("voorlopig-rijbewijs", remark=REMARK)
    nora.attaches(photo=PAGE, certificate=CERTIFICATE)
    shown = nora.page.locator("main")
    expect(nora.page.get_by_role("alert")).to_contain_text(words("why.attachment-wrong", "nl"))
    expect(nora.page.locator("[name=place]").first).to_be_checked()
    expect(shown.get_by_text(words("portal.apply.attached", "nl"), exact=True)).to_have_count(1)

    nora.visits("apply/voorlopig-rijbewijs/")
    expect(nora.page.locator("[name=email]")).to_have_value(nora.email)
    expect(nora.page.locator("[name=remark]")).to_have_value(REMARK)
    nora.visits("apply/voorlopig-rijbewijs/details/")
    nora.attaches(photo=photo())
    expect(nora.page).to_have_url(re.compile(r"/check/"))
    for said in (nora.email, REMARK):
        expect(shown).to_contain_text(said)
    expect(shown.locator("figure.attached")).to_have_count(2)
