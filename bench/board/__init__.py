"""The review board in a browser: frames while people scroll and decide, by number of pictures."""
