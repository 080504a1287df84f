"""Readers of the formats, one module for each page or message of schemas/spec."""
