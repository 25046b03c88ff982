"""What the exchange and the network can do to a call, on real sockets."""
