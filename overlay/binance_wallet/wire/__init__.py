"""Where requests leave: httpx and its engine, held to a deadline for a whole call and to secrecy in every log."""
