"""The words for every code that people see, in zh_CN and en: data, and three small look-ups.

A reason has two texts: a short word for the resident, and a sentence with the next step for the
volunteer. Everything else has one short word. A test fails when a code has no words here.
"""

import enum
from collections.abc import Mapping
from typing import Any, Final, Literal

from checkpoint.alerts import AlertCode, Severity
from checkpoint.policy import Direction
from checkpoint.records import Device, DeviceState, Result
from checkpoint.rules import Flag, Reason

Language = Literal["zh_CN", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh_CN", "en")
Words = dict[Language, str]


def _words(zh: str, en: str) -> Words:
    return {"zh_CN": zh, "en": en}


REASONS: Final[dict[Reason, dict[Language, tuple[str, str]]]] = {
    Reason.UNKNOWN_CODE: {
        "zh_CN": ("不是通行证", "这个二维码不是通行证。请出示通行证;没有的,由值守人员登记。"),
        "en": (
            "Not a pass",
            "This code is not a pass. Ask for the pass; without one, register the visitor.",
        ),
    },
    Reason.FORGED: {
        "zh_CN": ("通行证无效", "签名不符,疑似伪造。请勿放行,核对身份并报告社区。"),
        "en": (
            "Pass not genuine",
            "The signature is wrong. Do not admit; check who it is and tell the office.",
        ),
    },
    Reason.MALFORMED: {
        "zh_CN": ("通行证读不出", "内容残缺或损坏。请重新出示;仍不行,请到社区补办。"),
        "en": (
            "Pass unreadable",
            "The pass is damaged or incomplete. Show it again, or have it issued anew.",
        ),
    },
    Reason.UNKNOWN_KEY: {
        "zh_CN": ("不认识的签发方", "签发密钥不认识或已停用。请核对身份,到社区换发通行证。"),
        "en": (
            "Issuer not known",
            "Its issuing key is unknown or retired. Check who it is; the office can issue anew.",
        ),
    },
    Reason.NOT_YET_VALID: {
        "zh_CN": ("尚未生效", "通行证还没到生效时间。请核对日期,由值守人员决定。"),
        "en": (
            "Not valid yet",
            "The pass begins later. Check its date and decide with the bearer.",
        ),
    },
    Reason.EXPIRED: {
        "zh_CN": ("已过期", "通行证已过期。请核对身份,由值守人员决定,并提醒换发。"),
        "en": (
            "Expired",
            "The pass has run out. Check who it is, decide, and ask them to renew it.",
        ),
    },
    Reason.WRONG_COMPOUND: {
        "zh_CN": ("非本小区", "这是其他小区的通行证。请其返回本人小区,或按访客登记。"),
        "en": (
            "Other compound",
            "This pass belongs to another compound. Send them there, or register a visitor.",
        ),
    },
    Reason.REVOKED: {
        "zh_CN": ("已作废", "通行证已作废。请收回旧证,核对身份,使用新证。"),
        "en": (
            "Pass withdrawn",
            "This pass was withdrawn. Take it back and ask for the new one.",
        ),
    },
    Reason.UNKNOWN_PERSON: {
        "zh_CN": ("名册中没有", "通行证是真的,但名册里没有此人。请联系社区核实。"),
        "en": (
            "Not on the roster",
            "The pass is genuine, but nobody on the roster has it. Ask the office.",
        ),
    },
    Reason.VACANT_HOUSEHOLD: {
        "zh_CN": ("登记为空房", "该户登记为空房。请询问住处,联系社区核实。"),
        "en": (
            "Home listed as vacant",
            "Nobody should live there. Ask where they live and check with the office.",
        ),
    },
    Reason.NO_READING: {
        "zh_CN": ("未测到体温", "没有测到体温。请站近一些重测,或用手持体温计。"),
        "en": (
            "No temperature",
            "Nothing was measured. Step closer and measure again, or use the hand-held one.",
        ),
    },
    Reason.SENSOR_FAULT: {
        "zh_CN": ("体温计故障", "体温计有故障。请用手持体温计,并报修。"),
        "en": (
            "Thermometer fault",
            "The thermometer is faulty. Use the hand-held one and report it.",
        ),
    },
    Reason.AMBIENT_OUT_OF_RANGE: {
        "zh_CN": ("环境温度不适", "环境太冷或太热,读数不可信。请用手持体温计。"),
        "en": (
            "Too cold or hot here",
            "The air is outside the sensor's range. Use the hand-held thermometer.",
        ),
    },
    Reason.FEVER: {
        "zh_CN": ("体温偏高", "请带到一旁休息,用手持体温计复测,并通知社区医务人员。"),
        "en": (
            "High temperature",
            "Take them aside, measure by hand, and call the community's medical staff.",
        ),
    },
    Reason.UNSURE: {
        "zh_CN": ("体温不确定", "几次读数不一致。请站定重测,或用手持体温计。"),
        "en": (
            "Temperature unsure",
            "The readings disagree. Stand still and measure again, or use the hand-held one.",
        ),
    },
    Reason.TOO_LOW: {
        "zh_CN": ("体温读数过低", "读数过低。请露出额头重测,或用手持体温计。"),
        "en": (
            "Reading too low",
            "The reading is too low to be true. Uncover the forehead and measure again.",
        ),
    },
    Reason.CLOCK_UNTRUSTED: {
        "zh_CN": ("时钟未校准", "本机时钟未校准,无法核对有效期。请人工核对日期。"),
        "en": (
            "Clock not set",
            "This gate's clock is not set, so dates cannot be judged. Check them by eye.",
        ),
    },
    Reason.ROSTER_STALE: {
        "zh_CN": ("名册过旧", "名册太久没有更新。请人工核对身份,并检查网络。"),
        "en": (
            "Roster out of date",
            "The roster has not been renewed for long. Check who it is, and the network.",
        ),
    },
    Reason.JOURNAL_DOWN: {
        "zh_CN": ("无法记录", "本机无法写入记录。请用纸登记后人工放行,并报修。"),
        "en": (
            "Cannot record",
            "This gate cannot write its log. Note the passage on paper and report it.",
        ),
    },
    Reason.LOCK_DOWN: {
        "zh_CN": ("门锁故障", "门锁没有响应。请人工开门并登记,同时报修。"),
        "en": (
            "Lock fault",
            "The lock does not answer. Open by hand, note the passage, and report it.",
        ),
    },
}

RESULTS: Final = {
    Result.ADMIT: _words("放行", "Admitted"),
    Result.HOLD: _words("暂缓", "Held"),
    Result.REFUSE: _words("拒绝", "Refused"),
}

FLAGS: Final = {
    Flag.UNKNOWN_VISITOR: _words("陌生来访", "Unknown visitor"),
    Flag.FORGED_PASS: _words("伪造通行证", "Forged pass"),
    Flag.NOT_YET_VALID: _words("尚未生效", "Not valid yet"),
    Flag.EXPIRED: _words("已过期", "Expired"),
    Flag.REVOKED_PASS_USED: _words("使用作废证", "Withdrawn pass used"),
    Flag.VACANT_HOUSEHOLD: _words("空房有人", "Vacant home in use"),
    Flag.FEVER: _words("发热", "Fever"),
    Flag.DEGRADED: _words("降级运行", "Gate degraded"),
}

ALERTS: Final = {
    AlertCode.FEVER: _words("发热", "Fever"),
    AlertCode.UNKNOWN_VISITOR: _words("陌生来访", "Unknown visitor"),
    AlertCode.FORGED_PASS: _words("伪造通行证", "Forged pass"),
    AlertCode.REVOKED_PASS_USED: _words("使用作废证", "Withdrawn pass used"),
    AlertCode.VACANT_HOUSEHOLD: _words("空房有人", "Vacant home in use"),
    AlertCode.DEVICE_FAULT: _words("设备故障", "Device fault"),
    AlertCode.CLOCK_UNTRUSTED: _words("时钟未校准", "Clock not set"),
    AlertCode.JOURNAL_DAMAGED: _words("记录受损", "Journal damaged"),
    AlertCode.DOWNLINK_REFUSED: _words("下发内容被拒", "Instruction refused"),
    AlertCode.RECORD_QUARANTINED: _words("记录已隔离", "Record quarantined"),
}

SEVERITIES: Final = {
    Severity.ACT_NOW: _words("立即处理", "Act now"),
    Severity.LOOK_TODAY: _words("今日查看", "Look today"),
    Severity.NOTE: _words("备注", "Note"),
}

DEVICES: Final = {
    Device.CAMERA: _words("摄像头", "Camera"),
    Device.THERMOMETER: _words("体温计", "Thermometer"),
    Device.LOCK: _words("门锁", "Lock"),
    Device.JOURNAL: _words("本机记录", "Journal"),
}

DEVICE_STATES: Final = {
    DeviceState.OK: _words("正常", "works"),
    DeviceState.GONE: _words("无响应", "does not answer"),
    DeviceState.FAULTY: _words("故障", "faulty"),
}

DIRECTIONS: Final = {
    Direction.IN: _words("进", "In"),
    Direction.OUT: _words("出", "Out"),
}

# By type first: FEVER the flag, FEVER the alert and FEVER the reason are equal as texts.
_BY_TYPE: Final[Mapping[type[enum.Enum], Mapping[Any, Words]]] = {
    Result: RESULTS,
    Flag: FLAGS,
    AlertCode: ALERTS,
    Severity: SEVERITIES,
    Device: DEVICES,
    DeviceState: DEVICE_STATES,
    Direction: DIRECTIONS,
}


def word(code: enum.Enum, language: Language) -> str:
    """The short word for a Reason, Result, Flag, AlertCode, Severity, Device, DeviceState or Direction."""
    if isinstance(code, Reason):
        return REASONS[code][language][0]
    return _BY_TYPE[type(code)][code][language]


def next_step(reason: Reason, language: Language) -> str:
    """The sentence that tells the volunteer what to do now."""
    return REASONS[reason][language][1]


def degrees(centicelsius: int) -> str:
    """A temperature as people read it: 3662 -> ``36.6 °C``.

    Cut to tenths, not rounded: a 37.29 that passed must not be shown as the 37.3 that would not have.
    """
    return f"{centicelsius // 10 / 10:.1f} °C"
