"""Answers that are given again from memory, and how it is known that they still hold."""
