"""Arrays of pixels and rectangles on them: encoding, shape, quality, tone mapping."""
