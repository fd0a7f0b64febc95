"""POST /requests: a volunteer asks, the loop answers; POST /codes: what a scanner has typed into the page; POST
/emergency; GET /state: what the gate remembers.

All need the token of this start in ``X-Gatepost-Token``: the page has it from its own HTML, the command line from
a file that only the gate's user can read. A page of another site has neither.
"""

import hmac
import json
from concurrent.futures import TimeoutError as AnswerTimeout
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from fastapi import FastAPI, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from checkpoint.gate.events import OpeningAsked
from checkpoint.gate.state import GateState
from checkpoint.records import Cause
from config.log_lines import logger
from kiosk.screen.board import Board
from kiosk.screen.request_queue import RequestQueue
from kiosk.screen.requests import BadRequest, read_request

TOKEN_FILE: Final = "desk-token"
_LOG = logger()
MAX_BODY_BYTES: Final = 16_384
LONGEST_CODE: Final = 4296
"""Characters in the largest QR code (ISO/IEC 18004, version 40-L, alphanumeric)."""
ANSWER_WITHIN_S: Final = 30.0
"""A volunteer has 15 s to show the duty pass."""
Token = Annotated[str, Header(alias="X-Gatepost-Token")]


@dataclass(frozen=True, slots=True)
class RequestRoutes:
    """What the page needs to hand requests on."""

    request_queue: RequestQueue
    sealing: X25519PublicKey | None
    token: str


def new_token() -> str:
    """A token for this start."""
    return token_hex(16)


def start_of(token: str) -> str:
    """A name for this start that may be told to everybody."""
    return sha256(token.encode()).hexdigest()[:16]


def leave_token(folder: Path, address: str, token: str) -> None:
    """Tell the command line, in the gate's data folder, where to ask and with which token; a full disk costs that."""
    path = folder / TOKEN_FILE
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"address": address, "token": token}) + "\n", encoding="ascii")
    except OSError as error:
        _LOG.error("the command line cannot ask this gate", why=f"{path}: {error.strerror}")


def add_requests(app: FastAPI, board: Board, asking: RequestRoutes) -> None:
    """Put both addresses into the page's application."""

    def known(token: str) -> bool:
        return hmac.compare_digest(token.encode(), asking.token.encode())

    @app.post("/requests")
    async def ask(request: Request, token: Token = "") -> Response:
        if not known(token):
            return _refusal(403, "the token is another start's; reload the page")
        body = await request.body()
        if len(body) > MAX_BODY_BYTES:
            return _refusal(413, f"more than {MAX_BODY_BYTES} bytes")
        try:
            answer = asking.request_queue.ask(read_request(body, asking.sealing))
            objection = await run_in_threadpool(answer.result, ANSWER_WITHIN_S)
        except BadRequest as error:
            return _refusal(400, str(error))
        except AnswerTimeout:
            return _refusal(504, "the gate has not answered")
        if objection is None:
            return JSONResponse({"done": True})
        return JSONResponse({"done": False, "objection": objection.value}, status_code=409)

    @app.post("/codes")
    async def scanned(request: Request, token: Token = "") -> Response:
        """The text as it is; whether it is a pass is the core's to say."""
        if not known(token):
            return _refusal(403, "the token is another start's; reload the page")
        code = (await request.body()).decode("utf-8", "replace").strip()
        if not 0 < len(code) <= LONGEST_CODE:
            return _refusal(400, f"a code has 1 to {LONGEST_CODE} characters")
        asking.request_queue.scanned(code)
        return JSONResponse({"done": True})

    @app.post("/emergency")
    def emergency(token: Token = "") -> Response:
        """Nobody needs to be on duty, and nothing but the loop and the lock to work."""
        if not known(token):
            return _refusal(403, "the token is another start's; reload the page")
        asking.request_queue.tell(
            OpeningAsked(Cause.EMERGENCY, reason="held down on the gate's page")
        )
        return JSONResponse({"done": True})

    @app.get("/state")
    def state(token: Token = "") -> Response:
        if not known(token):
            return _refusal(403, "the token is another start's; reload the page")
        return Response(
            msgspec.json.encode(_as_json(board.state_now())), media_type="application/json"
        )


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"done": False, "why": why}, status_code=status)


def _as_json(state: GateState) -> dict[str, object]:
    """Who is held, who is on duty, what can be undone: what a volunteer decides upon."""
    cases = [
        {
            "case": case.passage_at_us,
            "reason": case.verdict.reason,
            "flags": sorted(case.verdict.flags),
            "direction": case.attempt.direction.value,
            "person": None if resident is None else resident.id,
            "name": None if resident is None else resident.name,
            "celsius": [
                None
                if reading.estimate_centicelsius is None
                else reading.estimate_centicelsius / 100
                for reading in case.readings
            ],
        }
        for case in state.cases
        for resident in (case.attempt.scan.standing.resident,)
    ]
    return {
        "phase": type(state.phase).__name__,
        "cases": cases,
        "on_duty": list(state.on_duty),
        "undo": None if state.undoable is None else state.undoable.passage_at_us,
    }
