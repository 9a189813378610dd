"""Playing the phone: over the control interface, and what cannot be done there."""

from __future__ import annotations

import httpx
import pytest

from tests.identity_contract.relying import Asking, browse, comes_back
from tests.provider.line import NO_ROOTS
from tests.simulator.conftest import Standing
from tests.simulator.process import start


def waiting_page(asking: Asking) -> httpx.Response:
    page = browse(asking.url)
    assert isinstance(page, httpx.Response)
    assert page.status_code == 200
    return page


def test_a_phone_answers_what_waits(standing: Standing) -> None:
    asking = standing.relying.wall(text="Aalter, Europalaan 22, muur 1: <b>48</b>")
    page = waiting_page(asking)
    assert "muur 1: <b>48</b>" in page.text
    waits = standing.running.state()["waiting"][0]
    assert (waits["client"], waits["service"], waits["advanced"]) == ("aalter", "WALL", True)
    assert waits["text"] == "Aalter, Europalaan 22, muur 1: <b>48</b>"
    told = standing.running.posts("phone", {"citizen": "bram", "answer": "approve"})
    assert told == (200, {"answered": waits["handle"]})
    assert "code" in comes_back(str(page.url))


def test_an_outcome_is_brought_back_once(standing: Standing) -> None:
    page = waiting_page(standing.relying.portal())
    standing.phone("approve")
    assert "code" in comes_back(str(page.url))
    again = browse(str(page.url))
    assert isinstance(again, httpx.Response)
    assert again.status_code == 410


def test_an_answer_given_beforehand_is_for_one_sign_in(standing: Standing) -> None:
    standing.phone("refuse")
    assert comes_back(standing.relying.portal().url)["error"] == "access_denied"
    waiting_page(standing.relying.portal())


def test_wait_takes_back_what_was_said_beforehand(standing: Standing) -> None:
    standing.phone("approve")
    standing.phone("wait")
    waiting_page(standing.relying.portal())


def test_another_person_may_approve(standing: Standing) -> None:
    subjects = []
    for answer in ("approve", "other"):
        asking = standing.relying.portal()
        standing.phone(answer, citizen="emma")
        given = standing.relying.exchange(asking, comes_back(asking.url)["code"]).json()
        subjects.append(standing.relying.read(given["id_token"])[2]["sub"])
    assert subjects[0] != subjects[1]


@pytest.mark.parametrize("how", ["said", "passed"])
def test_time_runs_out(standing: Standing, how: str) -> None:
    page = waiting_page(standing.relying.portal())
    if how == "said":
        standing.phone("time-out")
    else:
        standing.clock.write_text("181")
    back = comes_back(str(page.url))
    assert back["error"] == "access_denied"
    assert "time" in back["error_description"]
    assert standing.running.state()["waiting"] == []


def test_a_confirmation_for_one_person_is_approved_by_no_other(standing: Standing) -> None:
    first = standing.relying.portal()
    standing.phone("approve")
    given = standing.relying.exchange(first, comes_back(first.url)["code"]).json()
    emma = standing.relying.read(given["id_token"])[2]["sub"]
    page = waiting_page(standing.relying.portal(claims=f'{{"userinfo": {{"sub": {{"value": "{emma}"}}}}}}'))
    status, told = standing.running.posts("phone?lang=nl", {"citizen": "bram", "answer": "approve"})
    assert (status, told["why"]) == (409, "not_this_phone")
    assert told["error"] == "Deze vraag is voor iemand anders."
    standing.phone("approve", citizen="emma")
    assert "code" in comes_back(str(page.url))


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ({"citizen": "nobody", "answer": "approve"}, 409, "nobody"),
        ({"citizen": "emma", "answer": "approve", "handle": "unknown"}, 409, "over"),
        ({"citizen": "emma", "answer": "dance"}, 400, "malformed"),
        ({"answer": "approve"}, 400, "malformed"),
        ({"citizen": "emma", "answer": "approve", "extra": 1}, 400, "malformed"),
    ],
)
def test_what_no_phone_can_do_is_refused_in_words(
    standing: Standing, body: dict[str, object], status: int, why: str
) -> None:
    answered, told = standing.running.posts("phone", body)
    assert (answered, told["why"]) == (status, why)
    assert told["error"]


def test_a_page_elsewhere_cannot_press_the_phone(standing: Standing) -> None:
    body = {"citizen": "emma", "answer": "approve"}
    assert standing.running.posts("phone", body, origin="https://elsewhere.example")[0] == 403
    assert standing.running.posts("phone", body, host="elsewhere.example")[0] == 403


def test_a_provider_that_is_down_answers_nothing(standing: Standing) -> None:
    url = standing.relying.portal().url
    assert standing.running.posts("condition", {"state": "down"})[0] == 200
    for path in ("/.well-known/openid-configuration", "/jwkset"):
        assert httpx.get(standing.relying.issuer + path, trust_env=False, verify=NO_ROOTS).status_code == 503
    down = browse(url)
    assert isinstance(down, httpx.Response)
    assert down.status_code == 503
    assert standing.running.posts("condition", {"state": "up"})[0] == 200
    assert standing.relying.discovery()


def test_a_slow_provider_answers_late(standing: Standing) -> None:
    assert standing.running.posts("condition", {"state": "slow", "seconds": 3600})[0] == 200
    discovery = standing.relying.issuer + "/.well-known/openid-configuration"
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(discovery, timeout=httpx.Timeout(10, read=0.3), trust_env=False, verify=NO_ROOTS)
    assert standing.running.posts("condition", {"state": "slow", "seconds": 0})[0] == 200
    assert httpx.get(discovery, trust_env=False, verify=NO_ROOTS).status_code == 200
    assert standing.running.posts("condition", {"state": "slow", "seconds": -1})[0] == 400


def test_nothing_of_a_person_or_a_secret_is_logged(alone: Standing) -> None:
    asking = alone.relying.wall(text="Aalter, kluisje zeven")
    alone.phone("approve")
    assertion = alone.relying.assertion()
    code = comes_back(asking.url)["code"]
    given = alone.relying.exchange(asking, code, assertion=assertion).json()
    alone.relying.exchange(asking, code)
    alone.relying.userinfo(given["access_token"])
    comes_back(alone.relying.portal(scope="openid").url)
    citizens = alone.running.state()["citizens"]
    said = alone.running.stopped()
    assert "request refused" in said
    assert "token refused" in said
    personal = [who[name] for who in citizens for name in ("national_number", "name", "birthdate")]
    secret = [
        code, assertion, asking.state, asking.nonce, asking.verifier, given["access_token"], given["id_token"],
        "kluisje zeven",
    ]  # fmt: skip
    assert [each for each in (*personal, *secret) if each in said] == []


def test_who_was_known_is_known_after_a_new_start(alone: Standing) -> None:
    kept = alone.clock.parent / "data" / "keys.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    keys = [each.kid for each in alone.relying.keys_of_provider()]
    alone.running.stopped()
    again = start("--data", str(kept.parent))
    try:
        alone.relying.issuer = again.issuer
        assert [each.kid for each in alone.relying.keys_of_provider()] == keys
    finally:
        again.stopped()
