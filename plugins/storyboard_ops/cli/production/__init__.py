"""Make a production file from films: find figures, keep what people say, write the file."""
