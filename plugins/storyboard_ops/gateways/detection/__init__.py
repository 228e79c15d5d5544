"""Call Rekognition: labels, faces and Custom Labels."""
