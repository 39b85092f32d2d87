//! What `reeve serve` runs: the services of one computer.
