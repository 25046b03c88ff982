"""openapi-schema-validator validates bodies, independently of the SDK."""

from typing import Any

from openapi_schema_validator import OAS31Validator, oas31_format_checker

from .spec import SPEC


def is_allowed(schema: dict[str, Any], body: Any) -> bool:
    """Whether an independent validator finds nothing wrong with a body."""
    resolvable = {**schema, "components": SPEC["components"]}
    return OAS31Validator(resolvable, format_checker=oas31_format_checker).is_valid(body)
