"""Where signed requests leave, and what keeps each way to its deadline and to secrecy."""
