"""Amazon Rekognition: labels, faces, collections and Custom Labels."""
