"""The detector: network, loss, data, decoding and measuring."""
