"""httpx, held to this SDK's promises: a deadline for a whole call, no secret in any log, and little time of its own."""
