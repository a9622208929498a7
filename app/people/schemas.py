"""What crosses the wire for accounts."""

from pydantic import BaseModel, ConfigDict, Field


class SignIn(BaseModel):
    """A name and a password."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "can-bo-01", "password": "four words are long enough"}]},
    )

    name: str = Field(min_length=1, max_length=80)
    password: str = Field(min_length=1, max_length=128)


class Me(BaseModel):
    """Who is signed in."""

    name: str
    role: str | None
    units: list[str]
