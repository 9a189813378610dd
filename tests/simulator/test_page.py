"""The pages in a real browser: a person scans, plays the phone, and is sent back; with and without script."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests import axe
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.simulator.conftest import Standing

BACK = re.compile(r"^https://aalter\.example/")

# One browser for all stories, so one loop for all of them; each has windows of its own.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[
                *ARGUMENTS,
                # The municipality's own page is not there: that the browser goes to it is what counts.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )  # fmt: skip
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def browser(started: Browser) -> AsyncIterator[Browser]:
    """The browser of these stories, without a window of the story before."""
    yield started
    for context in started.contexts:
        await context.close()


async def window(browser: Browser, *, script: bool = True) -> Page:
    context = await browser.new_context(
        java_script_enabled=script, viewport={"width": 480, "height": 900}, reduced_motion="reduce"
    )
    return await context.new_page()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_somebody_approves_on_the_phone_and_the_page_goes_on(
    standing: Standing, browser: Browser, script: bool
) -> None:
    kiosk, phone = await window(browser, script=script), await window(browser, script=script)
    await kiosk.goto(standing.relying.wall(text="Aalter, Europalaan, muur 1: 48", ui_locales="nl").url)
    await expect(kiosk.get_by_text("SIMULATOR", exact=True)).to_be_visible()
    await expect(kiosk.get_by_role("heading", name="Scan deze code met uw telefoon")).to_be_visible()
    await expect(kiosk.get_by_text("Aalter, Europalaan, muur 1: 48")).to_be_visible()

    await phone.goto(standing.running.url + "phone?lang=nl")
    await phone.get_by_role("link", name="WALL").click()
    await expect(phone.get_by_text("Aalter, Europalaan, muur 1: 48")).to_be_visible()
    await phone.get_by_label("Bram Voorbeeld").check()
    await phone.get_by_label("Ik ben intussen aan het bellen").check()
    async with kiosk.expect_request(BACK) as went:
        await phone.get_by_role("button", name="Keur goed").press("Enter")
        await expect(phone.get_by_role("heading", name="Uw antwoord is weg")).to_be_visible()
    assert "code=" in (await went.value).url


async def test_on_the_same_phone_the_answer_leads_back_at_once(standing: Standing, browser: Browser) -> None:
    page = await window(browser)
    await page.goto(standing.relying.portal(ui_locales="fr").url)
    await page.get_by_role("link", name="J’ai l’app sur cet appareil").click()
    async with page.expect_request(BACK) as went:
        await page.get_by_role("button", name="Approuver").click()
    assert "code=" in (await went.value).url


@pytest.mark.parametrize(("button", "who"), [("Weiger", "phone"), ("Laat de tijd verlopen", "phone"), ("Stop", "page")])
async def test_who_does_not_want_to_goes_back(standing: Standing, browser: Browser, button: str, who: str) -> None:
    page = await window(browser)
    await page.goto(standing.relying.portal(ui_locales="nl").url)
    if who == "phone":
        await page.get_by_role("link", name="Ik heb de app op dit toestel").click()
    async with page.expect_request(BACK) as went:
        await page.get_by_role("button", name=button).click()
    assert "error=access_denied" in (await went.value).url


async def test_the_provider_is_switched_off_and_on_again(standing: Standing, browser: Browser) -> None:
    page = await window(browser)
    await page.goto(standing.running.url + "?lang=nl")
    await page.get_by_role("button", name="Buiten dienst").click()
    await expect(page.get_by_role("button", name="Buiten dienst", pressed=True)).to_be_visible()
    assert standing.running.state()["condition"]["state"] == "down"
    await page.get_by_role("button", name="Werkt").click()
    await expect(page.get_by_role("button", name="Werkt", pressed=True)).to_be_visible()


@pytest.mark.parametrize("lang", ["nl", "fr", "en"])
async def test_every_page_is_usable_for_everybody(standing: Standing, browser: Browser, lang: str) -> None:
    page = await window(browser)
    await page.context.add_init_script(axe.SCRIPT)
    await page.goto(standing.relying.wall(ui_locales=lang).url)
    handle = standing.running.state()["waiting"][0]["handle"]
    wrong = standing.relying.portal(client_id="somebody").url
    phones, one, over = (f"{standing.running.url}phone{path}?lang={lang}" for path in ("", f"/{handle}", "/gone"))
    for address in (None, phones, one, over, f"{wrong}&lang={lang}"):
        if address is not None:
            await page.goto(address)
        found = await page.evaluate(axe.FAULTS, axe.TAGGED)
        assert found == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= 480
        if address != f"{wrong}&lang={lang}":
            assert await page.evaluate("document.documentElement.lang") == lang
