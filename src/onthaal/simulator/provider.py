"""The provider while it runs: who waits for a phone, what was given out, and in what condition it is."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from onthaal.clock import Clock
from onthaal.simulator.asking import Asked, NotAsked, Reception, returned
from onthaal.simulator.citizens import Citizen, citizens
from onthaal.simulator.claims import Approval, Mode, told
from onthaal.simulator.clients import Client, Register
from onthaal.simulator.exchanging import Assertions, NotGiven, check_verifier
from onthaal.simulator.jose import nested
from onthaal.simulator.keys import ClientKeyrings, KeysUnreachable, OwnKeys

CODE_SECONDS: Final = 180
TOKEN_SECONDS: Final = 300
ACCESS_SECONDS: Final = 3600
WAITS_SECONDS: Final = 180
_KEPT_SECONDS: Final = 3600

Answer = Literal["approve", "refuse", "wait", "time-out", "other"]
Condition = Literal["up", "slow", "down"]


class Impossible(Exception):
    """Nobody can do that now; `why` names the words `simulator.impossible.<why>`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What a person does with their phone."""

    citizen: str
    answer: Answer
    ongoing_call: bool = False
    mode: Mode = "QR"


@dataclass(kw_only=True)
class Transaction:
    """One request waiting for its phone. `id` is the browser's, `handle` the phone's: neither tells the other."""

    id: str
    handle: str
    asked: Asked
    begun: float
    approval: Approval | None = None
    over: NotAsked | None = None
    gone_back: bool = False

    @property
    def expires(self) -> float:
        return self.begun + WAITS_SECONDS

    @property
    def answered(self) -> bool:
        return self.approval is not None or self.over is not None


@dataclass(kw_only=True)
class _Given:
    """A code that was given out, and the access token it became."""

    asked: Asked
    approval: Approval
    expires: float
    used: bool = False
    access: str | None = None


@dataclass(kw_only=True)
class _Access:
    asked: Asked
    approval: Approval
    expires: float


@dataclass(kw_only=True)
class Provider:
    """Everything but the wire."""

    issuer: str
    register: Register
    own: OwnKeys
    clock: Clock
    condition: Condition = "up"
    slow_seconds: float = 10.0
    _transactions: dict[str, Transaction] = field(default_factory=dict)
    _codes: dict[str, _Given] = field(default_factory=dict)
    _access: dict[str, _Access] = field(default_factory=dict)
    _next: Doing | None = None

    def __post_init__(self) -> None:
        self.keyrings = ClientKeyrings(self.clock.monotonic)
        self._assertions = Assertions(own=self.own, keyrings=self.keyrings, audience=f"{self.issuer}/token")

    def now(self) -> float:
        """Seconds since 1970, by our clock."""
        return self.clock.now().timestamp()

    def citizens(self) -> dict[str, Citizen]:
        """Everybody with a phone, by key."""
        return citizens(self.clock.now().date())

    def reception(self) -> Reception:
        """What it takes to read a request."""
        return Reception(
            register=self.register, own=self.own, keyrings=self.keyrings, issuer=self.issuer, now=self.now()
        )

    # -- the browser --------------------------------------------------------------------------------------------

    def begin(self, asked: Asked) -> Transaction:
        """Wait for a phone; one that was told beforehand what to do does it at once."""
        self._forget_old()
        begun = Transaction(
            id=secrets.token_urlsafe(24), handle=secrets.token_urlsafe(12), asked=asked, begun=self.now()
        )
        self._transactions[begun.id] = begun
        doing, self._next = self._next, None
        if doing is not None:
            self._do(begun, doing)
        return begun

    def at_browser(self, name: str) -> Transaction | None:
        """The transaction with this id, however it stands."""
        found = self._transactions.get(name)
        if found is not None:
            self._expire(found)
        return found

    def cancel(self, transaction: Transaction) -> None:
        """The person went away from the page."""
        if not transaction.answered:
            transaction.over = _denied(transaction, "the person cancelled")

    def way_back(self, transaction: Transaction) -> str:
        """Where the browser goes with the outcome, once. A code is born here. Raises Impossible."""
        if transaction.gone_back or not transaction.answered:
            raise Impossible("over")
        transaction.gone_back = True
        if transaction.over is not None:
            return transaction.over.address() or ""
        assert transaction.approval is not None
        code = str(uuid.UUID(bytes=secrets.token_bytes(16)))  # 36 characters, like theirs
        self._codes[code] = _Given(
            asked=transaction.asked, approval=transaction.approval, expires=self.now() + CODE_SECONDS
        )
        return returned(transaction.asked.redirect_uri, {"code": code, "state": transaction.asked.state})

    # -- the phone ----------------------------------------------------------------------------------------------

    def waiting(self) -> list[Transaction]:
        """Everything that waits for a phone, the newest first."""
        for each in self._transactions.values():
            self._expire(each)
        found = [each for each in self._transactions.values() if not each.answered]
        return sorted(found, key=lambda each: each.begun, reverse=True)

    def on_phone(self, handle: str) -> Transaction:
        """What waits under this handle. Raises Impossible."""
        found = next((each for each in self.waiting() if secrets.compare_digest(each.handle, handle)), None)
        if found is None:
            raise Impossible("over")
        return found

    def answer(self, transaction: Transaction, doing: Doing) -> None:
        """Do it with this transaction. Raises Impossible."""
        self._do(transaction, doing)

    def prepare(self, doing: Doing | None) -> None:
        """Do it with the next transaction that begins; None: nothing."""
        if doing is not None and doing.citizen not in self.citizens():
            raise Impossible("nobody")
        self._next = doing

    def _do(self, transaction: Transaction, doing: Doing) -> None:
        people = self.citizens()
        if doing.citizen not in people:
            raise Impossible("nobody")
        match doing.answer:
            case "refuse":
                transaction.over = _denied(transaction, "the person refused")
            case "time-out":
                transaction.over = _denied(transaction, "the person did not answer in time")
            case "approve" | "other":
                # Somebody else with a phone: the next one in the row.
                keys = list(people)
                at = keys.index(doing.citizen) + (doing.answer == "other")
                self._approve(transaction, people[keys[at % len(keys)]], doing)
            case "wait":
                pass

    def _approve(self, transaction: Transaction, who: Citizen, doing: Doing) -> None:
        wanted = transaction.asked.wishes.subject
        if wanted is not None and wanted != self.subject(transaction.asked.client, who):
            raise Impossible("not_this_phone")
        transaction.approval = Approval(citizen=who, ongoing_call=doing.ongoing_call, mode=doing.mode)

    # -- the client ---------------------------------------------------------------------------------------------

    async def exchange(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer of the token endpoint. Raises NotGiven."""
        if form.get("grant_type") != "authorization_code":
            raise NotGiven("unsupported_grant_type", "grant_type must be authorization_code")
        client = await self._assertions.check(form, self.register, self.now())
        given = self._take(form.get("code", ""), client)
        if form.get("redirect_uri") != given.asked.redirect_uri:
            raise NotGiven("invalid_grant", "redirect_uri is not the one of the request")
        check_verifier(form.get("code_verifier"), given.asked.challenge)
        access = given.access = secrets.token_urlsafe(32)
        self._access[access] = _Access(asked=given.asked, approval=given.approval, expires=self.now() + ACCESS_SECONDS)
        now = int(self.now())
        standing = {"nonce": given.asked.nonce, "iat": now, "exp": now + TOKEN_SECONDS}
        token = await self._token(given.asked, given.approval, given.asked.wishes.id_token, standing)
        return {"access_token": access, "token_type": "Bearer", "expires_in": ACCESS_SECONDS, "id_token": token}

    async def userinfo(self, access: str) -> str:
        """The nested token of the userinfo endpoint. Raises NotGiven."""
        found = self._access.get(access)
        if found is None or found.expires <= self.now():
            raise NotGiven("invalid_token", "the access token is not known or has expired", 401)
        return await self._token(found.asked, found.approval, found.asked.wishes.userinfo, {})

    def subject(self, client: Client, who: Citizen) -> str:
        """How this client knows this person."""
        return self.own.subject(client.client_id, who.key)

    def _take(self, code: str, client: Client) -> _Given:
        """The grant of a code, used up by this attempt whatever comes of it."""
        given = self._codes.get(code)
        if given is None or given.asked.client.client_id != client.client_id:
            raise NotGiven("invalid_grant", "the code is not known")
        if given.used:
            # Somebody else may have it: what it gave is taken back.
            self._access.pop(given.access or "", None)
            raise NotGiven("invalid_grant", "the code was used before")
        given.used = True
        if given.expires <= self.now():
            raise NotGiven("invalid_grant", "the code has expired")
        return given

    async def _token(
        self, asked: Asked, approval: Approval, names: tuple[str, ...], standing: Mapping[str, object]
    ) -> str:
        who = {"sub": self.subject(asked.client, approval.citizen), "aud": asked.client.client_id, "iss": self.issuer}
        values = told(names, approval, self.clock.now().date())
        try:
            keys = await self.keyrings.of(asked.client.jwks_uri)
            return nested({**values, **who, **standing}, signing=self.own.signing, to=keys.to_write_to())
        except KeysUnreachable as wrong:
            raise NotGiven("invalid_client", str(wrong), 401) from wrong

    def _expire(self, transaction: Transaction) -> None:
        if not transaction.answered and transaction.expires <= self.now():
            transaction.over = _denied(transaction, "the person did not answer in time")

    def _forget_old(self) -> None:
        before = self.now() - _KEPT_SECONDS
        self._transactions = {name: each for name, each in self._transactions.items() if each.begun > before}
        self._codes = {code: each for code, each in self._codes.items() if each.expires > before}
        self._access = {access: each for access, each in self._access.items() if each.expires > before}


def moment(seconds: float) -> str:
    """A moment as the control interface says it: ISO 8601, UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _denied(transaction: Transaction, description: str) -> NotAsked:
    return NotAsked("access_denied", description, transaction.asked.redirect_uri, transaction.asked.state)
