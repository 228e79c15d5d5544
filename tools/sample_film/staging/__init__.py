"""What a shot is made of: the camera, the stage with its layers, and the acting."""
