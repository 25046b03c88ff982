"""openapi-core validates requests and responses, independently of the SDK, the mock and schemathesis."""

from openapi_core import OpenAPI

from .spec import SPEC

# For any host: the tests' servers are not among those of the contract.
CONTRACT = OpenAPI.from_dict({**SPEC, "servers": [{"url": "/"}]})
