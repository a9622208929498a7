"""What crosses the wire for accounts."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from app.people.rules import Reach
from app.wire import In

Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Days = Literal[7, 30, 90, 365]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class SignIn(In):
    """A name, a password, and for those who have a second factor its code (or a recovery code)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "can-bo-01", "password": "four words are long enough"}]},
    )

    name: Name
    password: Password
    code: Code | None = None


class DeviceIn(SignIn):
    """A sign-in on a phone; `device` is what its owner calls it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "can-bo-01", "password": "four words are long enough", "device": "Điện thoại trực"}
            ]
        },
    )

    device: Label


class Holder(BaseModel):
    """Whose phone it is."""

    id: int
    name: str
    role: str


class DeviceOut(BaseModel):
    """A phone that was signed in; `token` goes into `Authorization: Bearer`, and is never shown again.

    `unlock_key` (base64url of 32 bytes) opens what phones keep sealed for this person; the same at every sign-in.
    """

    id: int
    device: str
    token: str
    expires_at: datetime
    person: Holder
    unlock_key: str


class Device(BaseModel):
    """A phone that is signed in."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime


class Devices(BaseModel):
    """A person's phones, newest first."""

    devices: list[Device]


class TokenIn(In):
    """A token to make: its name, how far it reaches, for how many days; and who asks for it proves it once more.

    `code`: of the second factor, for those who have one (or a recovery code).
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "QGIS", "scope": "internal", "days": 90, "password": "four words are long enough"}
            ]
        },
    )

    name: Label
    scope: Reach
    days: Days
    password: Password
    code: Code | None = None


class TokenOut(BaseModel):
    """A token that was made; `token` is never shown again."""

    id: int
    name: str
    scope: Reach
    token: str
    expires_at: datetime


class ToolToken(Device):
    """A token of a tool."""

    scope: Reach


class ToolTokens(BaseModel):
    """A person's tokens for tools, newest first."""

    tokens: list[ToolToken]


class Me(BaseModel):
    """Who is signed in."""

    name: str
    role: str | None
    units: list[str]
