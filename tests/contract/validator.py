"""openapi-core: a judge of requests and answers that has nothing to do with the SDK, the mock or schemathesis."""

from openapi_core import OpenAPI

from .spec import SPEC

# Whatever the host: the tests' own are not among the contract's servers.
CONTRACT = OpenAPI.from_dict({**SPEC, "servers": [{"url": "/"}]})
