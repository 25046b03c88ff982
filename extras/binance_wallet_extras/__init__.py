"""What people use the client for: the command, the archive, exports, pictures and the report."""
