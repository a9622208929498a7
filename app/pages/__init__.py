"""The HTML pages: what people open in a browser."""
